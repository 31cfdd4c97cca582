/** Times as people say them, in their own time zone. */
import { daysAgo } from "./days.js";
import { lang, t } from "./texts.js";

const LOCALE = lang === "zh" ? "zh-CN" : "en-GB";
const clock = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const weekday = new Intl.DateTimeFormat(LOCALE, { weekday: "long" });
const monthDay = new Intl.DateTimeFormat(LOCALE, { month: "long", day: "numeric" });
const shortDay = new Intl.DateTimeFormat(LOCALE, { month: "numeric", day: "numeric" });
const fullDay = new Intl.DateTimeFormat(LOCALE, { year: "numeric", month: "long", day: "numeric" });

/** @param {string | number} at */
export function clockTime(at) {
  return clock.format(new Date(at));
}

/** The day, for a separator between messages. @param {string | number} at @param {Date} [now] */
export function dayName(at, now = new Date()) {
  const date = new Date(at);
  const days = daysAgo(date, now);
  if (days === 0) return t("day.today");
  if (days === 1) return t("day.yesterday");
  if (days > 1 && days < 7) return weekday.format(date);
  return (date.getFullYear() === now.getFullYear() ? monthDay : fullDay).format(date);
}

/** As short as a list allows. @param {string} at @param {Date} [now] */
export function listTime(at, now = new Date()) {
  const date = new Date(at);
  const days = daysAgo(date, now);
  if (days <= 0) return clock.format(date);
  if (days === 1) return t("day.yesterday");
  return days < 7 ? weekday.format(date) : shortDay.format(date);
}
