/**
 * The HTTP side of protocol 1: commands and queries. Every method resolves with the parsed answer or throws KefuError.
 *
 * @typedef {import("./frames.js").Account} Account
 * @typedef {import("./frames.js").Event} Event
 * @typedef {import("./frames.js").Message} Message
 * @typedef {import("./frames.js").Summary} Summary
 * @typedef {{limit?: number, cursor?: string | null}} Page
 */
import { ActsHttp } from "./acts_http.js";
import { KefuError } from "./errors.js";
import { randomId } from "./ids.js";

export class KefuHttp extends ActsHttp {
  /**
   * @param {object} options
   * @param {string} options.baseUrl such as `https://chat.example` (no slash at the end)
   * @param {string} [options.token]
   * @param {"zh" | "en"} [options.lang] language of error texts
   * @param {typeof globalThis.fetch} [options.fetch]
   */
  constructor({ baseUrl, token = "", lang = "zh", fetch = (...args) => globalThis.fetch(...args) }) {
    super();
    this.baseUrl = baseUrl.replace(/\/+$/, "");
    this.token = token;
    this.lang = lang;
    this._fetch = fetch;
  }

  /**
   * Make one request.
   * @param {string} method
   * @param {string} path with a slash in front
   * @param {object} [options]
   * @param {Record<string, any>} [options.query] null and undefined values are left out
   * @param {any} [options.body] sent as JSON
   * @param {Blob} [options.content] sent as it is
   * @param {string} [options.idempotencyKey]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<any>}
   */
  async request(method, path, { query = {}, body, content, idempotencyKey, signal } = {}) {
    const url = new URL(this.baseUrl + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
    }
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json", "Accept-Language": this.lang };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (content !== undefined) headers["Content-Type"] = "application/octet-stream";
    if (idempotencyKey !== undefined) headers["Idempotency-Key"] = idempotencyKey;
    let response;
    try {
      response = await this._fetch(url.href, {
        method, headers, signal, cache: "no-store", body: body === undefined ? content : JSON.stringify(body),
      });
    } catch (cause) {
      throw new KefuError("network", "", { cause });
    }
    return readAnswer(response);
  }

  /** With a site key: whose it is. @returns {Promise<{enterprise: {id: string, name: string, verified: boolean}}>} */
  site() {
    return this.request("GET", "/v1/site");
  }

  /** With a site key: become a visitor. @param {string} [name] @returns {Promise<{account: Account, token: string}>} */
  createVisitor(name) {
    return this.request("POST", "/v1/visitors", { body: { name } });
  }

  /** @returns {Promise<{account: Account}>} */
  me() {
    return this.request("GET", "/v1/me");
  }

  /** @param {string} accountId @returns {Promise<{account: Account}>} */
  account(accountId) {
    return this.request("GET", `/v1/accounts/${accountId}`);
  }

  /** @param {Page & {box?: string}} [page] @returns {Promise<{items: Summary[], next_cursor: string | null}>} */
  conversations({ box, limit, cursor } = {}) {
    return this.request("GET", "/v1/conversations", { query: { box, limit, cursor } });
  }

  /** @param {string} conversationId @returns {Promise<{conversation: Summary}>} */
  conversation(conversationId) {
    return this.request("GET", `/v1/conversations/${conversationId}`);
  }

  /**
   * Make or find a conversation. Give your own key to make a retry after a lost answer harmless.
   * @param {{kind: "direct", account_id: string} | {kind: "service", enterprise_id: string}
   *         | {kind: "group", title: string, member_ids: string[], enterprise_id?: string}} what
   * @param {string} [idempotencyKey]
   * @returns {Promise<{conversation: Summary}>}
   */
  createConversation(what, idempotencyKey = randomId()) {
    return this.request("POST", "/v1/conversations", { body: what, idempotencyKey });
  }

  /** @param {string} conversationId @param {string} title @returns {Promise<{conversation: Summary}>} */
  renameConversation(conversationId, title) {
    return this.request("PATCH", `/v1/conversations/${conversationId}`, { body: { title } });
  }

  /** @param {string} conversationId @param {Page} [page] @returns {Promise<{items: any[], next_cursor: string | null}>} */
  members(conversationId, { limit, cursor } = {}) {
    return this.request("GET", `/v1/conversations/${conversationId}/members`, { query: { limit, cursor } });
  }

  /** @param {string} conversationId @param {string[]} accountIds @param {string} [idempotencyKey] */
  addMembers(conversationId, accountIds, idempotencyKey = randomId()) {
    const body = { account_ids: accountIds };
    return this.request("POST", `/v1/conversations/${conversationId}/members`, { body, idempotencyKey });
  }

  /** @param {string} conversationId @param {string} accountId @param {string} role */
  setMemberRole(conversationId, accountId, role) {
    return this.request("PATCH", `/v1/conversations/${conversationId}/members/${accountId}`, { body: { role } });
  }

  /** @param {string} conversationId @param {string} accountId oneself, to leave */
  removeMember(conversationId, accountId) {
    return this.request("DELETE", `/v1/conversations/${conversationId}/members/${accountId}`);
  }

  /**
   * Messages only, newest first; `events` also has joins, renames and tombstones.
   * @param {string} conversationId
   * @param {{before_seq?: number, limit?: number}} [page]
   * @returns {Promise<{items: Message[]}>}
   */
  messages(conversationId, page = {}) {
    return this.request("GET", `/v1/conversations/${conversationId}/messages`, { query: page });
  }

  /**
   * @param {string} conversationId
   * @param {{after_seq?: number, limit?: number}} [page]
   * @returns {Promise<{items: Event[], last_seq: number}>}
   */
  events(conversationId, page = {}) {
    return this.request("GET", `/v1/conversations/${conversationId}/events`, { query: page });
  }

  /** @param {string} conversationId @param {Record<string, any>} message the fields of a `send` @returns {Promise<any>} */
  sendMessage(conversationId, message) {
    return this.request("POST", `/v1/conversations/${conversationId}/messages`, { body: message });
  }

  /** @param {string} conversationId @param {number} msgNo */
  markRead(conversationId, msgNo) {
    return this.request("PUT", `/v1/conversations/${conversationId}/read`, { body: { msg_no: msgNo } });
  }

  /**
   * Questions that an enterprise's bot knows, for what is being typed.
   * @param {string} enterpriseId @param {string} typed @param {AbortSignal} [signal]
   * @returns {Promise<{id: string, question: string}[]>}
   */
  async questions(enterpriseId, typed, signal) {
    return (await this.request("GET", "/v1/bot/questions", { query: { enterprise_id: enterpriseId, typed: typed.slice(0, 200) }, signal })).items;
  }

  /** Ask for a human. @param {string} sessionId @param {string} [reason] @returns {Promise<{session: Record<string, any>}>} */
  requestAgent(sessionId, reason = "") {
    return this.request("POST", `/v1/desk/sessions/${sessionId}/request-agent`, { body: { reason } });
  }

  /**
   * @param {{cursors: Record<string, number>, wait_ms: number}} body
   * @param {AbortSignal} [signal]
   * @returns {Promise<{frames: any[], cursors: Record<string, number>}>}
   */
  poll(body, signal) {
    return this.request("POST", "/v1/poll", { body, signal });
  }
}

/** @param {Response} response */
async function readAnswer(response) {
  const raw = await response.text().catch((cause) => {
    throw new KefuError("network", "", { cause });
  });
  let body = null;
  try {
    body = raw === "" ? null : JSON.parse(raw);
  } catch (cause) {
    // A proxy in between answers with HTML: its page says nothing to a user, the status does.
    if (response.ok) throw new KefuError("bad_server_frame", "not JSON", { status: response.status, cause });
  }
  if (response.ok) return body;
  const retryAfter = Number(response.headers.get("Retry-After"));
  const error = KefuError.fromWire({ code: `http_${response.status}`, status: response.status, ...(body ?? {}) });
  if (retryAfter > 0 && error.retryAfterMs === null) error.data = { ...error.data, retry_after_ms: retryAfter * 1000 };
  throw error;
}
