/** Bots of a community: added and removed by its admins, and how long a question waits before one may answer it. */
import { at } from "./act_texts.js";
import { h } from "./dom.js";
import { lang } from "./texts.js";

/** Seconds that a question waits; 0: as the deployment has it. */
const WAITS = [0, 10, 30, 60, 300, 600, 3600];

/**
 * @param {import("/client/kefu.js").KefuHttp} http @param {string} groupId
 * @param {{account_id: string, name: string, inside: boolean}[]} bots of the enterprise
 * @param {number | null} waitS
 * @param {(command: Promise<unknown>) => void} again do something and show the panel as it is then
 */
export function botsSection(http, groupId, bots, waitS, again) {
  const chosen = waitS ?? 0;
  const waits = [...new Set([...WAITS, chosen])].sort((one, other) => one - other);
  const wait = h("select", { name: "bot_wait_s", class: "act-wide" }, ...waits.map((seconds) => h("option", { value: String(seconds), selected: seconds === chosen }, seconds === 0 ? at("bots.wait.usual") : inWords(seconds))));
  wait.addEventListener("change", () => again(http.changeGroup(groupId, { bot_wait_s: Number(wait.value) })));
  const rows = bots.map(({ account_id: id, name, inside }) => h("div", { class: "act-member" }, h("span", null, inside ? at("bots.inside", { name }) : name),
    h("span", { class: "act-buttons" }, h("button", {
      type: "button", "data-bot": id, on: { click: () => again(inside ? http.removeMember(groupId, id) : http.addMembers(groupId, [id])) },
    }, at(inside ? "bots.remove" : "bots.add")))));
  return h("section", { "aria-label": at("bots") }, h("h3", null, at("bots")),
    h("p", { class: "act-small" }, at(bots.length === 0 ? "bots.none" : "bots.more")), ...rows,
    bots.length === 0 ? null : h("label", { class: "labelled" }, h("span", { class: "act-small" }, at("bots.wait")), wait));
}

/** @param {number} seconds */
function inWords(seconds) {
  const [unit, of] = seconds % 3600 === 0 ? ["hour", 3600] : seconds % 60 === 0 ? ["minute", 60] : ["second", 1];
  return new Intl.NumberFormat(lang === "zh" ? "zh-CN" : "en", { style: "unit", unit, unitDisplay: "long" }).format(seconds / of);
}
