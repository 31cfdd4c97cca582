/** What was typed and not sent, per conversation; kept for this tab. */

export class Drafts {
  /** @param {string} accountId */
  constructor(accountId) {
    this._prefix = `kefu.draft.${accountId}.`;
  }

  /** @param {string} conversationId */
  of(conversationId) {
    return sessionStorage.getItem(this._prefix + conversationId) ?? "";
  }

  /** @param {string} conversationId @param {string} text */
  keep(conversationId, text) {
    if (text === "") sessionStorage.removeItem(this._prefix + conversationId);
    else sessionStorage.setItem(this._prefix + conversationId, text);
  }
}
