/** One item of the conversation as an element: messages with their state and rating, notices, separators. */
import { bubble, choices, productCard } from "../static/js/cards.js";
import { h } from "../static/js/dom.js";
import { icon } from "../static/js/icons.js";
import { kindElement } from "../static/js/kinds.js";
import { edited, extrasMark, instead, quotation, reactions } from "./extras.js";

/**
 * @typedef {import("../static/js/thread_items.js").Item} Item
 * @typedef {import("../static/js/thread_items.js").MessageItem} MessageItem
 * @typedef {object} Surroundings
 * @property {import("./texts.js").Translate} t
 * @property {ReturnType<typeof import("./times.js").times>} times
 * @property {string} baseUrl where the paths of cards begin
 * @property {(accountId: string | null) => string} nameOf
 * @property {(messageId: string | null) => import("./votes.js").Vote} voteOf
 * @property {string | null} latest the key of the last answer
 * @property {Omit<import("../static/js/kinds.js").Surroundings, "say">} kinds what pictures, videos and cards need
 * @property {(seq: number) => import("../client/frames.js").Message | null} quoted
 * @property {string} conversationId
 * @property {{wanted: boolean | null, set: (on: boolean) => void}} offers whether more of the shop's offers are wanted
 * @property {(text: string) => void} say
 * @property {(messageId: string, vote: import("./votes.js").Vote) => void} rate
 * @property {(clientMsgId: string) => void} resend
 * @property {(clientMsgId: string) => void} discard
 */

const STATUS_ICON = /** @type {Record<string, string>} */ ({ waiting: "clock", sending: "clock", sent: "check", read: "check" });

/** @param {Item} item @param {Surroundings} around @returns {HTMLElement} */
export function itemElement(item, around) {
  switch (item.type) {
    case "day":
      return h("div", { class: "day" }, around.times.day(item.at));
    case "unread":
      return h("div", { class: "unread-mark" }, h("span", null, around.t("unread.mark")));
    case "notice":
      return h("p", { class: `notice ${item.event.kind.replace(/\W/g, "-")}` }, noticeText(item.event, around));
    default:
      return messageElement(item, around);
  }
}

/** What would make the element look different. @param {Item} item @param {Surroundings} around */
export function itemMark(item, around) {
  if (item.type === "day") return around.times.day(item.at);
  if (item.type !== "message") return "";
  return [
    item.status, item.first, item.last, item.at, item.error ?? "", item.answer ?? "", around.nameOf(item.senderId),
    around.voteOf(item.id), item.key === around.latest, extrasMark(item, around), isOffer(item) && around.offers.wanted,
  ].join("|");
}

/** @param {MessageItem} item @param {Surroundings} around */
function messageElement(item, around) {
  const { own, first, last, origin, status, key } = item;
  const classes = ["message", own ? "own" : "other", first && "first", last && "last", `is-${status}`, `from-${origin}`];
  return h("div", { class: classes.filter(Boolean).join(" "), "data-key": key },
    own ? null : face(item, around),
    h("div", { class: "column" },
      first && !own ? sender(item, around) : null,
      quotation(item.message, around),
      content(item, around),
      isOffer(item) ? offerNote(around) : null,
      reactions(item.message),
      own ? ownMeta(item, around) : h("div", { class: "meta" }, time(item, around), edited(item.message, around), isReply(item) ? rating(item, around) : null),
      status === "refused" ? refused(item, around) : null));
}

/** @param {MessageItem} item @param {Surroundings} around */
function face({ first, origin, senderId }, { nameOf }) {
  if (!first) return h("span", { class: "face gap" });
  const letter = [...nameOf(senderId).replace(/^[老小阿](?=.$)/u, "")][0];
  return h("span", { class: `face face-${origin}`, "aria-hidden": "true" }, origin === "bot" || !letter ? icon(origin === "bot" ? "spark" : "human") : letter);
}

/** @param {MessageItem} item @param {Surroundings} around */
function sender({ origin, senderId }, { t, nameOf }) {
  const label = ["bot", "agent", "system"].includes(origin) ? t(`origin.${origin}`) : null;
  const name = nameOf(senderId) || (origin === "bot" ? t("origin.bot.name") : "");
  return h("div", { class: "sender" }, name, label && h("span", { class: `origin origin-${origin}` }, label));
}

/** @param {MessageItem} item @param {Surroundings} around */
function content({ kind, body, own, answer, seq }, around) {
  const { t, baseUrl, say, kinds, conversationId } = around;
  switch (kind) {
    case "text": return bubble(body.text);
    case "choices": return choices(body, { answer, say: own ? null : say });
    case "product_card": return productCard(body, { view: t("card.view"), base: baseUrl });
    default: {
      const place = seq === null ? null : { conversationId, seq };
      return kindElement({ kind, body, place }, { ...kinds, say: own ? undefined : say }) ?? instead(kind, body, around) ?? bubble(t("kind.unknown"), "bubble-unknown");
    }
  }
}

/** What the shop offers unasked. @param {MessageItem} item */
function isOffer({ message }) {
  return message?.class === "marketing";
}

/** That it is an offer, and how to get no more of them. @param {Surroundings} around */
function offerNote({ t, offers: { wanted, set } }) {
  const stopped = wanted === false;
  return h("div", { class: "offer-note" }, h("span", null, t(stopped ? "offers.stopped" : "offers.mark")),
    h("button", { type: "button", class: "link", on: { click: () => set(stopped) } }, t(stopped ? "offers.again" : "offers.stop")));
}

/** The greeting answers nothing: there is no answer that a thumb would be about. @param {MessageItem} item */
function isReply({ origin, id, key, kind }) {
  return origin === "bot" && kind !== "recalled" && id !== null && !key.includes(":greeting:");
}

/** @param {MessageItem} item @param {Surroundings} around */
function rating(item, { t, voteOf, rate, latest }) {
  const id = /** @type {string} */ (item.id);
  const vote = voteOf(id);
  const thumb = (/** @type {"up" | "down"} */ way) => h("button", {
    type: "button", class: `thumb thumb-${way}`, "aria-pressed": String(vote === way), "aria-label": t(`rate.${way}`), title: t(`rate.${way}`),
    on: { click: () => rate(id, vote === way ? "none" : way) },
  }, icon(`thumb${way}`));
  return h("div", { class: `rating${vote !== "none" ? " voted" : ""}${item.key === latest ? " latest" : ""}` }, thumb("up"), thumb("down"));
}

/** @param {MessageItem} item @param {Surroundings} around */
function time({ at }, { times }) {
  return h("time", { datetime: new Date(at).toISOString() }, times.clock(at));
}

/** @param {MessageItem} item @param {Surroundings} around */
function ownMeta(item, around) {
  const text = around.t(`sent.${item.status}`);
  const picture = STATUS_ICON[item.status];
  const quiet = ["sent", "read", "sending"].includes(item.status);
  return h("div", { class: "meta" }, edited(item.message, around), time(item, around),
    h("span", { class: `status status-${item.status}`, title: text }, picture ? icon(picture) : null, h("span", { class: quiet ? "sr-only" : "" }, text)));
}

/** @param {MessageItem} item @param {Surroundings} around */
function refused({ clientMsgId = "", error }, { t, resend, discard }) {
  return h("div", { class: "refused" },
    error ? h("span", { class: "refused-why" }, error) : null,
    h("button", { type: "button", class: "link", on: { click: () => resend(clientMsgId) } }, t("sent.again")),
    h("button", { type: "button", class: "link", on: { click: () => discard(clientMsgId) } }, t("sent.discard")));
}

/** @param {import("../client/frames.js").Event} event @param {Surroundings} around */
function noticeText({ kind, data = {} }, { t }) {
  return t(`notice.${kind.replace("session.", "")}`, { name: data.agent_name ?? "" });
}
