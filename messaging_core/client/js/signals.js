/**
 * Typing and presence: what carries no `seq` and may be lost.
 *
 * @typedef {{online: boolean, at: string | null}} Presence
 */
import { clientFrame } from "./frames.js";

/** How often "still typing" is told at most, and after how long without a key the typing is over. */
const TELL_EVERY_MS = 3_000;
const IDLE_MS = 5_000;
/** After how long without news somebody else is taken to have stopped. */
const FORGET_MS = 8_000;

export class Signals {
  /**
   * @param {object} options
   * @param {(frame: Record<string, any>) => boolean} options.send
   * @param {(name: string, detail: any) => void} options.emit
   * @param {import("./websocket_link.js").Timers} options.timers
   */
  constructor({ send, emit, timers }) {
    this._send = send;
    this._emit = emit;
    this._timers = timers;
    /** Own typing. @type {{conversationId: string, toldAt: number, idle: any} | null} */
    this._own = null;
    /** Others' typing: the timer that forgets it, by "conversation account". @type {Map<string, any>} */
    this._typing = new Map();
    /** @type {Map<string, Presence>} */
    this._presence = new Map();
    /** @type {string[]} */
    this._watched = [];
  }

  /** A key was pressed. Call it as often as you like. @param {string} conversationId */
  typing(conversationId) {
    const now = this._timers.now();
    if (this._own && this._own.conversationId !== conversationId) this.stopTyping();
    this._timers.clearTimeout(this._own?.idle);
    const idle = this._timers.setTimeout(() => this.stopTyping(), IDLE_MS);
    const tell = this._own === null || now - this._own.toldAt >= TELL_EVERY_MS;
    this._own = { conversationId, toldAt: tell ? now : /** @type {any} */ (this._own).toldAt, idle };
    if (tell) this._send(clientFrame("typing", { ref: "typing", conversation_id: conversationId, on: true }));
  }

  /** The text was sent or cleared, or the conversation left. */
  stopTyping() {
    if (this._own === null) return;
    this._timers.clearTimeout(this._own.idle);
    this._send(clientFrame("typing", { ref: "typing", conversation_id: this._own.conversationId, on: false }));
    this._own = null;
  }

  /** @param {string} conversationId @returns {string[]} the accounts that are typing there */
  typers(conversationId) {
    return [...this._typing.keys()].map((key) => key.split(" ")).filter(([id]) => id === conversationId).map(([, who]) => who);
  }

  /**
   * Whose presence is wanted; replaces the former list.
   * @param {string[]} accountIds
   */
  watch(accountIds) {
    const wanted = [...new Set(accountIds)].sort();
    if (wanted.join() === this._watched.join()) return;
    this._watched = wanted;
    this._send(clientFrame("watch", { account_ids: wanted }));
  }

  /** @param {string} accountId @returns {Presence | null} null when not known */
  presence(accountId) {
    return this._presence.get(accountId) ?? null;
  }

  /** @param {string} conversationId @param {string} accountId @param {boolean} on */
  receiveTyping(conversationId, accountId, on) {
    const key = `${conversationId} ${accountId}`;
    const known = this._typing.has(key);
    this._timers.clearTimeout(this._typing.get(key));
    this._typing.delete(key);
    if (on) this._typing.set(key, this._timers.setTimeout(() => this.receiveTyping(conversationId, accountId, false), FORGET_MS));
    if (on !== known) this._emit("typing", { conversationId, accountId, on });
  }

  /** @param {Record<string, any>} frame */
  receivePresence({ account_id: accountId, online, at = null }) {
    this._presence.set(accountId, { online, at });
    this._emit("presence", { accountId, online, at });
  }

  /** Connected again: ask again. */
  resume() {
    if (this._watched.length > 0) this._send(clientFrame("watch", { account_ids: this._watched }));
  }

  /** Not connected: nothing is known any more. */
  pause() {
    this._timers.clearTimeout(this._own?.idle);
    this._own = null;
    for (const key of [...this._typing.keys()]) {
      const [conversationId, accountId] = key.split(" ");
      this.receiveTyping(conversationId, accountId, false);
    }
    const known = [...this._presence.keys()];
    this._presence.clear();
    for (const accountId of known) this._emit("presence", { accountId, online: null, at: null });
  }

  close() {
    this.pause();
  }
}
