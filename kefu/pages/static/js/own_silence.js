/** Do-not-disturb, weekday by weekday, and how messages are heard in this browser. */
import { alertChoice, askForNotifications, playSound, setAlertChoice } from "./alerts.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { toast } from "./notices.js";
import { check, pill, section } from "./own_parts.js";
import { dayOfWeek, own } from "./own_texts.js";
import { lang } from "./texts.js";
import { clockTime, dayName } from "./time.js";

/** @typedef {import("./own_panel.js").Around} Around */
/** @typedef {import("/client/people.js").Interval} Interval */
const WEEK = [1, 2, 3, 4, 5, 6, 7];
const NIGHT = { start: "22:00", end: "08:00" };

/** @param {Around} around @returns {Promise<Node[]>} */
export async function silenceTab({ people, act, redraw, accountId }) {
  const { intervals, silent, until, time_zone: zone } = await people.silences();
  // All of them are sent: what was added a moment ago must be among them, though its answer is on its way.
  let wanted = intervals;
  const save = (/** @type {(now: Interval[]) => Interval[]} */ change) => {
    wanted = distinct(change(wanted));
    void act(people.setSilences(wanted));
  };
  const state = silent && until ? own("silence.now", { until: `${dayName(until)} ${clockTime(until)}` }) : own("silence.not");
  const nights = WEEK.map((weekday) => ({ weekday, ...NIGHT }));
  const quick = h("div", { class: "own-line" },
    pill("nights", own("silence.nights"), () => save((now) => [...now, ...nights])),
    intervals.length > 0 ? pill("clear", own("silence.clear"), () => save(() => [])) : null);
  return [
    h("p", { class: `own-banner${silent ? " is-on" : ""}`, id: "own-silent", role: "status" }, icon("moon"), h("span", null, state)),
    section(own("tab.silence"), own("silence.zone", { zone: zoneName(zone) }), quick, h("ul", { class: "own-card own-week" }, ...WEEK.map((day) => dayRow(day, intervals, save)))),
    alertsSection(accountId, redraw),
  ];
}

/** @param {string} accountId @param {() => Promise<void>} redraw */
function alertsSection(accountId, redraw) {
  const choice = alertChoice(accountId);
  const set = async (/** @type {"sound" | "flash" | "desktop"} */ name, /** @type {boolean} */ on) => {
    const why = on && name === "desktop" ? await askForNotifications() : null;
    if (why === null) setAlertChoice(accountId, { ...alertChoice(accountId), [name]: on });
    else toast(why);
    await redraw();
  };
  const checks = /** @type {const} */ (["sound", "flash", "desktop"]).map((name) => check(`alerts:${name}`, own(`alerts.${name}`), choice[name], (on) => void set(name, on)));
  return section(own("alerts"), own("alerts.more"), h("div", { class: "own-card" }, ...checks), h("div", { class: "own-line" }, pill("alerts:try", own("alerts.try"), playSound)));
}

/** @param {number} weekday @param {Interval[]} intervals @param {(change: (now: Interval[]) => Interval[]) => void} save */
function dayRow(weekday, intervals, save) {
  const today = intervals.filter((each) => each.weekday === weekday);
  const day = dayOfWeek(weekday);
  const chips = today.map((each) => {
    const time = said(each);
    return h("span", { class: "own-chip" }, time, h("button", {
      type: "button", "aria-label": own("silence.remove", { day, time }), on: { click: () => save((now) => now.filter((one) => keyOf(one) !== keyOf(each))) },
    }, icon("close")));
  });
  const form = addForm(weekday, (interval) => save((now) => [...now, interval]));
  const opener = h("button", { type: "button", class: "icon-button quiet", "data-key": `add:${weekday}`, "aria-label": own("silence.add.day", { day }), "aria-expanded": "false", on: { click: () => {
    form.hidden = !form.hidden;
    opener.setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) form.querySelector("input").focus();
  } } }, icon("plus"));
  const everyDay = () => save(() => WEEK.flatMap((each) => today.map((one) => ({ ...one, weekday: each }))));
  return h("li", { class: "own-day", "data-day": String(weekday) }, h("b", null, day),
    h("div", { class: "own-line" }, ...(chips.length > 0 ? [...chips, pill(`all:${weekday}`, own("silence.all"), everyDay)] : [h("span", { class: "own-none" }, own("silence.none"))])),
    opener, form);
}

/** @param {number} weekday @param {(interval: Interval) => void} add */
function addForm(weekday, add) {
  const field = (/** @type {string} */ name, /** @type {string} */ value) => h("label", null, h("span", { class: "sr-only" }, own(`silence.${name}`)), h("input", { type: "time", name, value, required: true }));
  const form = h("form", { class: "own-line own-times", "data-fold": `add:${weekday}`, hidden: true }, field("from", NIGHT.start), "–", field("to", NIGHT.end), h("button", { type: "submit", class: "own-pill strong" }, own("save")));
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    form.hidden = true;
    add({ weekday, start: form.elements.from.value, end: form.elements.to.value });
  });
  return form;
}

/** As people call it: 中国标准时间 for Asia/Shanghai. @param {string} zone */
function zoneName(zone) {
  const parts = new Intl.DateTimeFormat(lang === "zh" ? "zh-CN" : "en-GB", { timeZone: zone, timeZoneName: "long" }).formatToParts(new Date());
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? zone;
}

/** @param {Interval} interval */
function said({ start, end }) {
  return `${start} – ${end > start ? "" : own("silence.next")}${end}`;
}

/** @param {Interval} interval */
const keyOf = ({ weekday, start, end }) => `${weekday} ${start} ${end}`;

/** The same interval twice is once. @param {Interval[]} intervals */
function distinct(intervals) {
  return [...new Map(intervals.map((each) => [keyOf(each), each])).values()];
}
