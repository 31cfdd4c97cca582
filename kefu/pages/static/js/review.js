/** The risk desk: what waits for a human, with what was said around it; decisions; rules and whom they met in error. */
import { KefuHttp, KefuMedia } from "/client/kefu.js";
import { byId, h } from "./dom.js";
import { caseSheet } from "./review_case.js";
import { markSheets } from "./review_marks.js";
import { packSheets } from "./review_packs.js";
import { ruleTable } from "./review_rules.js";
import { fillTexts, lang, switchLang, t } from "./texts.js";

const KEPT_AS = "kefu.operator";
const TABS = ["all", "held", "report", "appeal", "packs", "marks", "decided", "rules"];
const http = new KefuHttp({ baseUrl: location.origin, token: sessionStorage.getItem(KEPT_AS) ?? "", lang });
const media = new KefuMedia(http);
/** Tabs that are no queue of cases. */
const ASIDE = ["packs", "marks", "rules"];
/** @type {{tab: string, items: any[], open: Record<string, number>, chosen: string | null}} */
const shown = { tab: "all", items: [], open: {}, chosen: null };

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

async function load() {
  if (shown.tab === "rules") {
    const { items } = await http.request("GET", "/v1/review/rules");
    byId("rules").replaceChildren(ruleTable(items, { shadowOf, label }));
  } else if (shown.tab === "packs") {
    const { items } = await http.request("GET", "/v1/emoji-packs", { query: { whose: "review", limit: 100 } });
    byId("rules").replaceChildren(packSheets(items, { media, decide: decidePack }));
  } else if (shown.tab === "marks") {
    const { items } = await http.request("GET", "/v1/operator/verification-requests", { query: { limit: 100 } });
    byId("rules").replaceChildren(markSheets(items, decideMark));
  } else {
    const kind = ["all", "decided"].includes(shown.tab) ? null : shown.tab;
    const query = { state: shown.tab === "decided" ? "decided" : "open", kind, limit: 100 };
    const page = await http.request("GET", "/v1/review/cases", { query });
    Object.assign(shown, { items: page.items, open: page.open });
    if (!shown.items.some(({ id }) => id === shown.chosen)) shown.chosen = shown.items[0]?.id ?? null;
  }
  sessionStorage.setItem(KEPT_AS, http.token);
  draw();
  await showChosen();
}

function draw() {
  byId("sign-in").hidden = true;
  byId("tabs").hidden = false;
  byId("work").hidden = ASIDE.includes(shown.tab);
  byId("rules").hidden = !ASIDE.includes(shown.tab);
  const total = Object.values(shown.open).reduce((sum, count) => sum + count, 0);
  byId("tabs").replaceChildren(...TABS.map((tab) => {
    const count = tab === "all" ? total : shown.open[tab];
    const words = count ? `${t(`review.tab.${tab}`)} ${count}` : t(`review.tab.${tab}`);
    return h("button", { type: "button", "aria-pressed": String(tab === shown.tab), on: { click: () => attempt(() => turn(tab)) } }, words);
  }));
  const rows = shown.items.map((item) => h("li", null, row(item)));
  byId("rows").replaceChildren(...(rows.length ? rows : [h("li", { class: "empty" }, t("review.none"))]));
}

/** @param {any} item */
function row(item) {
  const at = new Date(item.opened_at).toLocaleString(lang === "zh" ? "zh-CN" : "en");
  return h("button", { type: "button", class: "case", "aria-pressed": String(item.id === shown.chosen), on: { click: () => attempt(() => choose(item.id)) } },
    h("strong", null, `${t(`review.kind.${item.kind}`)} · ${item.account.name}`),
    h("small", null, t(`review.rule.${item.rule}`)),
    h("small", null, item.verdict ? `${at} · ${t(`review.verdict.${item.verdict}`)}` : at));
}

/** @param {string} tab */
async function turn(tab) {
  shown.tab = tab;
  await load();
}

/** @param {string} id */
async function choose(id) {
  shown.chosen = id;
  draw();
  await showChosen();
}

async function showChosen() {
  if (shown.chosen === null || ASIDE.includes(shown.tab)) return byId("detail").replaceChildren();
  const { case: found } = await http.request("GET", `/v1/review/cases/${shown.chosen}`);
  byId("detail").replaceChildren(caseSheet(found, (verdict, note) => attempt(() => decide(found.id, verdict, note))));
}

/** @param {string} id @param {string} verdict @param {string} note */
async function decide(id, verdict, note) {
  if (verdict === "ban" && !confirm(t("review.sure_ban"))) return;
  await http.request("POST", `/v1/review/cases/${id}/decision`, { body: { verdict, note } });
  await load();
  say(t("review.done", { verdict: t(`review.verdict.${verdict}`) }));
}

/** @param {string} id @param {boolean} approve @param {string} reason */
const decidePack = (id, approve, reason) => attempt(async () => {
  await http.request("POST", `/v1/operator/emoji-packs/${id}/review`, { body: { approve, reason } });
  await load();
  say(t("review.done", { verdict: t(approve ? "review.packs.approve" : "review.packs.refuse") }));
});

/** @param {string} id @param {boolean} approve @param {string} reason */
const decideMark = (id, approve, reason) => attempt(async () => {
  await http.request("POST", `/v1/operator/verification-requests/${id}/decide`, { body: { approve, reason } });
  await load();
  say(t("review.done", { verdict: t(approve ? "review.packs.approve" : "review.packs.refuse") }));
});

/** @param {string} rule */
const shadowOf = async (rule) => (await http.request("GET", "/v1/review/shadow", { query: { rule } })).items;

/** @param {string} id @param {boolean} right */
const label = (id, right) => attempt(async () => {
  await http.request("PUT", `/v1/review/sanctions/${id}/label`, { body: { right } });
  await load();
});

fillTexts();
document.title = `${t("review.title")} · Kefu`;
byId("lang").addEventListener("click", switchLang);
byId("sign-in").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  http.token = byId("token").value.trim();
  attempt(load);
});
if (http.token) attempt(load);
