/** Invite links of a group: made for a time, seen with how often they were used, revoked. */
import { at } from "./act_texts.js";
import { h } from "./dom.js";
import { toast, toastError } from "./notices.js";
import { clockTime, dayName } from "./time.js";

/** Seconds that a link may live. */
const TIMES = { "link.hour": 3600, "link.day": 86_400, "link.week": 604_800, "link.month": 2_592_000 };

/**
 * @param {import("/client/kefu.js").KefuHttp} http @param {string} groupId @param {any[]} links
 * @param {(command: Promise<unknown>) => void} again do something and show the panel as it is then
 */
export function linksSection(http, groupId, links, again) {
  const shown = h("output", null);
  const made = h("section", { hidden: true }, shown, h("p", { class: "act-small" }, at("link.made")),
    h("button", { type: "button", class: "act-wide", "data-act": "copy-link", on: { click: () => void copyText(shown) } }, at("link.copy")));
  const time = h("select", { "aria-label": at("link.time"), class: "act-wide" }, ...Object.keys(TIMES).map((key) => h("option", { value: String(TIMES[key]), selected: key === "link.week" }, at(key))));
  const make = async () => {
    try {
      const { code } = await http.makeInviteLink(groupId, { expires_in_s: Number(time.value) });
      shown.textContent = `${location.origin}${location.pathname}#join=${code}`;
      made.hidden = false;
    } catch (error) {
      toastError(error);
    }
  };
  const live = links.filter(({ expires_at: until, revoked_at: revoked }) => !revoked && (!until || Date.parse(until) > Date.now()));
  return h("section", null, h("h3", null, at("links")), time,
    h("button", { type: "button", class: "act-wide", "data-act": "link", on: { click: () => void make() } }, at("link.make")), made,
    ...live.map(({ id, expires_at: until, uses }) => h("div", { class: "act-member" },
      h("span", null, at("link.live", { until: until ? `${dayName(until)} ${clockTime(until)}` : "–", n: uses })),
      h("span", { class: "act-buttons" }, h("button", { type: "button", on: { click: () => again(http.revokeInviteLink(groupId, id)) } }, at("link.end"))))));
}

/** Copy what an element says; where the browser does not let us, it is selected to be copied by hand. @param {HTMLElement} shown */
async function copyText(shown) {
  try {
    await navigator.clipboard.writeText(shown.textContent ?? "");
    toast(at("link.copied"), "info");
  } catch {
    getSelection()?.selectAllChildren(shown);
  }
}

/** What an admin did, in words. @param {{act: string, actor_name: string, target_name: string | null, at: string}} entry */
export function auditLine({ act, actor_name: by, target_name: whom, at: time }) {
  return `${dayName(time)} ${clockTime(time)} · ${by} ${at(`act.${act}`)}${whom ? ` · ${whom}` : ""}`;
}
