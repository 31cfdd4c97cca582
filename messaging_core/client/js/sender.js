/**
 * Brings the outbox to the server: one message of a conversation at a time, again after every reconnect, until each is
 * acknowledged or refused for good.
 *
 * @typedef {import("./outbox.js").Entry} Entry
 * @typedef {{kind?: string, v?: number, body: Record<string, any>, assignmentVersion?: number, clientMsgId?: string,
 *           quote?: {reply_to?: number, mentions?: string[], mention_all?: boolean}}} Draft
 */
import { KefuError } from "./errors.js";
import { clientFrame } from "./frames.js";
import { randomId } from "./ids.js";

/** The first wait for a message that was refused for now without a time; doubles up to the second. */
const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** What a frame has besides the checked content: its `ref`. */
const REF_BYTES = 40;

export class Sender {
  /**
   * @param {object} options
   * @param {import("./outbox.js").Outbox} options.outbox
   * @param {() => boolean} options.online
   * @param {() => Record<string, number>} options.limits of the `welcome`
   * @param {(entry: Entry) => void} options.dispatch sends the frame of an entry
   * @param {(name: string, detail: any) => void} options.emit
   * @param {(ms: number, run: () => void) => void} options.later
   * @param {() => number} options.now
   */
  constructor({ outbox, online, limits, dispatch, emit, later, now }) {
    this._outbox = outbox;
    this._online = online;
    this._limits = limits;
    this._dispatch = dispatch;
    this._emit = emit;
    this._later = later;
    this._now = now;
  }

  /**
   * Queue a message and send it as soon as it can be.
   * @param {string} conversationId
   * @param {Draft} draft
   * @returns {Entry}
   */
  send(conversationId, { kind = "text", v = 1, body, assignmentVersion, clientMsgId = randomId(), quote }) {
    const message = { conversationId, kind, v, body, assignmentVersion, clientMsgId, quote };
    this._check(message);
    const entry = this._outbox.add(message);
    this._changed(conversationId);
    return this._outbox.find(clientMsgId) ?? entry;
  }

  /** @param {string} clientMsgId */
  resend(clientMsgId) {
    const entry = this._outbox.find(clientMsgId);
    if (entry === null || entry.status !== "refused") return;
    this._outbox.update(entry, { status: "waiting", error: null, notBefore: 0 });
    this._changed(entry.conversationId);
  }

  /** @param {string} clientMsgId @returns {boolean} */
  discard(clientMsgId) {
    const entry = this._outbox.find(clientMsgId);
    if (entry === null || !["waiting", "refused"].includes(entry.status)) return false;
    this._remove(entry);
    return true;
  }

  /** Connected: send what waits. @param {string} accountId */
  resume(accountId) {
    this._outbox.bind(accountId);
    for (const conversationId of this._outbox.conversationIds()) this._changed(conversationId);
  }

  /** Not connected: what had no answer waits again. */
  pause() {
    for (const conversationId of this._outbox.requeue()) this._changed(conversationId);
  }

  /** The event of an own message has come: it is stored, whatever became of its acknowledgement. @param {string | null} clientMsgId */
  arrived(clientMsgId) {
    const entry = clientMsgId === null ? null : this._outbox.find(clientMsgId);
    if (entry !== null) this._remove(entry);
  }

  /**
   * @param {Record<string, any>} ack
   * @param {number} lastSeq the last event of its conversation that was applied
   */
  acknowledged(ack, lastSeq) {
    const entry = this._outbox.find(ack.client_msg_id);
    if (entry === null) return;
    const seq = ack.seq ?? null;
    if (ack.status === "recalled") return this._remove(entry);
    const { rule = null, until = null } = ack;
    const acknowledged = this._outbox.update(entry, { status: ack.status, seq, error: null, rule, until });
    if (seq !== null && seq <= lastSeq) this._remove(acknowledged);
    else this._changed(entry.conversationId);
  }

  /**
   * A message that waited goes on waiting, was refused, or was taken back.
   * @param {Record<string, any>} frame
   */
  changed({ client_msg_id: clientMsgId, status, rule, until }) {
    const entry = this._outbox.find(clientMsgId);
    if (entry === null) return;
    if (status === "recalled") return this._remove(entry);
    const error = status === "refused" ? new KefuError("not_allowed", "", { status: 403, data: { rule } }) : null;
    const changed = this._outbox.update(entry, { status, rule, until, error });
    if (error !== null) this._emit("refused", { entry: changed, error });
    this._changed(entry.conversationId);
  }

  /**
   * @param {string} clientMsgId
   * @param {KefuError} error
   * @returns {boolean} whether it was about a message that is under way
   */
  refused(clientMsgId, error) {
    const entry = this._outbox.find(clientMsgId);
    if (entry === null || entry.status !== "sending") return false;
    if (error.transient) {
      const wait = error.retryAfterMs ?? Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** Math.min(entry.attempts - 1, 10));
      this._outbox.update(entry, { status: "waiting", error, notBefore: this._now() + wait });
      this._later(wait, () => this._pump(entry.conversationId));
    } else {
      this._emit("refused", { entry: this._outbox.update(entry, { status: "refused", error }), error });
    }
    this._changed(entry.conversationId);
    return true;
  }

  /**
   * Refuse what the server would refuse anyway, before it is queued.
   * @param {Draft & {conversationId: string}} message
   */
  _check(message) {
    const limits = this._limits();
    if (message.kind === "text" && [...String(message.body?.text)].length > limits.text_chars) {
      throw new KefuError("message_too_long", "", { status: 413, data: { limit: limits.text_chars } });
    }
    const bytes = new TextEncoder().encode(JSON.stringify(sendFrame(message))).length + REF_BYTES;
    if (bytes > limits.frame_bytes) throw new KefuError("too_large", "", { status: 413, data: { limit: limits.frame_bytes } });
  }

  /** Send the next message of a conversation, if it is its turn. @param {string} conversationId */
  _pump(conversationId) {
    const entry = this._online() ? this._outbox.next(conversationId) : null;
    if (entry === null || entry.notBefore > this._now()) return;
    this._dispatch(this._outbox.update(entry, { status: "sending", attempts: entry.attempts + 1 }));
    this._emit("outbox", { conversationId });
  }

  /** @param {Entry} entry */
  _remove({ clientMsgId, conversationId }) {
    this._outbox.remove(clientMsgId);
    this._changed(conversationId);
  }

  /** @param {string} conversationId */
  _changed(conversationId) {
    this._emit("outbox", { conversationId });
    this._pump(conversationId);
  }
}

/**
 * The frame that carries a message.
 * @param {Draft & {conversationId: string}} message
 * @param {string} [ref]
 */
export function sendFrame({ conversationId, clientMsgId, kind, v, body, assignmentVersion, quote }, ref) {
  return clientFrame("send", {
    ref, conversation_id: conversationId, client_msg_id: clientMsgId, kind, v, body, assignment_version: assignmentVersion,
    ...quote,
  });
}
