/**
 * The frames of protocol 1: what may be sent, and what is understood.
 *
 * `clientFrame` checks before anything leaves, `readServerFrame` before anything is believed. Both look only at what
 * this client relies on: unknown fields pass, because the protocol says that they are ignored.
 *
 * @typedef {{id: string, kind: string, name: string, enterprise_id?: string | null}} Account
 * @typedef {{id: string, client_msg_id: string | null, sender_id: string | null, origin: string, kind: string, v: number,
 *            body: Record<string, any>, seq: number, msg_no: number, at: string,
 *            reply_to?: {seq: number, message_id: string, sender_id: string}, mentions?: string[], mention_all?: boolean,
 *            forwarded?: boolean, edited_at?: string, reactions?: Record<string, string[]>, class?: string,
 *            released?: boolean, folded_ms?: number}} Message
 * @typedef {"banner" | "ring" | "badge" | "folded"} Alert
 * @typedef {{announcement_only: boolean, silenced_until: string | null, join_approval: boolean, notice: string,
 *            notice_at: string | null, pins: number[]}} GroupView
 * @typedef {{version: number, pinned_at: string | null, muted: boolean, archived_msg_no: number | null, folded: boolean,
 *            folded_until: string | null, draft: string, draft_at: string | null}} OwnView
 * @typedef {{type?: "event", conversation_id: string, seq: number, kind: string, v: number, at: string,
 *            actor_id: string | null, message?: Message, data?: Record<string, any>, alert?: "badge" | "folded"}} Event
 * @typedef {{id: string, kind: "direct" | "group" | "service", title: string, enterprise_id: string | null,
 *            created_at: string, role: string, joined_seq: number, last_seq: number, last_msg_no: number,
 *            read_msg_no: number, unread: number, member_count: number, peer: Account | null,
 *            last_message: Message | null, session: Record<string, any> | null, group?: GroupView | null,
 *            silenced_until?: string | null, mentions?: number[], own?: OwnView,
 *            alert?: Alert | null}} Summary
 */
import { KefuError } from "./errors.js";

export const PROTOCOL = 1;

/** @typedef {(value: any) => boolean} Check */
/** @type {Check} */
const id = (value) => typeof value === "string" && /^[0-9]{1,19}$/.test(value);
/** @type {Check} */
const text = (value) => typeof value === "string";
/** @type {Check} */
const count = (value) => Number.isSafeInteger(value) && value >= 0;
/** @type {Check} */
const number = (value) => Number.isSafeInteger(value) && value >= 1;
/** @type {Check} */
const flag = (value) => typeof value === "boolean";
/** @type {Check} */
const time = (value) => typeof value === "string" && value.endsWith("Z") && !Number.isNaN(Date.parse(value));
/** @type {Check} */
const dict = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
/** @type {(inner: Check) => Check} */
const nullable = (inner) => (value) => value === null || inner(value);
/** @type {(inner: Check) => Check} */
const optional = (inner) => (value) => value === undefined || inner(value);
/** @type {(inner: Check) => Check} */
const listOf = (inner) => (value) => Array.isArray(value) && value.every(inner);
/** @type {(longest: number) => Check} */
const shortText = (longest) => (value) => typeof value === "string" && value.length >= 1 && value.length <= longest;
/** @type {(...allowed: string[]) => Check} */
const oneOf = (...allowed) => (value) => allowed.includes(value);

/**
 * Name the first field that is not as the shape says, or null.
 * @param {Record<string, Check>} shape
 * @param {any} value
 */
function firstWrongField(shape, value) {
  if (!dict(value)) return "(not an object)";
  for (const [field, check] of Object.entries(shape)) if (!check(value[field])) return field;
  return null;
}

/** @type {(shape: Record<string, Check>) => Check} */
const shaped = (shape) => (value) => firstWrongField(shape, value) === null;

const account = shaped({ id, kind: text, name: text });
const message = shaped({
  id, client_msg_id: optional(nullable(text)), sender_id: nullable(id), origin: text, kind: text, v: number, body: dict,
  seq: number, msg_no: number, at: time, folded_ms: optional(count),
});
const ownView = shaped({ version: count, muted: flag, folded: flag, folded_until: optional(nullable(time)), draft: text });
const conversation = shaped({
  id, kind: oneOf("direct", "group", "service"), title: text, enterprise_id: optional(nullable(id)), created_at: time,
  role: optional(nullable(text)), joined_seq: optional(count), last_seq: count, last_msg_no: count, read_msg_no: count,
  member_count: count, peer: optional(nullable(account)), last_message: optional(nullable(message)),
  session: optional(nullable(dict)), group: optional(nullable(dict)), silenced_until: optional(nullable(time)),
  mentions: optional(listOf(number)), own: optional(ownView),
});
const ref = optional(shortText(64));
/** @type {Check} */
const clientMsgId = (value) => typeof value === "string" && /^[A-Za-z0-9_.:-]{1,64}$/.test(value);

/** @type {Record<string, Record<string, Check>>} */
const CLIENT_SHAPES = {
  hello: {
    protocol: (value) => value === PROTOCOL, token: shortText(512), features: listOf(text), client: text,
    lang: oneOf("zh", "en"), cursors: (value) => dict(value) && Object.entries(value).every(([k, v]) => id(k) && count(v)),
  },
  send: {
    ref, conversation_id: id, client_msg_id: clientMsgId, kind: shortText(64), v: number, body: dict,
    assignment_version: optional(count), reply_to: optional(number), mentions: optional(listOf(id)),
    mention_all: optional(flag),
  },
  read: { ref, conversation_id: id, msg_no: count },
  typing: { ref, conversation_id: id, on: flag },
  watch: { ref, account_ids: listOf(id) },
  sync: { ref, conversation_id: id, after_seq: count },
  ping: { ref },
};

/** @type {Record<string, Record<string, Check>>} */
const SERVER_SHAPES = {
  welcome: {
    protocol: (value) => value === PROTOCOL, session_id: text, account, at: time, features: listOf(text), limits: dict,
    conversations: listOf(conversation), more: flag,
  },
  synced: { conversation_id: id, seq: count },
  ack: {
    ref, status: oneOf("sent", "held", "queued", "recalled"), conversation_id: id, client_msg_id: text, message_id: optional(nullable(id)),
    seq: optional(nullable(number)), msg_no: optional(nullable(number)), duplicate: optional(flag),
    rule: optional(text), until: optional(nullable(time)),
  },
  event: {
    conversation_id: id, seq: number, kind: text, v: number, at: time, actor_id: nullable(id),
    message: optional(nullable(message)), data: optional(nullable(dict)), alert: optional(oneOf("badge", "folded")),
  },
  conversation: { conversation },
  own: { conversation_id: id, own: ownView },
  waiting: { conversation_id: id, count },
  cursor: { conversation_id: id, account_id: id, msg_no: count },
  typing: { conversation_id: id, account_id: id, on: flag },
  presence: { account_id: id, online: flag },
  pending: {
    conversation_id: id, client_msg_id: text, status: oneOf("queued", "refused", "recalled"), rule: text,
    until: optional(nullable(time)), at: time,
  },
  pong: { ref },
  error: { ref: optional(nullable(text)), code: text, detail: optional(text), data: optional(nullable(dict)) },
  closing: { code: text, resume: flag, retry_after_ms: optional(nullable(count)), detail: optional(text) },
};

/**
 * Build a frame that this protocol knows.
 * @param {string} type
 * @param {Record<string, any>} [fields] `undefined` fields are left out
 * @returns {Record<string, any>}
 */
export function clientFrame(type, fields = {}) {
  const shape = CLIENT_SHAPES[type];
  if (shape === undefined) throw new KefuError("unknown_frame", `no client frame is called ${type}`);
  const frame = { type, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) };
  const wrong = firstWrongField(shape, frame);
  if (wrong !== null) throw new KefuError("invalid_request", `${type}: ${wrong}`, { status: 422, data: { field: wrong } });
  return frame;
}

/**
 * Understand one text frame.
 * @param {string} textFrame
 * @returns {Record<string, any> | null} null for a frame type that this version does not know: to be ignored
 */
export function readServerFrame(textFrame) {
  let frame;
  try {
    frame = JSON.parse(textFrame);
  } catch (cause) {
    throw new KefuError("bad_server_frame", "not JSON", { cause });
  }
  return checkServerFrame(frame);
}

/**
 * Check a parsed frame; see `readServerFrame`.
 * @param {any} frame
 */
export function checkServerFrame(frame) {
  if (!dict(frame) || typeof frame.type !== "string") throw new KefuError("bad_server_frame", "no type");
  const shape = SERVER_SHAPES[frame.type];
  if (shape === undefined) return null;
  const wrong = firstWrongField(shape, frame);
  if (wrong === null && frame.kind === "message.sent" && !frame.message) return fail(frame, "message");
  if (wrong === null && frame.kind === "hidden" && !number(frame.data?.to_seq)) return fail(frame, "data.to_seq");
  return wrong === null ? frame : fail(frame, wrong);
}

/**
 * @param {Record<string, any>} frame
 * @param {string} field
 * @returns {never}
 */
function fail(frame, field) {
  throw new KefuError("bad_server_frame", `${frame.type}: ${field}`, { data: { type: frame.type, field } });
}
