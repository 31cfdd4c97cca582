/**
 * What was typed and not sent, per conversation: kept in this tab at once, and on the server for one's other devices.
 * A text lies in the tab's storage for as long as the server does not have it; whoever wrote last is right.
 */
import { KefuError } from "/client/kefu.js";

/** A draft goes to the server after so long without a key. */
const SETTLE_MS = 700;

export class Drafts {
  /** @param {{client: import("/client/kefu.js").KefuClient, accountId: string}} options */
  constructor({ client, accountId }) {
    this._client = client;
    this._prefix = `kefu.draft.${accountId}.`;
    /** @type {Map<string, number>} */
    this._timers = new Map();
    this._busy = new Set();
    client.on("welcome", () => queueMicrotask(() => this._saveAll()));
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this._saveAll());
  }

  /** @param {string} conversationId */
  of(conversationId) {
    return sessionStorage.getItem(this._prefix + conversationId) ?? this._client.conversation(conversationId)?.own.draft ?? "";
  }

  /** @param {string} conversationId @param {string} text */
  keep(conversationId, text) {
    sessionStorage.setItem(this._prefix + conversationId, text);
    clearTimeout(this._timers.get(conversationId));
    // What was sent must not stay on the other devices as if it were still to be sent.
    if (text === "") void this._save(conversationId);
    else this._timers.set(conversationId, window.setTimeout(() => void this._save(conversationId), SETTLE_MS));
  }

  _saveAll() {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(this._prefix)) void this._save(key.slice(this._prefix.length));
    }
  }

  /** Bring a text to the server; what is typed meanwhile goes after it. @param {string} conversationId */
  async _save(conversationId) {
    const [key, state] = [this._prefix + conversationId, this._client.conversation(conversationId)];
    const text = sessionStorage.getItem(key);
    if (text === null || state === null || this._busy.has(conversationId)) return;
    if (text !== state.own.draft) {
      this._busy.add(conversationId);
      try {
        await this._client.putDraft(conversationId, text);
      } catch (error) {
        // It stays in this tab: without a connection until the next welcome, too long for the server until it is sent.
        if (error instanceof KefuError) return;
        throw error;
      } finally {
        this._busy.delete(conversationId);
      }
    }
    if (sessionStorage.getItem(key) === text) sessionStorage.removeItem(key);
    else await this._save(conversationId);
  }
}
