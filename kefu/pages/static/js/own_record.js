/** One's own standing: what was not delivered, which limits were met, and the appeals against it. */
import { oneLine } from "./describe.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { toast, toastError } from "./notices.js";
import { nothing, pill, section } from "./own_parts.js";
import { own, ruleName } from "./own_texts.js";
import { hasText } from "./texts.js";
import { clockTime, dayName } from "./time.js";

/** @typedef {import("./own_panel.js").Around} Around */
const WAITING = ["held", "queued"];
/** Below this score the limits shrink; the server's own word is in the numbers beside it. */
const LOW = 60;

/** @param {string} at */
const moment = (at) => `${dayName(at)} ${clockTime(at)}`;

/** @param {Around} around @returns {Promise<Node[]>} */
export async function recordTab(around) {
  const { people } = around;
  const [standing, pending, appeals] = await Promise.all([people.standing(), people.pending().catch(noneIfBanned), people.appeals()]);
  const asked = new Set(appeals.flatMap(({ sanction_id: sanction, pending_id: message }) => [sanction, message]));
  return [
    scoreCard(standing),
    listOf("kept", pending.map((each) => keptRow(around, each, asked.has(each.id)))),
    listOf("sanctions", standing.sanctions.map((/** @type {any} */ each) => sanctionRow(around, each, asked.has(each.id)))),
    listOf("appeals", appeals.map(appealRow)),
  ];
}

/** Whoever is banned on the platform sees his standing and appeals, nothing else. @param {any} error @returns {any[]} */
export function noneIfBanned(error) {
  if (error.code !== "account_banned") throw error;
  return [];
}

/** @param {string} name @param {Node[]} items */
function listOf(name, items) {
  return section(own(name), null, items.length > 0 ? h("ul", { class: "own-card own-rows", "data-list": name }, ...items) : nothing(own(`${name}.none`)));
}

/** @param {Record<string, any>} standing */
function scoreCard({ score, daily, hourly, frozen_until: frozen, banned }) {
  const words = banned ? own("score.banned") : frozen ? own("score.frozen", { at: moment(frozen) }) : own(score < LOW ? "score.low" : "score.good");
  const used = (/** @type {string} */ key, /** @type {any} */ counter) => h("div", null, h("dt", null, own(`used.${key}`)), h("dd", null, own("used.of", counter)));
  return h("div", { class: "own-card own-score" }, h("div", { class: `own-number${banned || frozen || score < LOW ? " is-low" : ""}` }, h("b", null, String(score)), h("span", null, own("score"))),
    h("div", null, h("p", null, words), h("dl", null, used("daily", daily), used("hourly", hourly))));
}

/**
 * @param {string} title @param {string} about @param {string} state @param {...(Node | null)} buttons
 */
function row(title, about, state, ...buttons) {
  return h("li", { class: "own-row" }, h("span", { class: "person-text" }, h("span", { class: "title" }, title), h("span", { class: "about" }, about)), state ? h("span", { class: "own-tag" }, state) : null, ...buttons);
}

/** @param {Around} around @param {any} message @param {boolean} asked */
function keptRow(around, { conversation_id: conversationId, client_msg_id: clientMsgId, kind, body, status, rule, until, at }, asked) {
  const { people, act } = around;
  const text = oneLine(kind, body);
  const state = status === "queued" && until ? own("kept.queued", { at: moment(until) }) : own(`kept.${status}`);
  const takeBack = () => void act(people.recallPending(conversationId, clientMsgId));
  const appeal = () => openAppeal(around, { conversation_id: conversationId, client_msg_id: clientMsgId }, text);
  return row(text, `${hasText(`review.rule.${rule}`) ? `${ruleName(rule)} · ` : ""}${moment(at)}`, state,
    WAITING.includes(status) ? pill(`back:${clientMsgId}`, own("kept.takeback"), takeBack) : null,
    status === "refused" && !asked ? pill(`appeal:${clientMsgId}`, own("appeal"), appeal, { tone: "strong" }) : null);
}

/** @param {Around} around @param {any} sanction @param {boolean} asked */
function sanctionRow(around, { id, rule, hits, at, ends_at: endsAt, overturned_at: overturned }, asked) {
  const about = [moment(at), hits > 1 && own("sanction.hits", { n: hits }), endsAt && own("sanction.until", { at: moment(endsAt) })].filter(Boolean).join(" · ");
  const name = ruleName(rule);
  return row(name, about, overturned ? own("sanction.over") : "",
    overturned || asked ? null : pill(`appeal:${id}`, own("appeal"), () => openAppeal(around, { sanction_id: id }, name), { tone: "strong" }));
}

/** @param {any} appeal */
function appealRow({ rule, text, state, verdict, opened_at: at, decided_at: decidedAt }) {
  const outcome = verdict ? own(`appeal.${verdict}`) : own(state === "withdrawn" ? "appeal.withdrawn" : "appeal.open");
  return row(text, `${ruleName(rule)} · ${moment(decidedAt ?? at)}`, outcome);
}

/**
 * Ask a human to look again.
 * @param {Around} around
 * @param {{sanction_id: string} | {conversation_id: string, client_msg_id: string}} about
 * @param {string} what in words
 */
export function openAppeal({ people, redraw }, about, what) {
  const text = h("textarea", { id: "appeal-text", rows: 4, maxlength: 500, required: true });
  const go = h("button", { type: "submit", class: "button" }, own("appeal.send"));
  const form = h("form", null,
    h("header", { class: "dialog-head" }, h("h2", { id: "appeal-title" }, own("appeal.title")),
      h("button", { type: "button", class: "icon-button quiet", "aria-label": own("close"), on: { click: () => dialog.close() } }, icon("close"))),
    h("div", { class: "dialog-body own-appeal" }, h("p", { class: "own-about" }, own("appeal.about", { what })), h("label", { for: "appeal-text" }, own("appeal.text")), text, h("p", { class: "own-more" }, own("appeal.hint"))),
    h("footer", { class: "dialog-foot" }, h("button", { type: "button", class: "button plain", on: { click: () => dialog.close() } }, own("cancel")), go));
  const dialog = h("dialog", { class: "dialog", id: "appeal", "aria-labelledby": "appeal-title" }, form);
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    go.disabled = true; // a second press would ask twice
    try {
      await people.appeal(about, text.value.trim());
      dialog.close();
      toast(own("appeal.sent"), "info");
      await redraw();
    } catch (error) {
      go.disabled = false;
      toastError(error);
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
