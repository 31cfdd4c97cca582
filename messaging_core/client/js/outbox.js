/**
 * Messages on their way: kept until the server has acknowledged them, and sent again under the same `client_msg_id`
 * after every reconnect, which the server takes as the same message.
 *
 * Within a conversation one message is under way at a time. That keeps the order even when one has to wait: had
 * the next already left, it would overtake a message that was refused for now (`rate_limited`, `overloaded`).
 *
 * With a storage, each message is an item of its own: two tabs of one account do not overwrite each other's, and when
 * both send the same message, it is still one.
 *
 * @typedef {"waiting" | "sending" | "sent" | "held" | "queued" | "refused"} EntryStatus
 *   waiting: for a connection or its turn · sending: no answer yet · sent: acknowledged, its event still to come ·
 *   held, queued: the server has it, for review or for quiet hours · refused: for good, see `error`
 *
 * @typedef {object} Entry
 * @property {string} clientMsgId
 * @property {string} conversationId
 * @property {string} kind
 * @property {number} v
 * @property {Record<string, any>} body
 * @property {number} [assignmentVersion]
 * @property {{reply_to?: number, mentions?: string[], mention_all?: boolean}} [quote] what it answers, whom it calls
 * @property {number} createdAt milliseconds since 1970, by this device's clock
 * @property {number} order
 * @property {EntryStatus} status
 * @property {number} attempts
 * @property {number} notBefore milliseconds since 1970; 0 for at once
 * @property {import("./errors.js").KefuError | null} error
 * @property {number | null} seq once acknowledged
 *
 * @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">} KeyValueStorage
 */
import { KefuError } from "./errors.js";
import { randomId } from "./ids.js";

const STORED = ["clientMsgId", "conversationId", "kind", "v", "body", "assignmentVersion", "quote", "createdAt", "order"];

export class Outbox {
  /**
   * @param {object} options
   * @param {KeyValueStorage | null} [options.storage] such as localStorage; null keeps messages in memory only
   * @param {() => number} [options.now] milliseconds since 1970
   * @param {(error: KefuError) => void} [options.onProblem] told when the storage refuses; the message stays in memory
   */
  constructor({ storage = null, now = Date.now, onProblem = () => {} } = {}) {
    this._storage = storage;
    this._now = now;
    this._onProblem = onProblem;
    /** @type {Map<string, Entry>} by client_msg_id, in the order of sending */
    this._entries = new Map();
    this._prefix = "";
    this._lastOrder = 0;
  }

  /**
   * Say whose outbox this is: reads what an earlier page left behind.
   * @param {string} accountId
   */
  bind(accountId) {
    const prefix = `kefu.outbox.${accountId}.`;
    if (this._prefix === prefix) return;
    this._prefix = prefix;
    for (const entry of this._entries.values()) this._keep(entry);
    const all = [...this._read(), ...this._entries.values()].sort((a, b) => a.order - b.order);
    this._entries = new Map(all.map((entry) => [entry.clientMsgId, entry]));
    this._lastOrder = Math.max(this._lastOrder, all.at(-1)?.order ?? 0);
  }

  /**
   * @param {{conversationId: string, kind: string, v: number, body: Record<string, any>, assignmentVersion?: number,
   *          clientMsgId?: string}} message
   * @returns {Entry}
   */
  add({ clientMsgId = randomId(), ...message }) {
    const createdAt = this._now();
    // A clock that stands still or jumps back must not change the order.
    this._lastOrder = Math.max(this._lastOrder + 1, createdAt);
    /** @type {Entry} */
    const entry = {
      ...message, clientMsgId, createdAt, order: this._lastOrder, status: "waiting", attempts: 0, notBefore: 0,
      error: null, seq: null,
    };
    this._entries.set(clientMsgId, entry);
    this._keep(entry);
    return entry;
  }

  /** @param {string} clientMsgId @returns {Entry | null} */
  find(clientMsgId) {
    return this._entries.get(clientMsgId) ?? null;
  }

  /** @param {string} conversationId @returns {Entry[]} in the order of sending */
  of(conversationId) {
    return [...this._entries.values()].filter((entry) => entry.conversationId === conversationId);
  }

  /** @returns {string[]} conversations with something to send */
  conversationIds() {
    return [...new Set([...this._entries.values()].map((entry) => entry.conversationId))];
  }

  /**
   * The message whose turn it is, or null while one is under way or nothing is left.
   * @param {string} conversationId
   */
  next(conversationId) {
    const open = this.of(conversationId).filter(({ status }) => status === "waiting" || status === "sending");
    return open.length > 0 && open[0].status === "waiting" ? open[0] : null;
  }

  /** @param {Entry} entry @param {Partial<Entry>} change */
  update(entry, change) {
    const changed = { ...entry, ...change };
    this._entries.set(entry.clientMsgId, changed);
    // What the server has is its to keep; a refused message stays until somebody has seen that it was refused.
    if (["sent", "held", "queued"].includes(changed.status)) this._drop(entry.clientMsgId);
    return changed;
  }

  /** Take a message out: its event has arrived, or its writer does not want it any more. @param {string} clientMsgId */
  remove(clientMsgId) {
    if (this._entries.delete(clientMsgId)) this._drop(clientMsgId);
  }

  /**
   * The connection is gone: what was under way has to be sent again.
   * @returns {string[]} the conversations concerned
   */
  requeue() {
    const open = [...this._entries.values()].filter(({ status }) => status === "sending");
    for (const entry of open) this.update(entry, { status: "waiting" });
    return [...new Set(open.map((entry) => entry.conversationId))];
  }

  /** @param {Entry} entry */
  _keep(entry) {
    if (this._storage === null || this._prefix === "") return;
    const stored = Object.fromEntries(Object.entries(entry).filter(([name]) => STORED.includes(name)));
    try {
      this._storage.setItem(this._prefix + entry.clientMsgId, JSON.stringify(stored));
    } catch (cause) {
      this._onProblem(new KefuError("storage", "", { cause }));
    }
  }

  /** @param {string} clientMsgId */
  _drop(clientMsgId) {
    if (this._storage !== null && this._prefix !== "") this._storage.removeItem(this._prefix + clientMsgId);
  }

  /** @returns {Entry[]} */
  _read() {
    const storage = this._storage;
    if (storage === null) return [];
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
    return keys.flatMap((key) => {
      if (key === null || !key.startsWith(this._prefix)) return [];
      const entry = readEntry(storage.getItem(key));
      if (entry !== null) return this._entries.has(entry.clientMsgId) ? [] : [entry];
      storage.removeItem(key);
      this._onProblem(new KefuError("storage", "", { data: { key } }));
      return [];
    });
  }
}

/** @param {string | null} stored @returns {Entry | null} null when it is not ours */
function readEntry(stored) {
  let entry;
  try {
    entry = JSON.parse(stored ?? "");
  } catch {
    return null; // the caller reports it
  }
  const whole = typeof entry?.clientMsgId === "string" && typeof entry.conversationId === "string" &&
    typeof entry.kind === "string" && Number.isInteger(entry.v) && typeof entry.body === "object" &&
    Number.isFinite(entry.order) && Number.isFinite(entry.createdAt);
  return whole ? { ...entry, status: "waiting", attempts: 0, notBefore: 0, error: null, seq: null } : null;
}
