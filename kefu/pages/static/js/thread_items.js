/**
 * What a thread shows, from top to bottom, worked out from a conversation's state: pure, so that it can be tested.
 *
 * @typedef {import("/client/conversation_state.js").ConversationState} State
 * @typedef {import("/client/outbox.js").Entry} Entry
 * @typedef {import("/client/frames.js").Event} Event
 * @typedef {{type: "day", key: string, at: string}} DayItem
 * @typedef {{type: "unread", key: string}} UnreadItem
 * @typedef {{type: "notice", key: string, event: Event}} NoticeItem
 * @typedef {object} MessageItem
 * @property {"message"} type
 * @property {string} key the same before and after the server has the message
 * @property {string | null} id null until the server has it
 * @property {number | null} seq null until the server has it
 * @property {string | null} senderId
 * @property {boolean} own
 * @property {string} origin
 * @property {string} kind
 * @property {number} v
 * @property {Record<string, any>} body
 * @property {string | number} at
 * @property {boolean} first of a run by one sender
 * @property {boolean} last
 * @property {string} status of own messages: of the outbox, `sent`, or `read`
 * @property {number} readers how many others have read an own message
 * @property {string} [clientMsgId]
 * @property {string} [error]
 * @property {string} [rule] what an own message met that was refused and may be appealed
 * @property {import("/client/frames.js").Message} [message] as the server has it
 * @property {string | null} answer to `choices`: the reader's own next text
 * @typedef {DayItem | UnreadItem | NoticeItem | MessageItem} Item
 */
import { dayKey } from "./days.js";

/** Messages of one sender within this time stand together. */
const RUN_MS = 5 * 60_000;
const NOTICES = /^(conversation\.(created|renamed)|member\.|group\.|message\.(un)?pinned|red_packet\.|session\.(queued|assigned|handed_back|closed))/;

/**
 * @param {object} options
 * @param {State} options.state
 * @param {readonly Entry[]} options.outgoing
 * @param {number} options.others members without oneself
 * @param {number | null} options.unreadAfter the message number after which the mark for new messages stands
 * @returns {Item[]}
 */
export function threadItems({ state, outgoing, others, unreadAfter }) {
  /** @type {Item[]} */
  const items = [];
  let day = "";
  let unreadMarked = unreadAfter === null;
  const open = (/** @type {string | number} */ at) => {
    if (dayKey(at) === day) return;
    day = dayKey(at);
    items.push({ type: "day", key: `day:${day}`, at: String(typeof at === "number" ? new Date(at).toISOString() : at) });
  };
  for (const event of state.timeline) {
    const { message } = event;
    if (message) {
      open(message.at);
      if (!unreadMarked && message.msg_no > /** @type {number} */ (unreadAfter) && message.sender_id !== state.selfId) {
        unreadMarked = true;
        items.push({ type: "unread", key: "unread" });
      }
      items.push(messageItem(state, message, others));
    } else if (isShown(state, event)) {
      open(event.at);
      items.push({ type: "notice", key: `seq:${event.seq}`, event });
    }
  }
  for (const entry of outgoing) {
    open(entry.createdAt);
    items.push(outgoingItem(state, entry));
  }
  return inRuns(withAnswers(items));
}

/** Who comes and goes is news in a group; elsewhere the session's own steps say it. @param {State} state @param {Event} event */
function isShown(state, { kind }) {
  return NOTICES.test(kind) && (state.kind === "group" || /^(session|red_packet)\./.test(kind));
}

/** Say of each `choices` what its reader said next. @param {Item[]} items */
function withAnswers(items) {
  /** @type {string | null} */
  let answer = null;
  for (const item of [...items].reverse()) {
    if (item.type !== "message") continue;
    if (item.own) answer = item.kind === "text" ? String(item.body.text) : null;
    else if (item.kind === "choices") item.answer = answer;
  }
  return items;
}

/** @param {string} senderId @param {string | null} clientMsgId @param {string} id */
const keyOf = (senderId, clientMsgId, id) => (clientMsgId ? `msg:${senderId}:${clientMsgId}` : `id:${id}`);

/** @param {State} state @param {import("/client/frames.js").Message} message @param {number} others @returns {MessageItem} */
function messageItem(state, message, others) {
  // A customer is alone on his side: what he said as a visitor, before he logged in, is his own as well.
  const own = message.sender_id === state.selfId || (state.role === "customer" && message.origin === "person");
  const readers = own ? Object.values(state.cursors).filter((msgNo) => msgNo >= message.msg_no).length : 0;
  return {
    type: "message", key: keyOf(message.sender_id ?? "", message.client_msg_id, message.id), id: message.id, seq: message.seq, senderId: message.sender_id, own,
    origin: message.origin, kind: message.kind, v: message.v, body: message.body, at: message.at, first: true, last: true,
    status: readers > 0 ? "read" : "sent", readers: Math.min(readers, Math.max(others, 1)), answer: null, message,
  };
}

/** @param {State} state @param {Entry} entry @returns {MessageItem} */
function outgoingItem(state, { clientMsgId, kind, v, body, createdAt, status, error }) {
  return {
    type: "message", key: keyOf(state.selfId, clientMsgId, clientMsgId), id: null, seq: null, senderId: state.selfId, own: true, origin: "person",
    kind, v, body, at: createdAt, first: true, last: true, status, readers: 0, clientMsgId, error: error?.detail, rule: error?.data?.rule, answer: null,
  };
}

/** @param {Item[]} items */
function inRuns(items) {
  for (let index = 1; index < items.length; index += 1) {
    const [before, item] = [items[index - 1], items[index]];
    if (before.type !== "message" || item.type !== "message" || before.senderId !== item.senderId) continue;
    if (before.origin !== item.origin || new Date(item.at).getTime() - new Date(before.at).getTime() > RUN_MS) continue;
    before.last = false;
    item.first = false;
  }
  return items;
}
