/**
 * What a client knows of one conversation, as pure functions: a state goes in, a new state comes out.
 *
 * The timeline is one unbroken run of events, `firstSeq` to `lastSeq`. Live events lengthen it at the end, pages of
 * history at the front. So a stale state with the missed events applied equals a state that was fetched afresh.
 *
 * A summary (from `welcome`, `conversation` or HTTP) may be newer than the timeline: it was right at `summarySeq`.
 * Events up to there lengthen the timeline but are not counted a second time in what the summary already says.
 *
 * @typedef {import("./frames.js").Event} Event
 * @typedef {import("./frames.js").Message} Message
 * @typedef {import("./frames.js").Summary} Summary
 *
 * @typedef {object} ConversationState
 * @property {string} id
 * @property {string} selfId the account that looks
 * @property {"direct" | "group" | "service"} kind
 * @property {string} title
 * @property {string | null} enterpriseId
 * @property {string} createdAt
 * @property {string} role
 * @property {boolean} isMember false once this account was removed or has left
 * @property {number} joinedSeq
 * @property {number} memberCount
 * @property {import("./frames.js").Account | null} peer the other side of a direct conversation
 * @property {Record<string, any> | null} session of a service conversation
 * @property {number} firstSeq
 * @property {number} lastSeq the last event applied; `firstSeq - 1` when nothing is loaded
 * @property {number} summarySeq
 * @property {number} lastMsgNo
 * @property {number} readMsgNo this account's own read cursor
 * @property {Message | null} lastMessage
 * @property {import("./frames.js").GroupView | null} group how a group is run
 * @property {string | null} silencedUntil this account's own silence
 * @property {readonly number[]} mentions `msg_no` of unread messages that call this account
 * @property {import("./frames.js").OwnView} own how this account keeps the conversation in its list; `folded` and
 *   `folded_until` (null unless the other side writes too fast) are kept true by what comes
 * @property {Readonly<Record<string, number>>} cursors read cursors of the others, by account id
 * @property {readonly Event[]} timeline ascending, without tombstones; a message stands in it as it is now
 */
import { folding, hastened, newer } from "./folding.js";

/** @type {import("./frames.js").OwnView} */
const UNTOUCHED = Object.freeze({
  version: 0, pinned_at: null, muted: false, archived_msg_no: null, folded: false, folded_until: null, draft: "", draft_at: null,
});

/**
 * Start from a summary: the timeline is empty, and begins after it.
 * @param {Summary} summary
 * @param {string} selfId
 * @returns {ConversationState}
 */
export function fromSummary(summary, selfId) {
  return folding({
    id: summary.id,
    selfId,
    kind: summary.kind,
    ...described(summary),
    isMember: true,
    firstSeq: summary.last_seq + 1,
    lastSeq: summary.last_seq,
    summarySeq: summary.last_seq,
    lastMsgNo: summary.last_msg_no,
    readMsgNo: summary.read_msg_no,
    lastMessage: summary.last_message ?? null,
    mentions: summary.mentions ?? [],
    own: newer(UNTOUCHED, summary.own),
    cursors: {},
    timeline: [],
  });
}

/**
 * Take over a summary for a conversation that is already held. An older summary than what is held changes nothing
 * but the read cursor.
 * @param {ConversationState} state
 * @param {Summary} summary
 * @returns {ConversationState}
 */
export function mergeSummary(state, summary) {
  const readMsgNo = Math.max(state.readMsgNo, summary.read_msg_no);
  const own = newer(state.own, summary.own);
  if (summary.last_seq < Math.max(state.lastSeq, state.summarySeq)) {
    return folding({ ...state, readMsgNo, own, mentions: unreadOnly(state.mentions, readMsgNo) });
  }
  return folding({
    ...state,
    ...described(summary),
    isMember: true,
    summarySeq: summary.last_seq,
    lastMsgNo: Math.max(state.lastMsgNo, summary.last_msg_no),
    readMsgNo,
    own,
    mentions: unreadOnly(summary.mentions ?? [], readMsgNo),
    lastMessage: summary.last_message ?? state.lastMessage,
  });
}

/** @param {Summary} summary */
function described(summary) {
  return {
    title: summary.title,
    enterpriseId: summary.enterprise_id ?? null,
    createdAt: summary.created_at,
    role: summary.role ?? "member",
    joinedSeq: summary.joined_seq ?? 1,
    memberCount: summary.member_count,
    peer: summary.peer ?? null,
    session: summary.session ?? null,
    group: summary.group ?? null,
    silencedUntil: summary.silenced_until ?? null,
  };
}

/** @param {readonly number[]} mentions @param {number} readMsgNo */
function unreadOnly(mentions, readMsgNo) {
  return mentions.some((msgNo) => msgNo <= readMsgNo) ? mentions.filter((msgNo) => msgNo > readMsgNo) : mentions;
}

/**
 * Take over how this account keeps the conversation, unless something newer is known.
 * @param {ConversationState} state
 * @param {import("./frames.js").OwnView} own
 * @returns {ConversationState}
 */
export function applyOwn(state, own) {
  return folding({ ...state, own: newer(state.own, own) });
}

/**
 * Whether it is put away: nothing was said since, or it is muted.
 * @param {ConversationState} state
 */
export function isArchived({ own, lastMsgNo }) {
  return own.archived_msg_no !== null && (own.muted || lastMsgNo <= own.archived_msg_no);
}

/**
 * Whether an event brings what an earlier message has become.
 * @param {Event} event
 */
export function isChange(event) {
  return event.message !== undefined && event.message !== null && event.message.seq !== event.seq;
}

/** How a message shows itself without a word of the server. @type {Record<string, import("./frames.js").Alert>} */
const LOUD = { system: "banner", marketing: "folded" };

/**
 * How an event that brings a message shows itself to this account: null when it is one's own, or brings none.
 * @param {Event} event
 * @param {string} selfId
 * @returns {import("./frames.js").Alert | null}
 */
export function alertOf({ message, alert }, selfId) {
  if (!message || message.sender_id === selfId) return null;
  return alert ?? LOUD[message.class ?? ""] ?? "ring";
}

/**
 * The last `seq` that an event covers: a tombstone covers several.
 * @param {Event} event
 */
export function endOf(event) {
  return event.kind === "hidden" ? Math.max(event.seq, event.data?.to_seq ?? 0) : event.seq;
}

/**
 * Whether events are missing between the state and this one.
 * @param {ConversationState} state
 * @param {Event} event
 */
export function isGap(state, event) {
  return event.seq > state.lastSeq + 1;
}

/**
 * Apply the next event. A duplicate, or one behind a gap, gives the same state back.
 * @param {ConversationState} state
 * @param {Event} event
 * @returns {ConversationState}
 */
export function applyEvent(state, event) {
  const end = endOf(event);
  if (end <= state.lastSeq || isGap(state, event)) return state;
  if (event.kind === "hidden") return Object.freeze({ ...state, lastSeq: end });
  if (isChange(event)) return changed({ ...state, lastSeq: end }, /** @type {Message} */ (event.message));
  const known = event.seq <= state.summarySeq;
  return folding({
    ...state,
    lastSeq: end,
    timeline: [...state.timeline, event],
    ...(event.message ? withMessage(state, event.message) : {}),
    ...(known ? {} : withChange(state, event)),
  });
}

/**
 * Put what a message has become in its place, if it is held.
 * @param {ConversationState} state
 * @param {Message} message
 * @returns {ConversationState}
 */
function changed(state, message) {
  const recalled = message.kind === "recalled";
  return folding({
    ...state,
    timeline: state.timeline.map((event) => (event.seq === message.seq ? { ...event, message } : event)),
    lastMessage: state.lastMessage?.seq === message.seq ? message : state.lastMessage,
    mentions: recalled ? state.mentions.filter((msgNo) => msgNo !== message.msg_no) : state.mentions,
  });
}

/**
 * @param {ConversationState} state
 * @param {Message} message
 * @returns {Partial<ConversationState>}
 */
function withMessage(state, message) {
  const isNewest = state.lastMessage === null || message.msg_no >= state.lastMessage.msg_no;
  const own = message.sender_id === state.selfId;
  // A summary says what was read, also after a message that had to wait.
  const counted = message.released === true && message.seq <= state.summarySeq;
  const readMsgNo = own && !counted ? readBySending(state.readMsgNo, message) : state.readMsgNo;
  const calls = message.mention_all === true || (message.mentions ?? []).includes(state.selfId);
  const isNew = calls && !state.mentions.includes(message.msg_no);
  return {
    own: own ? state.own : hastened(state.own, message),
    lastMsgNo: Math.max(state.lastMsgNo, message.msg_no),
    lastMessage: isNewest ? message : state.lastMessage,
    // Who writes has read: the sender's cursor moves with the message, and no frame says it besides.
    readMsgNo,
    mentions: unreadOnly(isNew ? [...state.mentions, message.msg_no] : state.mentions, readMsgNo),
    cursors: own ? state.cursors : sentBy(state.cursors, message),
  };
}

/**
 * How far a sender has read, now that a message of his is there. One that had to wait was written before what came
 * meanwhile: it moves the cursor of who has read everything before it, and of nobody else.
 * @param {number} readMsgNo
 * @param {Message} message
 */
function readBySending(readMsgNo, { msg_no: msgNo, released }) {
  return released && readMsgNo < msgNo - 1 ? readMsgNo : Math.max(readMsgNo, msgNo);
}

/** @param {Readonly<Record<string, number>>} cursors @param {Message | null | undefined} message of somebody else */
function sentBy(cursors, message) {
  const senderId = message?.sender_id;
  return message && senderId ? moved(cursors, senderId, readBySending(cursors[senderId] ?? -1, message)) : cursors;
}

/**
 * What an event that the summary does not know yet changes in it.
 * @param {ConversationState} state
 * @param {Event} event
 * @returns {Partial<ConversationState>}
 */
function withChange(state, event) {
  const data = event.data ?? {};
  const self = data.account_id === state.selfId;
  switch (event.kind) {
    case "conversation.renamed":
      return { title: data.title };
    case "member.joined":
      return { memberCount: state.memberCount + 1, ...(self ? { isMember: true, role: data.role ?? state.role } : {}) };
    case "member.left":
      return { memberCount: Math.max(0, state.memberCount - 1), ...(self ? { isMember: false } : {}) };
    case "member.changed":
      return self && "silenced_until" in data ? { silencedUntil: data.silenced_until } : {};
    case "group.changed":
      return state.group ? { group: { ...state.group, ...data } } : {};
    case "message.pinned":
      return withPins(state, [...(state.group?.pins ?? []), data.message_seq]);
    case "message.unpinned":
      return withPins(state, (state.group?.pins ?? []).filter((seq) => seq !== data.message_seq));
    case "member.role_changed":
      return self ? { role: data.role } : {};
    default:
      return event.kind.startsWith("session.") ? { session: sessionFrom(data) } : {};
  }
}

/** @param {ConversationState} state @param {number[]} pins @returns {Partial<ConversationState>} */
function withPins({ group }, pins) {
  return group ? { group: { ...group, pins } } : {};
}

/**
 * The session as a summary would tell it: an event has more, and a closed session is none.
 * @param {Record<string, any>} data
 */
function sessionFrom({ session_id: id, state, assignment_version, agent_id = null, agent_name = null }) {
  return state === "closed" ? null : { id, state, assignment_version, agent_id, agent_name };
}

/**
 * Move a read cursor forward; it never moves back. It may run ahead of the message that another device has read.
 * @param {ConversationState} state
 * @param {string} accountId
 * @param {number} msgNo
 * @returns {ConversationState}
 */
export function applyCursor(state, accountId, msgNo) {
  if (accountId === state.selfId) {
    const readMsgNo = Math.max(state.readMsgNo, msgNo);
    if (readMsgNo === state.readMsgNo) return state;
    return Object.freeze({ ...state, readMsgNo, mentions: unreadOnly(state.mentions, readMsgNo) });
  }
  const cursors = moved(state.cursors, accountId, msgNo);
  return cursors === state.cursors ? state : Object.freeze({ ...state, cursors });
}

/**
 * @param {Readonly<Record<string, number>>} cursors
 * @param {string} accountId
 * @param {number} msgNo
 */
function moved(cursors, accountId, msgNo) {
  return (cursors[accountId] ?? -1) >= msgNo ? cursors : Object.freeze({ ...cursors, [accountId]: msgNo });
}

/**
 * Put a page of history in front.
 * @param {ConversationState} state
 * @param {readonly Event[]} events ascending; those outside `fromSeq` to `firstSeq - 1` are left out
 * @param {number} fromSeq the first `seq` that the page covers
 * @returns {ConversationState}
 */
export function prependHistory(state, events, fromSeq) {
  if (fromSeq >= state.firstSeq) return state;
  const older = events.filter((event) => (
    event.kind !== "hidden" && !isChange(event) && event.seq >= fromSeq && event.seq < state.firstSeq
  ));
  return Object.freeze({
    ...state,
    firstSeq: fromSeq,
    timeline: [...older, ...state.timeline],
    cursors: older.reduce((cursors, { message }) => {
      return message?.sender_id === state.selfId ? cursors : sentBy(cursors, message);
    }, state.cursors),
  });
}

/**
 * How many messages this account has not read.
 * @param {ConversationState} state
 */
export function unreadOf(state) {
  return Math.max(0, state.lastMsgNo - state.readMsgNo);
}

/**
 * Whether there is more to fetch at the front.
 * @param {ConversationState} state
 */
export function hasOlder(state) {
  return state.firstSeq > 1;
}
