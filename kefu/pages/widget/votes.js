/** What this customer thinks of the bot's answers: told to the shop, and kept here so that a reload shows it. */
import { Keep } from "./keep.js";

/** @typedef {"up" | "down" | "none"} Vote */

/** Older votes are forgotten here; the shop has them. */
const KEPT = 200;

export class Votes {
  /**
   * @param {Storage | null} storage
   * @param {string} accountId
   */
  constructor(storage, accountId) {
    this._keep = new Keep(storage, `kefu.votes.${accountId}`);
    /** @type {Map<string, Vote>} */
    this._votes = new Map(read(this._keep.value));
  }

  /** @param {string | null} messageId @returns {Vote} */
  of(messageId) {
    return (messageId !== null && this._votes.get(messageId)) || "none";
  }

  /** @param {string} messageId @param {Vote} vote */
  put(messageId, vote) {
    this._votes.delete(messageId);
    if (vote !== "none") this._votes.set(messageId, vote);
    this._keep.value = JSON.stringify([...this._votes].slice(-KEPT));
  }
}

/** @param {string | null} kept @returns {[string, Vote][]} */
function read(kept) {
  try {
    const votes = JSON.parse(kept ?? "[]");
    return Array.isArray(votes) ? votes.filter((each) => Array.isArray(each) && each.length === 2) : [];
  } catch {
    return []; // not ours: begin anew
  }
}
