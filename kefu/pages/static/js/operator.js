/**
 * The operator's page: enterprises, system notices, events that a subscriber could not digest, to be handed to it once
 * more or given up, and the terms that enterprises accept.
 *
 * @typedef {{id: string, consumer: string, conversation_id: string, seq: number, attempts: number, error: string,
 *   parked_at: string}} Parked
 */
import { KefuHttp } from "/client/kefu.js";
import { byId, h } from "./dom.js";
import { Houses } from "./operator_houses.js";
import { Notices } from "./operator_notices.js";
import { showTerms } from "./operator_terms.js";
import { fillTexts, lang, switchLang, t } from "./texts.js";

const KEPT_AS = "kefu.operator";
const http = new KefuHttp({ baseUrl: location.origin, token: sessionStorage.getItem(KEPT_AS) ?? "", lang });
/** @type {{items: Parked[], next: string | null}} */
const shown = { items: [], next: null };

/** @param {string} text */
function say(text) {
  byId("said").textContent = text;
  byId("said").hidden = text === "";
}

/** Run what a button asks for and tell what went wrong. @param {() => Promise<void>} act */
async function attempt(act) {
  say("");
  try {
    await act();
  } catch (error) {
    say(/** @type {any} */ (error).detail || String(error));
  }
}

/** @param {boolean} fresh from the beginning, or the next page */
async function load(fresh) {
  const cursor = fresh ? null : shown.next;
  const page = await http.request("GET", "/v1/operator/parked", { query: { cursor, limit: 50 } });
  shown.items = fresh ? page.items : [...shown.items, ...page.items];
  shown.next = page.next_cursor;
  sessionStorage.setItem(KEPT_AS, http.token);
  byId("sign-in").hidden = true;
  byId("parked").hidden = false;
  draw();
  if (byId("terms").hidden) await Promise.all([showRest(), showTerms(http, say)]);
}

async function showRest() {
  const notices = new Notices({ http, attempt, say });
  await new Houses({ http, attempt, onList: (houses) => notices.offer(houses) }).load(true);
}

function draw() {
  byId("count").textContent = shown.items.length === 0 ? "" : t("operator.count", { n: shown.items.length });
  byId("more").hidden = shown.next === null;
  byId("rows").replaceChildren(...(shown.items.length === 0 ? [h("li", { class: "empty" }, t("operator.none"))] : shown.items.map(row)));
}

/** @param {Parked} item */
function row(item) {
  const at = new Date(item.parked_at).toLocaleString(lang === "zh" ? "zh-CN" : "en");
  return h("li", { class: "parked" },
    h("div", { class: "parked-head" }, h("strong", null, item.consumer),
      h("span", null, t("operator.where", { conversation: item.conversation_id, seq: item.seq })),
      h("span", null, t("operator.tried", { n: item.attempts })), h("span", null, at)),
    h("pre", null, item.error),
    h("div", { class: "parked-acts" },
      h("button", { type: "button", class: "button", on: { click: () => attempt(() => retry(item)) } }, t("operator.retry")),
      h("button", { type: "button", class: "button danger", on: { click: () => attempt(() => drop(item)) } }, t("operator.drop"))));
}

/** @param {Parked} item */
async function retry(item) {
  const { digested } = await http.request("POST", `/v1/operator/parked/${item.id}/retry`);
  await load(true);
  say(t(digested ? "operator.digested" : "operator.failed"));
}

/** @param {Parked} item */
async function drop(item) {
  if (!confirm(t("operator.sure"))) return;
  await http.request("DELETE", `/v1/operator/parked/${item.id}`);
  await load(true);
}

fillTexts();
document.title = `${t("operator.title")} · Kefu`;
byId("lang").addEventListener("click", switchLang);
byId("refresh").addEventListener("click", () => attempt(() => load(true)));
byId("more").addEventListener("click", () => attempt(() => load(false)));
byId("sign-in").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  http.token = byId("token").value.trim();
  attempt(() => load(true));
});
if (http.token) attempt(() => load(true));
