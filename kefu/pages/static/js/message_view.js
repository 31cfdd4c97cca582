/** One item of a thread as an element: messages, cards, notices and separators. */
import { at } from "./act_texts.js";
import { avatar } from "./avatar.js";
import { bubble, choices, productCard as card } from "./cards.js";
import { oneLine } from "./describe.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { kindElement } from "./kinds.js";
import { own as ownText, ruleName } from "./own_texts.js";
import { hasText, t } from "./texts.js";
import { clockTime, dayName } from "./time.js";

/**
 * @typedef {import("./thread_items.js").Item} Item
 * @typedef {import("./thread_items.js").MessageItem} MessageItem
 * @typedef {object} Surroundings
 * @property {(accountId: string | null | undefined) => string} nameOf
 * @property {boolean} group
 * @property {number} others
 * @property {(text: string) => void} say
 * @property {(body: Record<string, any>) => HTMLElement} packet
 * @property {(body: Record<string, any>) => string} packetMark
 * @property {(event: import("/client/frames.js").Event) => string} packetNotice
 * @property {(own: boolean) => import("./kinds.js").Surroundings & {conversationId: string}} kinds
 * @property {(clientMsgId: string) => void} resend
 * @property {(clientMsgId: string) => void} discard
 * @property {(refused: {clientMsgId: string, rule: string, text: string}) => void} appeal
 * @property {() => void} noMoreOffers of the shop of this conversation
 */

/** @param {Item} item @param {Surroundings} around @returns {HTMLElement} */
export function itemElement(item, around) {
  switch (item.type) {
    case "day":
      return h("div", { class: "day", role: "separator" }, h("span", null, dayName(item.at)));
    case "unread":
      return h("div", { class: "unread-mark", role: "separator" }, h("span", null, t("chat.unread.mark")));
    case "notice":
      return h("p", { class: "notice" }, noticeText(item.event, around));
    default:
      return messageElement(item, around);
  }
}

/** What would make the element look different. @param {Item} item @param {Surroundings} around */
export function itemMark(item, around) {
  if (item.type === "day") return dayName(item.at);
  if (item.type === "notice") return noticeText(item.event, around);
  if (item.type !== "message") return "";
  const name = around.nameOf(item.senderId);
  return [item.status, item.readers, item.first, item.last, item.at, name, item.error ?? "", item.answer ?? "", around.others, item.kind === "red_packet" ? around.packetMark(item.body) : ""].join("|");
}

/** @param {MessageItem} item @param {Surroundings} around */
function messageElement(item, around) {
  const name = around.nameOf(item.senderId);
  const classes = ["message", item.own ? "own" : "other", item.first ? "first" : "", item.last ? "last" : "", `is-${item.status}`];
  const face = item.last && !item.own ? avatar({ name: name || "?", small: true }) : h("span", { class: "face-gap" });
  const label = originLabel(item);
  const showName = item.first && !item.own && (around.group || label !== null);
  return h("div", { class: classes.filter(Boolean).join(" "), "data-key": item.key },
    item.own ? null : face,
    h("div", { class: "column" },
      showName ? h("div", { class: "sender" }, name, label && h("span", { class: `origin origin-${item.origin}` }, label)) : null,
      h("div", { class: "row" }, item.status === "refused" ? refusedMark(item) : null, content(item, around)),
      h("div", { class: "meta" }, h("time", { datetime: new Date(item.at).toISOString() }, clockTime(item.at)), item.own ? statusMark(item, around) : null),
      item.message?.class === "marketing" && !item.own ? offerNote(around) : null,
      item.status === "refused" ? refusedActions(item, around) : null));
}

/** That the shop offers it unasked, and how to get no more of it. @param {Surroundings} around */
function offerNote({ noMoreOffers }) {
  return h("div", { class: "offer-note" }, h("span", null, at("offers.mark")),
    h("button", { type: "button", class: "link", on: { click: noMoreOffers } }, at("offers.stop")));
}

/** @param {MessageItem} item */
function originLabel({ origin }) {
  return origin !== "person" && hasText(`origin.${origin}`) ? t(`origin.${origin}`) : null;
}

/** @param {MessageItem} item @param {Surroundings} around */
function content(item, around) {
  const { kind, body, own, answer } = item;
  const { say } = around;
  switch (kind) {
    case "text": return bubble(body.text);
    case "choices": return choices(body, { answer, say: own ? null : say });
    case "product_card": return productCard(body);
    case "red_packet": return around.packet(body);
    default: return ofKind(item, around) ?? h("div", { class: "bubble bubble-unknown" }, t("chat.unknown.kind"));
  }
}

/** @param {MessageItem} item @param {Surroundings} around */
function ofKind({ kind, body, own, seq }, { say, kinds }) {
  const { conversationId, ...around } = kinds(own);
  const place = seq ? { conversationId, seq } : null;
  const whole = kind === "video_template" ? { ...body, from: place && { conversation_id: conversationId, seq } } : body;
  return kindElement({ kind, body: whole, place }, { ...around, say: own ? undefined : say });
}

/** @param {Record<string, any>} body of a `product_card` */
export function productCard(body) {
  return card(body, { view: t("goods.view") });
}

/** @param {MessageItem} item @param {Surroundings} around */
function statusMark({ status, readers }, { group, others }) {
  const text = status === "read" && group ? (readers >= others ? t("state.read.all") : t("state.read.by", { n: readers })) : t(`state.${status}`);
  const picture = { waiting: "clock", sending: "clock", sent: "check", read: "checks" }[status];
  const visible = !["sent", "sending"].includes(status);
  return h("span", { class: `status status-${status}`, title: text }, picture ? icon(picture) : null, h("span", { class: visible ? "" : "sr-only" }, text));
}

/** @param {MessageItem} item */
function refusedMark({ error }) {
  return h("span", { class: "refused-mark", title: error ?? t("state.refused") }, icon("alert"));
}

/** @param {MessageItem} item @param {Surroundings} around */
function refusedActions({ clientMsgId = "", error, rule, kind, body }, { resend, discard, appeal }) {
  const why = error || (rule ? ownText("refused", { rule: ruleName(rule) }) : "");
  const ask = () => appeal({ clientMsgId, rule: rule ?? "", text: oneLine(kind, body) });
  return h("div", { class: "refused" },
    why ? h("span", { class: "refused-why" }, why) : null,
    rule ? h("button", { type: "button", class: "link", on: { click: ask } }, t("state.appeal")) : null,
    h("button", { type: "button", class: "link", on: { click: () => resend(clientMsgId) } }, t("state.resend")),
    h("button", { type: "button", class: "link", on: { click: () => discard(clientMsgId) } }, t("state.discard")));
}

/** @param {import("/client/frames.js").Event} event @param {Surroundings} around */
function noticeText(event, { nameOf, packetNotice }) {
  const { kind, actor_id: actorId, data = {} } = event;
  if (kind.startsWith("red_packet.")) return packetNotice(event);
  const name = nameOf(data.account_id) || t("chat.someone");
  const by = nameOf(actorId) || t("chat.someone");
  switch (kind) {
    case "conversation.created": return t("notice.created", { name: by });
    case "conversation.renamed": return t("notice.renamed", { name: by, title: data.title });
    case "member.joined": return actorId && actorId !== data.account_id ? t("notice.invited", { by, name }) : t("notice.joined", { name });
    case "member.changed": return memberChanged(data, name);
    case "group.changed": return data.notice !== undefined ? at("event.notice", { by, text: data.notice }) : at("event.group", { by });
    case "message.pinned": return at("event.pinned", { by });
    case "message.unpinned": return at("event.unpinned", { by });
    case "member.left":
      if (data.reason === "banned") return at("event.banned", { name });
      return data.reason === "removed" ? t("notice.removed", { by, name }) : t("notice.left", { name });
    case "member.role_changed": return t("notice.role", { name, role: hasText(`role.${data.role}`) ? t(`role.${data.role}`) : data.role });
    default: return t(`notice.${kind}`, { name: data.agent_name ?? "" });
  }
}

/** @param {Record<string, any>} data @param {string} name */
function memberChanged(data, name) {
  if (data.nickname !== undefined) return at("event.nickname", { name });
  return at(data.silenced_until ? "event.silenced" : "event.speaks", { name });
}
