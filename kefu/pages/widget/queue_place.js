/** The customer's place in the queue for a human: asked for while it is looked at, never in the background. */
import { KefuError } from "../client/kefu.js";

const AGAIN_MS = 15_000;

export class QueuePlace {
  /**
   * @param {import("./visit.js").Visit} visit
   * @param {() => void} onChange
   */
  constructor(visit, onChange) {
    this._visit = visit;
    this._onChange = onChange;
    this._sessionId = "";
    this._timer = 0;
    /** How many are before the customer; null while that is not known. @type {number | null} */
    this.before = null;
  }

  /** Follow a session that waits; "" stops it. @param {string} sessionId */
  follow(sessionId) {
    if (sessionId === this._sessionId) return;
    this._sessionId = sessionId;
    this.before = null;
    clearTimeout(this._timer);
    if (sessionId !== "") void this._ask(sessionId);
  }

  /** @param {string} sessionId */
  async _ask(sessionId) {
    const before = document.hidden ? this.before : await this._read(sessionId);
    if (sessionId !== this._sessionId) return;
    const changed = before !== this.before;
    this.before = before;
    this._timer = setTimeout(() => void this._ask(sessionId), AGAIN_MS);
    if (changed) this._onChange();
  }

  /** @param {string} sessionId */
  async _read(sessionId) {
    try {
      const { position } = await this._visit.client.http.request("GET", `/v1/desk/sessions/${sessionId}/place`);
      return position > 0 ? position - 1 : null;
    } catch (error) {
      if (!(error instanceof KefuError)) throw error;
      return this.before; // the banner tells of a network that is away
    }
  }
}
