/**
 * All conversations of one account: applies what comes, asks for what is missing, and never shows a gap.
 *
 * @typedef {import("./conversation_state.js").ConversationState} ConversationState
 * @typedef {import("./frames.js").Event} Event
 * @typedef {import("./frames.js").Summary} Summary
 * @typedef {{account_id: string, name: string, role: string, kind?: string, read_msg_no: number, nickname?: string | null,
 *            silenced_until?: string | null}} Member
 * @typedef {{conversationId: string, change: "summary" | "event" | "history" | "cursor" | "members" | "own" | "unfolded" | "reset" | "gone",
 *            event?: Event}} Change
 */
import {
  applyCursor, applyEvent, applyOwn, endOf, fromSummary, hasOlder, isGap, mergeSummary, prependHistory, unreadOf,
} from "./conversation_state.js";
import { KefuError } from "./errors.js";
import { unfold } from "./folding.js";
import { clientFrame } from "./frames.js";

const HISTORY_PAGE = 50;
/** A hello may have 64 KiB: the most recent conversations go into it, the others are asked for one by one. */
const HELLO_CURSORS = 1000;

export class ConversationStore {
  /**
   * @param {object} options
   * @param {import("./http.js").KefuHttp} options.http
   * @param {(conversationId: string, afterSeq: number) => void} options.sync sends a `sync` when online
   * @param {(frame: Record<string, any>) => boolean} options.send
   * @param {(change: Change) => void} options.onChange
   * @param {(error: KefuError) => void} options.onProblem
   */
  constructor({ http, sync, send, onChange, onProblem }) {
    this._http = http;
    this._sync = sync;
    this._send = send;
    this._onChange = onChange;
    this._onProblem = onProblem;
    this._selfId = "";
    /** @type {Map<string, ConversationState>} */
    this._states = new Map();
    /** @type {Map<string, readonly Member[]>} */
    this._members = new Map();
    /** Where a running sync started. @type {Map<string, number>} */
    this._syncing = new Map();
    /** The last `seq` heard of behind a gap. @type {Map<string, number>} */
    this._heardOf = new Map();
    /** Events of conversations whose summary is being fetched. @type {Map<string, Event[]>} */
    this._early = new Map();
    /** @type {Map<string, Promise<boolean>>} */
    this._loading = new Map();
    this._announced = new Set();
  }

  /** @param {string} conversationId @returns {ConversationState | null} */
  find(conversationId) {
    return this._states.get(conversationId) ?? null;
  }

  /** @returns {ConversationState[]} pinned ones first, then the last active */
  list() {
    const at = (/** @type {ConversationState} */ state) => (
      `${state.own.pinned_at ?? ""} ${state.lastMessage?.at ?? state.createdAt}`
    );
    return [...this._states.values()].sort((a, b) => (at(a) < at(b) ? 1 : at(a) > at(b) ? -1 : a.id < b.id ? 1 : -1));
  }

  /** @param {string} conversationId @returns {readonly Member[]} empty until loaded */
  membersOf(conversationId) {
    return this._members.get(conversationId) ?? [];
  }

  /** The cursors for a hello. */
  cursors() {
    const recent = this.list().slice(0, HELLO_CURSORS);
    this._announced = new Set(recent.map(({ id }) => id));
    return Object.fromEntries(recent.map(({ id, lastSeq }) => [id, lastSeq]));
  }

  /** @param {string} selfId @param {Summary[]} summaries */
  welcome(selfId, summaries) {
    this._selfId = selfId;
    this._syncing.clear();
    for (const id of this._states.keys()) if (!this._announced.has(id)) this._requestSync(id);
    for (const summary of summaries) {
      const before = this._states.get(summary.id);
      this.addSummary(summary);
      // Read while offline: the server does not know it yet.
      if (before !== undefined && before.readMsgNo > summary.read_msg_no) this._sendRead(summary.id, before.readMsgNo);
    }
    for (const id of this._early.keys()) this._adopt(id);
  }

  /**
   * Take over a summary from wherever it came. For a new conversation the timeline starts after it: before is history.
   * @param {Summary} summary
   */
  addSummary(summary) {
    const state = this._states.get(summary.id);
    this._put(state ? mergeSummary(state, summary) : fromSummary(summary, this._selfId), { change: "summary" });
    const early = this._early.get(summary.id) ?? [];
    this._early.delete(summary.id);
    for (const event of early) this.addEvent(event);
  }

  /** A conversation that this connection did not know: new, or left once and held here still. @param {Summary} summary */
  appear(summary) {
    this.addSummary(summary);
    this.hearOf(summary.id, summary.last_seq);
    this.heal(summary.id);
  }

  /** @param {Event} event */
  addEvent(event) {
    const id = event.conversation_id;
    const state = this._states.get(id);
    if (state === undefined) {
      const early = this._early.get(id);
      this._early.set(id, [...(early ?? []), event]);
      if (early === undefined) this._adopt(id);
      return;
    }
    if (isGap(state, event)) {
      this.hearOf(id, endOf(event));
      this._requestSync(id);
      return;
    }
    const next = applyEvent(state, event);
    if (next === state) return;
    const { message } = event;
    // How far this client has read may still be on its way: the server must not be left behind.
    if (message?.released && message.sender_id === this._selfId && next.readMsgNo === message.msg_no) this._sendRead(id, message.msg_no);
    if (this._members.has(id)) this._members.set(id, withMemberEvent(this.membersOf(id), event));
    this._put(next, { change: "event", event });
  }

  /** Note that the conversation reaches this far. @param {string} conversationId @param {number} seq */
  hearOf(conversationId, seq) {
    this._heardOf.set(conversationId, Math.max(this._heardOf.get(conversationId) ?? 0, seq));
  }

  /** Ask for what is missing, if something is known to be. @param {string} conversationId */
  heal(conversationId) {
    const state = this._states.get(conversationId);
    if (state && state.lastSeq < (this._heardOf.get(conversationId) ?? 0)) this._requestSync(conversationId);
  }

  /** @param {string} conversationId @param {number} seq */
  synced(conversationId, seq) {
    const state = this._states.get(conversationId);
    const startedAt = this._syncing.get(conversationId);
    this._syncing.delete(conversationId);
    if (state === undefined) return;
    const goal = Math.max(seq, this._heardOf.get(conversationId) ?? 0);
    if (state.lastSeq >= goal) this._heardOf.delete(conversationId);
    else if (startedAt === undefined || state.lastSeq > startedAt) this._requestSync(conversationId);
    else this._onProblem(new KefuError("bad_server_frame", "sync brought nothing", { data: { conversation_id: conversationId } }));
  }

  /** A sync was refused. @param {string} conversationId */
  syncRefused(conversationId) {
    this._syncing.delete(conversationId);
  }

  /** The server says that this account was never in it: it is of another server, or of data that are gone. @param {string} conversationId */
  forget(conversationId) {
    this._members.delete(conversationId);
    this._heardOf.delete(conversationId);
    this._early.delete(conversationId);
    if (this._states.delete(conversationId)) this._onChange({ conversationId, change: "gone" });
  }

  /** What is held here does not fit the server: forget it and fetch it again. @param {string} conversationId */
  reset(conversationId) {
    this._states.delete(conversationId);
    this._members.delete(conversationId);
    this._heardOf.delete(conversationId);
    this._early.set(conversationId, []);
    return this._adopt(conversationId);
  }

  /** @param {string} conversationId @param {import("./frames.js").OwnView} own */
  setOwn(conversationId, own) {
    const state = this._states.get(conversationId);
    if (state !== undefined) this._put(applyOwn(state, own), { change: "own" });
  }

  /** It is this late. @param {string} conversationId @param {number} now milliseconds, by the server's clock */
  unfold(conversationId, now) {
    const state = this._states.get(conversationId);
    if (state === undefined) return;
    const next = unfold(state, now);
    if (next !== state) this._put(next, { change: "unfolded" });
  }

  /** @param {string} conversationId @param {string} accountId @param {number} msgNo */
  moveCursor(conversationId, accountId, msgNo) {
    const state = this._states.get(conversationId);
    if (state === undefined) return;
    const next = applyCursor(state, accountId, msgNo);
    if (next !== state) this._put(next, { change: "cursor" });
  }

  /**
   * Everything up to `msgNo` was seen by this account.
   * @param {string} conversationId
   * @param {number} [msgNo] the last message when left out
   */
  markRead(conversationId, msgNo = Infinity) {
    const state = this._states.get(conversationId);
    if (state === undefined || unreadOf(state) === 0) return;
    const upTo = Math.min(msgNo, state.lastMsgNo);
    if (upTo <= state.readMsgNo) return;
    this.moveCursor(conversationId, this._selfId, upTo);
    this._sendRead(conversationId, upTo);
  }

  /**
   * Fetch the page before what is loaded. Calls while one is running share its answer.
   * @param {string} conversationId
   * @param {number} [size] events
   * @returns {Promise<boolean>} whether something was added
   */
  loadOlder(conversationId, size = HISTORY_PAGE) {
    const running = this._loading.get(conversationId);
    if (running) return running;
    const load = this._loadOlder(conversationId, size).finally(() => this._loading.delete(conversationId));
    this._loading.set(conversationId, load);
    return load;
  }

  /** @param {string} conversationId @param {number} size */
  async _loadOlder(conversationId, size) {
    const state = this._states.get(conversationId);
    if (state === undefined || !hasOlder(state)) return false;
    const toSeq = state.firstSeq - 1;
    let fromSeq = Math.max(1, toSeq - size + 1);
    const events = await this._fetchEvents(conversationId, fromSeq, toSeq);
    if (events[0]?.kind === "hidden" && fromSeq > 1) {
      // Where it starts to be hidden it mostly is so from the start: no need to page through a tombstone.
      const [first] = (await this._http.events(conversationId, { after_seq: 0, limit: 1 })).items;
      if (first?.kind === "hidden" && endOf(first) >= fromSeq) fromSeq = 1;
    }
    const current = this._states.get(conversationId);
    // Reset meanwhile: the page does not fit what is there now.
    if (current === undefined || current.firstSeq !== toSeq + 1) return false;
    this._put(prependHistory(current, events, fromSeq), { change: "history" });
    return true;
  }

  /**
   * @param {string} conversationId
   * @param {number} fromSeq
   * @param {number} toSeq
   * @returns {Promise<Event[]>} ascending; may reach beyond `toSeq`
   */
  async _fetchEvents(conversationId, fromSeq, toSeq) {
    const events = [];
    let seq = fromSeq - 1;
    while (seq < toSeq) {
      const { items } = await this._http.events(conversationId, { after_seq: seq, limit: Math.min(100, toSeq - seq) });
      if (items.length === 0) break;
      events.push(...items);
      seq = endOf(items[items.length - 1]);
    }
    return events;
  }

  /**
   * Fetch who is in a conversation, and how far each has read. Later events keep the list right.
   * @param {string} conversationId
   * @returns {Promise<readonly Member[]>}
   */
  async loadMembers(conversationId) {
    const asked = this._states.get(conversationId)?.lastSeq ?? 0;
    /** @type {Member[]} */
    const members = [];
    let cursor = null;
    do {
      const page = await this._http.members(conversationId, { cursor });
      members.push(...page.items);
      cursor = page.next_cursor ?? null;
    } while (cursor !== null);
    // What happened while the pages were on their way may be missing in them.
    const since = this._states.get(conversationId)?.timeline.filter(({ seq }) => seq > asked) ?? [];
    const current = since.reduce((list, event) => withMemberEvent(list, event), /** @type {readonly Member[]} */ (members));
    this._members.set(conversationId, current);
    for (const { account_id: accountId, read_msg_no: msgNo } of current) this.moveCursor(conversationId, accountId, msgNo);
    this._onChange({ conversationId, change: "members" });
    return current;
  }

  /** Fetch the summary of a conversation of which events came first. @param {string} conversationId */
  async _adopt(conversationId) {
    try {
      const { conversation } = await this._http.conversation(conversationId);
      this.addSummary(conversation);
      this._onChange({ conversationId, change: "reset" });
    } catch (error) {
      if (!(error instanceof KefuError)) throw error;
      // Without a network the early events stay, and the next welcome brings or asks for the summary.
      if (error.transient) return;
      this._early.delete(conversationId);
      this._onProblem(error);
    }
  }

  /** @param {string} conversationId */
  _requestSync(conversationId) {
    const state = this._states.get(conversationId);
    if (state === undefined || this._syncing.has(conversationId)) return;
    this._syncing.set(conversationId, state.lastSeq);
    this._sync(conversationId, state.lastSeq);
  }

  /** @param {string} conversationId @param {number} msgNo */
  _sendRead(conversationId, msgNo) {
    this._send(clientFrame("read", { ref: "read", conversation_id: conversationId, msg_no: msgNo }));
  }

  /** @param {ConversationState} state @param {Omit<Change, "conversationId">} change */
  _put(state, change) {
    this._states.set(state.id, state);
    this._onChange({ conversationId: state.id, ...change });
  }
}

/**
 * Keep a member list right. Applying an event twice is harmless: the list may be newer than the event.
 * @param {readonly Member[]} members
 * @param {Event} event
 * @returns {readonly Member[]}
 */
export function withMemberEvent(members, { kind, data = {} }) {
  const others = members.filter(({ account_id: accountId }) => accountId !== data.account_id);
  switch (kind) {
    case "member.joined":
      return [...others, { account_id: data.account_id, name: data.name, role: data.role, read_msg_no: 0 }];
    case "member.left":
      return others;
    case "member.changed":
      return members.map((each) => (each.account_id === data.account_id ? { ...each, ...data } : each));
    case "member.role_changed":
      return members.map((each) => (each.account_id === data.account_id ? { ...each, role: data.role } : each));
    default:
      return members;
  }
}
