/**
 * The HTTP calls about messages that stand, groups, and one's own list: a part of `KefuHttp`.
 *
 * @typedef {import("./frames.js").Message} Message
 * @typedef {import("./frames.js").Summary} Summary
 * @typedef {{limit?: number, cursor?: string | null}} Page
 */
const group = (/** @type {string} */ id, /** @type {string} */ rest) => `/v1/conversations/${id}/${rest}`;

export class ActsHttp {
  /**
   * @param {string} _method
   * @param {string} _path
   * @param {Record<string, any>} [_options]
   * @returns {Promise<any>}
   */
  request(_method, _path, _options) {
    throw new Error("made by KefuHttp");
  }

  /** @param {string} id @param {number} seq @returns {Promise<{message: Message}>} */
  message(id, seq) {
    return this.request("GET", group(id, `messages/${seq}`));
  }

  /** Take a message back for everybody. @param {string} id @param {number} seq @returns {Promise<{message: Message}>} */
  recall(id, seq) {
    return this.request("POST", group(id, `messages/${seq}/recall`));
  }

  /** Give one's own text other words. @param {string} id @param {number} seq @param {string} text */
  edit(id, seq, text) {
    return this.request("PATCH", group(id, `messages/${seq}`), { body: { kind: "text", v: 1, body: { text } } });
  }

  /** @param {string} id @param {number} seq @param {string} emoji @param {boolean} on */
  react(id, seq, emoji, on) {
    return this.request(on ? "PUT" : "DELETE", group(id, `messages/${seq}/reactions/${encodeURIComponent(emoji)}`));
  }

  /** Take a message out of one's own view. @param {string} id @param {number} seq */
  deleteForMe(id, seq) {
    return this.request("DELETE", group(id, `messages/${seq}`));
  }

  /** What an edited message was. @param {string} id @param {number} seq @returns {Promise<{items: any[]}>} */
  versions(id, seq) {
    return this.request("GET", group(id, `messages/${seq}/versions`));
  }

  /**
   * Who has read a message.
   * @param {string} id @param {number} seq @param {Page} [page]
   * @returns {Promise<{items: {account_id: string, name: string}[], read_count: number, member_count: number}>}
   */
  readers(id, seq, { limit, cursor } = {}) {
    return this.request("GET", group(id, `messages/${seq}/readers`), { query: { limit, cursor } });
  }

  /**
   * Send messages of another conversation into this one.
   * @param {string} id
   * @param {{client_msg_id: string, from_conversation_id: string, seqs: number[], merged?: boolean, title?: string}} what
   */
  forward(id, what) {
    return this.request("POST", group(id, "forward"), { body: what });
  }

  /** @param {string} id @param {{pinned?: boolean, muted?: boolean, archived?: boolean}} change */
  keep(id, change) {
    return this.request("PATCH", group(id, "own"), { body: change });
  }

  /** @param {string} id @param {string} text */
  putDraft(id, text) {
    return this.request("PUT", group(id, "draft"), { body: { text } });
  }

  /** @returns {Promise<Record<string, number>>} */
  unread() {
    return this.request("GET", "/v1/unread");
  }

  /** @param {string} id @returns {Promise<{group: Record<string, any>}>} */
  group(id) {
    return this.request("GET", group(id, "group"));
  }

  /** @param {string} id @param {Record<string, any>} change @returns {Promise<{group: Record<string, any>}>} */
  changeGroup(id, change) {
    return this.request("PATCH", group(id, "group"), { body: change });
  }

  /** The bots that may be in a community. @param {string} id @returns {Promise<{items: {account_id: string, name: string, inside: boolean}[]}>} */
  groupBots(id) {
    return this.request("GET", group(id, "bots"));
  }

  /** @param {string} id @param {number} seconds 0 ends it @param {string | null} [accountId] null: the whole group */
  silence(id, seconds, accountId = null) {
    const whose = accountId === null ? "silence" : `members/${accountId}/silence`;
    return this.request("PUT", group(id, whose), { body: { seconds } });
  }

  /** @param {string} id @param {string} accountId @param {string} nickname */
  setNickname(id, accountId, nickname) {
    return this.request("PUT", group(id, `members/${accountId}/nickname`), { body: { nickname } });
  }

  /** @param {string} id @param {Page} [page] @returns {Promise<{items: any[], next_cursor: string | null}>} */
  bans(id, { limit, cursor } = {}) {
    return this.request("GET", group(id, "bans"), { query: { limit, cursor } });
  }

  /** @param {string} id @param {string} accountId @param {string} [reason] */
  ban(id, accountId, reason = "") {
    return this.request("PUT", group(id, `bans/${accountId}`), { body: { reason } });
  }

  /** @param {string} id @param {string} accountId */
  unban(id, accountId) {
    return this.request("DELETE", group(id, `bans/${accountId}`));
  }

  /** @param {string} id @param {number} seq @param {boolean} on */
  pinMessage(id, seq, on) {
    return this.request(on ? "PUT" : "DELETE", group(id, `pins/${seq}`));
  }

  /** @param {string} id @param {Page} [page] @returns {Promise<{items: any[], next_cursor: string | null}>} */
  audit(id, { limit, cursor } = {}) {
    return this.request("GET", group(id, "audit"), { query: { limit, cursor } });
  }

  /**
   * Make an invite link; the code is shown this once.
   * @param {string} id @param {{expires_in_s?: number, max_uses?: number}} [terms]
   * @returns {Promise<{link: Record<string, any>, code: string}>}
   */
  makeInviteLink(id, terms = {}) {
    return this.request("POST", group(id, "invite-links"), { body: terms });
  }

  /** @param {string} id @param {Page} [page] @returns {Promise<{items: any[], next_cursor: string | null}>} */
  inviteLinks(id, { limit, cursor } = {}) {
    return this.request("GET", group(id, "invite-links"), { query: { limit, cursor } });
  }

  /** @param {string} id @param {string} linkId */
  revokeInviteLink(id, linkId) {
    return this.request("DELETE", group(id, `invite-links/${linkId}`));
  }

  /** @param {string} code @returns {Promise<{title: string, member_count: number, join_approval: boolean}>} */
  lookAtInvite(code) {
    return this.request("POST", "/v1/invites/look", { body: { code } });
  }

  /** @param {string} code @param {string} [words] @returns {Promise<{status: string, conversation: Summary | null}>} */
  joinByInvite(code, words = "") {
    return this.request("POST", "/v1/invites/join", { body: { code, words } });
  }

  /**
   * Report somebody of a conversation to the risk desk.
   * @param {{conversation_id: string, account_id: string, reason: string, text: string, message_ids: string[]}} what
   */
  report(what) {
    return this.request("POST", "/v1/reports", { body: what });
  }

  /** @param {string} id @returns {Promise<{items: any[]}>} */
  joinRequests(id) {
    return this.request("GET", group(id, "join-requests"));
  }

  /** @param {string} id @param {string} accountId @param {boolean} accept */
  decideJoinRequest(id, accountId, accept) {
    return this.request("PUT", group(id, `join-requests/${accountId}`), { body: { accept } });
  }
}
