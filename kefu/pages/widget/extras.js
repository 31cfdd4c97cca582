/** What stands beside a message, or where it was: what it answers, what it has become, who has reacted. */
import { bubble } from "../static/js/cards.js";
import { h } from "../static/js/dom.js";
import { kindLine } from "../static/js/kind_texts.js";

/** @typedef {import("./item_view.js").Surroundings} Surroundings */
/** @typedef {import("../client/frames.js").Message} Message */

const GONE = ["recalled", "deleted"];

/** A message in one line. @param {string} kind @param {Record<string, any>} body @param {Surroundings} around */
function inShort(kind, body, { t, kinds }) {
  if (kind === "text" || kind === "choices") return String(body.text ?? "").replace(/\s+/g, " ");
  if (kind === "product_card") return `[${String(body.title ?? "")}]`;
  if (kind === "merged") return `[${String(body.title ?? "")}]`;
  return kindLine(kind, body, kinds.lang) ?? t("kind.unknown");
}

/** What stands in place of a message that was taken back, or that holds others; null for the rest. @param {string} kind @param {Record<string, any>} body @param {Surroundings} around */
export function instead(kind, body, around) {
  if (GONE.includes(kind)) return bubble(around.t(`said.${kind}`), "bubble-gone");
  if (kind !== "merged") return null;
  const items = Array.isArray(body.items) ? body.items : [];
  return h("details", { class: "card merged" }, h("summary", null, String(body.title ?? ""), h("small", null, around.t("said.merged", { n: items.length }))),
    ...items.map((each) => h("p", null, h("b", null, String(each.sender_name)), " ", inShort(each.kind, each.body, around))));
}

/** What a message answers, as it reads now; null when it answers none. @param {Message | undefined} message @param {Surroundings} around */
export function quotation(message, around) {
  if (!message?.reply_to) return null;
  const quoted = around.quoted(message.reply_to.seq);
  if (quoted === null || GONE.includes(quoted.kind)) return h("span", { class: "quoted" }, around.t("said.gone"));
  return h("span", { class: "quoted" }, h("b", null, around.nameOf(quoted.sender_id)), " ", inShort(quoted.kind, quoted.body, around));
}

/** @param {Message | undefined} message */
export function reactions(message) {
  const found = Object.entries(message?.reactions ?? {});
  return found.length === 0 ? null : h("div", { class: "reactions" }, ...found.map(([emoji, who]) => h("span", null, `${emoji} ${who.length}`)));
}

/** @param {Message | undefined} message @param {Surroundings} around */
export function edited(message, { t }) {
  return message?.edited_at ? h("span", { class: "edited" }, t("said.edited")) : null;
}

/** What of all this would make a message look different. @param {import("./item_view.js").MessageItem} item @param {Surroundings} around */
export function extrasMark({ message, kind, body }, around) {
  if (!message) return "";
  const { edited_at: editedAt, reactions: reacted, reply_to: replyTo } = message;
  const quoted = replyTo ? around.quoted(replyTo.seq) : null;
  return JSON.stringify([kind, editedAt ? body : "", reacted, quoted && [quoted.kind, quoted.edited_at]]);
}
