/**
 * A client of protocol 1: connects, resumes, sends without losing or doubling, and keeps every conversation right.
 *
 *     const client = new KefuClient({ baseUrl: location.origin, token, storage: localStorage });
 *     client.on("conversation", ({ conversationId }) => draw(client.conversation(conversationId)));
 *     client.connect();
 *     client.send(conversationId, { body: { text: "你好" } });
 *
 * Events (`client.on(name, listener)`; each is also a CustomEvent with the same `detail`):
 *   status        ConnectionStatus
 *   welcome       the frame: account, limits, `more`
 *   conversation  {conversationId, change: summary | event | history | cursor | members | own | unfolded | reset | gone, event?}
 *   message       {conversationId, message, alert}   a message that has just come (not from history), and how loud it is
 *   outbox        {conversationId}            a message on its way changed its status
 *   refused       {entry, error}              the server will not take this message
 *   typing        {conversationId, accountId, on}
 *   waiting       {conversationId, count}     so many wait to be let into a group that one leads
 *   presence      {accountId, online, at}; `online` is null while not connected
 *   problem       KefuError                   something in the background went wrong
 *
 * @typedef {import("./outbox.js").Entry} Entry
 * @typedef {import("./sender.js").Draft} Draft
 */
import { Connection } from "./connection.js";
import { alertOf } from "./conversation_state.js";
import { ConversationStore } from "./conversation_store.js";
import { KefuError } from "./errors.js";
import { clientFrame } from "./frames.js";
import { KefuHttp } from "./http.js";
import { Outbox } from "./outbox.js";
import { Sender, sendFrame } from "./sender.js";
import { Signals } from "./signals.js";
import { Unfolding } from "./unfolding.js";
import { browserTimers } from "./websocket_link.js";

/** After an acknowledgement the event must come soon; if it does not, it is asked for. */
const EVENT_PATIENCE_MS = 3_000;

export class KefuClient extends EventTarget {
  /**
   * @param {object} options
   * @param {string} options.baseUrl such as `location.origin`
   * @param {string} options.token
   * @param {"zh" | "en"} [options.lang]
   * @param {import("./outbox.js").KeyValueStorage | null} [options.storage] keeps unsent messages over a reload
   * @param {string} [options.name] told to the server in `hello`
   * @param {typeof globalThis.fetch} [options.fetch]
   * @param {typeof globalThis.WebSocket | null} [options.WebSocket]
   * @param {import("./websocket_link.js").Timers} [options.timers]
   * @param {() => number} [options.random]
   * @param {Partial<typeof import("./connection.js").TUNING>} [options.tuning]
   */
  constructor({ baseUrl, token, lang = "zh", storage = null, name = "kefu-js/0.1", fetch, timers = browserTimers, ...link }) {
    super();
    const onProblem = (/** @type {KefuError} */ error) => this._emit("problem", error);
    this.http = new KefuHttp({ baseUrl, token, lang, fetch });
    /** @type {import("./frames.js").Account | null} */
    this.account = null;
    /** Sizes that the server told in `welcome`. @type {Record<string, number>} */
    this.limits = { frame_bytes: 65_536, text_chars: 5_000, welcome_conversations: 100 };
    this._timers = timers;
    this._outbox = new Outbox({ storage, now: timers.now, onProblem });
    /** @type {ConversationStore} */
    this._store = new ConversationStore({
      http: this.http,
      sync: (conversationId, afterSeq) => this._sync(conversationId, afterSeq),
      send: (frame) => this._connection.send(frame),
      onChange: (change) => {
        this._unfolding.watch(change.conversationId);
        this._emit("conversation", change);
      },
      onProblem,
    });
    this._unfolding = new Unfolding({
      timers,
      until: (id) => this._store.find(id)?.own.folded_until ?? null,
      unfold: (id, now) => this._store.unfold(id, now),
    });
    this._sender = new Sender({
      outbox: this._outbox,
      online: () => this._connection.online,
      limits: () => this.limits,
      dispatch: (entry) => this._dispatch(entry),
      emit: (eventName, detail) => this._emit(eventName, detail),
      later: (ms, run) => this._later(ms, run),
      now: timers.now,
    });
    this.signals = new Signals({
      send: (frame) => this._connection.send(frame),
      emit: (eventName, detail) => this._emit(eventName, detail),
      timers,
    });
    /** @type {Connection} */
    this._connection = new Connection({
      ...link, http: this.http, timers, onProblem,
      hello: () => ({ protocol: 1, token, features: ["presence"], client: name, lang, cursors: this._store.cursors() }),
      onFrame: (frame) => this._receive(frame),
      onStatus: (status) => this._statusChanged(status),
    });
    this._lastRef = 0;
    /** What an answer with this ref is about. @type {Map<string, {conversationId: string, clientMsgId?: string}>} */
    this._open = new Map();
    /** @type {Set<any>} */
    this._waits = new Set();
  }

  /**
   * Listen.
   * @param {string} name
   * @param {(detail: any) => void} listener
   * @returns {() => void} stop listening
   */
  on(name, listener) {
    const wrapped = (/** @type {globalThis.Event} */ event) => listener(/** @type {CustomEvent} */ (event).detail);
    this.addEventListener(name, wrapped);
    return () => this.removeEventListener(name, wrapped);
  }

  connect() {
    this._connection.start();
  }

  /** End the connection and every timer; unsent messages stay in the storage. */
  close() {
    this._connection.stop();
    for (const wait of this._waits) this._timers.clearTimeout(wait);
    this._waits.clear();
    this._unfolding.close();
    this.signals.close();
  }

  /** The network is back or the page was opened again: try now. */
  poke() {
    this._connection.poke();
  }

  /** The device says that it is offline. */
  drop() {
    this._connection.drop();
  }

  get status() {
    return this._connection.status;
  }

  /** @param {string} conversationId */
  conversation(conversationId) {
    return this._store.find(conversationId);
  }

  /** All conversations held, the last active first. */
  conversations() {
    return this._store.list();
  }

  /** @param {string} conversationId */
  members(conversationId) {
    return this._store.membersOf(conversationId);
  }

  /** @param {string} conversationId messages that are not in the timeline yet @returns {Entry[]} */
  outgoing(conversationId) {
    return this._outbox.of(conversationId);
  }

  /**
   * Send, now or as soon as there is a connection.
   * @param {string} conversationId
   * @param {Draft} draft
   * @returns {Entry}
   * @throws {KefuError} `invalid_request`, `message_too_long`, `too_large`: nothing was queued
   */
  send(conversationId, draft) {
    return this._sender.send(conversationId, draft);
  }

  /** Try a refused message again, unchanged. @param {string} clientMsgId */
  resend(clientMsgId) {
    this._sender.resend(clientMsgId);
  }

  /** Forget a message that has not left. @param {string} clientMsgId @returns {boolean} false when it is under way */
  discard(clientMsgId) {
    return this._sender.discard(clientMsgId);
  }

  /** @param {string} conversationId @param {number} [msgNo] the last message when left out */
  markRead(conversationId, msgNo) {
    this._store.markRead(conversationId, msgNo);
  }

  /** @param {string} conversationId @param {number} [size] @returns {Promise<boolean>} whether something was added */
  loadOlder(conversationId, size) {
    return this._store.loadOlder(conversationId, size);
  }

  /** @param {string} conversationId */
  loadMembers(conversationId) {
    return this._store.loadMembers(conversationId);
  }

  /**
   * Fetch a page of the list of conversations into this client.
   * @param {string | null} [cursor]
   * @returns {Promise<string | null>} the cursor of the next page
   */
  async loadConversations(cursor = null) {
    const page = await this.http.conversations({ cursor });
    for (const summary of page.items) this._adoptSummary(summary);
    return page.next_cursor;
  }

  /**
   * Make or find a conversation.
   * @param {Parameters<KefuHttp["createConversation"]>[0]} what
   * @returns {Promise<import("./conversation_state.js").ConversationState>}
   */
  async createConversation(what) {
    const { conversation } = await this.http.createConversation(what);
    this._adoptSummary(conversation);
    return /** @type {any} */ (this._store.find(conversation.id));
  }

  /**
   * Come into a group by a link.
   * @param {string} code
   * @param {string} [words] for its admins
   * @returns {Promise<import("./conversation_state.js").ConversationState | null>} null: an admin must let one in first
   */
  async joinByInvite(code, words) {
    const { conversation } = await this.http.joinByInvite(code, words);
    if (conversation === null) return null;
    this._adoptSummary(conversation);
    return this._store.find(conversation.id);
  }

  /** Keep what was begun to write, for all of one's devices; empty: nothing. @param {string} conversationId @param {string} text */
  async putDraft(conversationId, text) {
    const { own } = await this.http.putDraft(conversationId, text);
    this._store.setOwn(conversationId, own);
  }

  /** A summary that came by HTTP may be ahead of the live events. @param {import("./frames.js").Summary} summary */
  _adoptSummary(summary) {
    this._store.addSummary(summary);
    this._store.hearOf(summary.id, summary.last_seq);
    this._later(EVENT_PATIENCE_MS, () => this._store.heal(summary.id));
  }

  /** @param {Record<string, any>} frame */
  _receive(frame) {
    const id = frame.conversation_id;
    switch (frame.type) {
      case "welcome": return this._welcome(frame);
      case "event": return this._event(/** @type {any} */ (frame));
      case "ack": return this._ack(frame);
      case "error": return this._error(frame);
      case "synced": return this._store.synced(id, frame.seq);
      case "conversation": return this._appear(frame.conversation);
      case "own": return this._store.setOwn(id, frame.own);
      case "waiting": return this._emit("waiting", { conversationId: id, count: frame.count });
      case "cursor": return this._store.moveCursor(id, frame.account_id, frame.msg_no);
      case "typing": return this.signals.receiveTyping(id, frame.account_id, frame.on);
      case "pending": return this._sender.changed(frame);
      case "presence": return this.signals.receivePresence(frame);
      default: return undefined; // pong and closing: the connection has taken note
    }
  }

  /** @param {Record<string, any>} frame */
  _welcome(frame) {
    this.account = frame.account;
    this.limits = { ...this.limits, ...frame.limits };
    this._unfolding.setClock(frame.at);
    this._emit("welcome", frame);
    this._store.welcome(frame.account.id, frame.conversations);
    this.signals.resume();
    this._sender.resume(frame.account.id);
  }

  /** A conversation may begin with a message: its summary has it, and no event comes. @param {import("./frames.js").Summary} summary */
  _appear(summary) {
    const isNew = !this._store.find(summary.id);
    this._store.appear(summary);
    const { id: conversationId, last_message: message, alert = null } = summary;
    if (!isNew || !message || summary.unread === 0 || message.seq <= summary.joined_seq || message.sender_id === this.account?.id) return;
    this._emit("message", { conversationId, message, alert });
  }

  /** @param {import("./frames.js").Event} event */
  _event(event) {
    const { message, conversation_id: conversationId } = event;
    if (message && message.sender_id === this.account?.id) this._sender.arrived(message.client_msg_id);
    const before = this._store.find(conversationId)?.lastSeq ?? 0;
    this._store.addEvent(event);
    const isNew = (this._store.find(conversationId)?.lastSeq ?? 0) > before;
    if (!message || !isNew || message.seq !== event.seq) return;
    if (message.sender_id !== null) this.signals.receiveTyping(conversationId, message.sender_id, false);
    this._emit("message", { conversationId, message, alert: alertOf(event, this.account?.id ?? "") });
  }

  /** @param {Record<string, any>} ack */
  _ack(ack) {
    const { ref, conversation_id: conversationId, seq = null } = ack;
    this._open.delete(ref);
    this._sender.acknowledged(ack, this._store.find(conversationId)?.lastSeq ?? 0);
    if (seq === null) return;
    this._store.hearOf(conversationId, seq);
    this._later(EVENT_PATIENCE_MS, () => this._store.heal(conversationId));
  }

  /** @param {Record<string, any>} frame */
  _error(frame) {
    const error = KefuError.fromWire(frame);
    const about = this._open.get(frame.ref);
    this._open.delete(frame.ref);
    const clientMsgId = about?.clientMsgId ?? error.data.client_msg_id;
    if (typeof clientMsgId === "string" && this._sender.refused(clientMsgId, error)) return undefined;
    if (about && about.clientMsgId === undefined) this._store.syncRefused(about.conversationId);
    if (this._settle(error, (frame.ref ?? null) !== null)) return undefined;
    // An error before `welcome` ends the connection: its status tells it.
    if (this._connection.online) this._emit("problem", error);
    return undefined;
  }

  /**
   * The answer to a cursor of `hello` that the server cannot follow. It has no `ref`; what is refused of any other
   * frame says nothing about what is held here.
   * @param {KefuError} error
   * @param {boolean} asked it answers another frame
   */
  _settle({ code, data: { conversation_id: conversationId } }, asked) {
    if (typeof conversationId !== "string") return false;
    if (code === "cursor_ahead") void this._store.reset(conversationId);
    else if (code === "not_a_member" && !asked) this._store.forget(conversationId);
    else return false;
    return true;
  }

  /** @param {Entry} entry */
  _dispatch(entry) {
    const ref = this._ref({ conversationId: entry.conversationId, clientMsgId: entry.clientMsgId });
    this._connection.send(sendFrame(entry, ref));
  }

  /** @param {string} conversationId @param {number} afterSeq */
  _sync(conversationId, afterSeq) {
    const ref = this._ref({ conversationId });
    this._connection.send(clientFrame("sync", { ref, conversation_id: conversationId, after_seq: afterSeq }));
  }

  /** @param {{conversationId: string, clientMsgId?: string}} about */
  _ref(about) {
    const ref = String((this._lastRef += 1));
    this._open.set(ref, about);
    return ref;
  }

  /** @param {import("./connection.js").ConnectionStatus} status */
  _statusChanged(status) {
    if (status.phase !== "online") {
      this._open.clear();
      this._sender.pause();
      this.signals.pause();
    }
    this._emit("status", status);
  }

  /** @param {number} ms @param {() => void} run */
  _later(ms, run) {
    const wait = this._timers.setTimeout(() => {
      this._waits.delete(wait);
      run();
    }, ms);
    this._waits.add(wait);
  }

  /** @param {string} name @param {any} detail */
  _emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
