/**
 * Unfolds what was folded because the other side wrote too fast: the server has told when (`own.folded_until`), and says
 * no more word. It goes by the server's clock, as the last `welcome` has told it.
 */
export class Unfolding {
  /**
   * @param {object} options
   * @param {import("./websocket_link.js").Timers} options.timers
   * @param {(conversationId: string) => string | null} options.until when a conversation unfolds; null: it is not folded so
   * @param {(conversationId: string, now: number) => void} options.unfold it is this late (milliseconds)
   */
  constructor({ timers, until, unfold }) {
    this._timers = timers;
    this._until = until;
    this._unfold = unfold;
    /** How far this device's clock is ahead of the server's, milliseconds. */
    this._ahead = 0;
    /** @type {Map<string, any>} */
    this._due = new Map();
  }

  /** What the server's clock shows. @param {string} at */
  setClock(at) {
    this._ahead = this._timers.now() - Date.parse(at);
  }

  /** A conversation is not what it was. @param {string} conversationId */
  watch(conversationId) {
    const until = this._until(conversationId);
    if (until === null || this._due.has(conversationId)) return;
    this._due.set(conversationId, this._timers.setTimeout(() => {
      this._due.delete(conversationId);
      this._unfold(conversationId, this._now());
      this.watch(conversationId); // more came meanwhile, or the timer was early
    }, Math.max(0, Date.parse(until) - this._now())));
  }

  close() {
    for (const timer of this._due.values()) this._timers.clearTimeout(timer);
    this._due.clear();
  }

  _now() {
    return this._timers.now() - this._ahead;
  }
}
