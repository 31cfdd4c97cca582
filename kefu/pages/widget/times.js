/** Times as people say them, in the widget's language. */
import { daysAgo } from "../static/js/days.js";

/** @param {"zh" | "en"} lang @param {import("./texts.js").Translate} t */
export function times(lang, t) {
  const locale = lang === "zh" ? "zh-CN" : "en-GB";
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", day: "numeric" });
  return {
    /** @param {string | number} at */
    clock: (at) => clock.format(new Date(at)),
    /** @param {string | number} at */
    day: (at) => {
      const ago = daysAgo(new Date(at), new Date());
      return ago === 0 ? t("day.today") : ago === 1 ? t("day.yesterday") : day.format(new Date(at));
    },
  };
}
