/** How a conversation is called and what its last line says. */
import { at } from "./act_texts.js";
import { kindLine } from "./kind_texts.js";
import { money } from "./money_texts.js";
import { lang, t } from "./texts.js";

/** @typedef {import("/client/conversation_state.js").ConversationState} State */

/** @param {State} state */
export function titleOf(state) {
  return state.title || state.peer?.name || t("chat.title");
}

/** @param {string} kind @param {Record<string, any>} body */
export function oneLine(kind, body) {
  if (kind === "text" || kind === "choices") return String(body.text ?? "").replace(/\s+/g, " ");
  if (kind === "recalled") return at("recalled", { name: "" }).trim();
  if (kind === "deleted") return at("deleted");
  if (kind === "merged") return at("merged", { title: String(body.title ?? ""), n: body.items?.length ?? 0 });
  if (kind === "red_packet") return money("packet.line", { note: String(body.note || money("packet.note")) });
  if (kind === "product_card") return t("chat.card", { title: String(body.title ?? "") });
  return kindLine(kind, body, lang) ?? t("chat.unknown.kind");
}

/** The others in a conversation, for "3 of 4 have read". @param {State} state */
export function othersIn(state) {
  return Math.max(1, state.memberCount - 1);
}

/**
 * Whom the presence dot of a conversation is about; groups have none.
 * @param {State} state
 */
export function watchedIn(state) {
  return state.kind !== "group" && state.peer && !["enterprise", "system"].includes(state.peer.kind) ? state.peer.id : null;
}

/** Who types, in words, or null. @param {import("/client/kefu.js").KefuClient} client @param {State} state @param {(id: string) => string} nameOf */
export function typingText(client, state, nameOf) {
  const [first] = client.signals.typers(state.id);
  if (first === undefined) return null;
  return state.kind === "group" ? t("presence.typing.who", { name: nameOf(first) }) : t("presence.typing");
}
