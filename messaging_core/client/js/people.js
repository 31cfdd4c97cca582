/**
 * One's own standing towards others: contacts, lists, privacy, do-not-disturb, devices, refusals and appeals.
 *
 * @typedef {import("./http.js").KefuHttp} KefuHttp
 * @typedef {{id: string, kind: string, name: string, verified: boolean}} Contact
 * @typedef {{account: Contact, at: string, special?: boolean, mutual?: boolean}} Listed
 * @typedef {{id: string, name: string, members: number, may_message: boolean}} ContactGroup
 * @typedef {{following: boolean, special: boolean, followed_by: boolean, mutual: boolean, blacklisted: boolean,
 *            whitelisted: boolean, group_ids: string[]}} Relation
 * @typedef {{who: "everyone" | "mutual" | "followers" | "groups", group_ids: string[], findable: boolean}} Privacy
 * @typedef {{weekday: number, start: string, end: string}} Interval `weekday` 1 is Monday; an `end` not after `start` is on the next day
 * @typedef {{time_zone: string, intervals: Interval[], silent: boolean, until: string | null, special: string[]}} Silences
 * @typedef {{id: string, name: string, enterprise_id: string | null, created_at: string, last_seen_at: string,
 *            current: boolean, online: boolean}} Device
 */
const PAGE = 100;

export class KefuPeople {
  /** @param {KefuHttp} http */
  constructor(http) {
    this._http = http;
  }

  /** @param {"follows" | "followers" | "blacklist" | "whitelist"} name @returns {Promise<Listed[]>} all pages of it */
  async listed(name) {
    const items = [];
    let cursor = null;
    do {
      const page = await this._http.request("GET", `/v1/${name}`, { query: { limit: PAGE, cursor } });
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return items;
  }

  /** @param {"blacklist" | "whitelist"} name @param {string} accountId @param {boolean} on */
  list(name, accountId, on) {
    return this._http.request(on ? "PUT" : "DELETE", `/v1/${name}/${accountId}`);
  }

  /** @param {string} accountId @param {boolean} [special] rings through do-not-disturb @returns {Promise<{relation: Relation}>} */
  follow(accountId, special = false) {
    return this._http.request("PUT", `/v1/follows/${accountId}`, { body: { special } });
  }

  /** @param {string} accountId */
  unfollow(accountId) {
    return this._http.request("DELETE", `/v1/follows/${accountId}`);
  }

  /** @param {string} accountId @returns {Promise<Relation>} */
  async relation(accountId) {
    return (await this._http.request("GET", `/v1/contacts/${accountId}`)).relation;
  }

  /** @param {string} login @returns {Promise<Contact>} `not_found` for nobody and for who is not to be found */
  async lookUp(login) {
    return (await this._http.request("GET", "/v1/people", { query: { login } })).account;
  }

  /** @returns {Promise<ContactGroup[]>} */
  async groups() {
    return (await this._http.request("GET", "/v1/contact-groups")).items;
  }

  /** @param {string} id @returns {Promise<{group: ContactGroup, members: Contact[]}>} */
  group(id) {
    return this._http.request("GET", `/v1/contact-groups/${id}`);
  }

  /** @param {string} name */
  addGroup(name) {
    return this._http.request("POST", "/v1/contact-groups", { body: { name } });
  }

  /** @param {string} id @param {string} name */
  renameGroup(id, name) {
    return this._http.request("PATCH", `/v1/contact-groups/${id}`, { body: { name } });
  }

  /** @param {string} id */
  removeGroup(id) {
    return this._http.request("DELETE", `/v1/contact-groups/${id}`);
  }

  /** @param {string} id @param {string} accountId @param {boolean} on */
  sort(id, accountId, on) {
    return this._http.request(on ? "PUT" : "DELETE", `/v1/contact-groups/${id}/members/${accountId}`);
  }

  /** @returns {Promise<Privacy>} */
  privacy() {
    return this._http.request("GET", "/v1/privacy");
  }

  /** @param {Privacy} wanted @returns {Promise<Privacy>} */
  setPrivacy(wanted) {
    return this._http.request("PUT", "/v1/privacy", { body: wanted });
  }

  /** @param {string} enterpriseId @returns {Promise<boolean>} whether one wants its offers */
  async wantsOffers(enterpriseId) {
    const { items } = await this._http.request("GET", "/v1/marketing/consents");
    return items.some((/** @type {any} */ one) => one.enterprise.id === enterpriseId && one.opted_in);
  }

  /** @param {string} enterpriseId @param {boolean} on */
  setOffers(enterpriseId, on) {
    return this._http.request("PUT", `/v1/marketing/consents/${enterpriseId}`, { body: { opted_in: on } });
  }

  /** @returns {Promise<Silences>} */
  silences() {
    return this._http.request("GET", "/v1/do-not-disturb");
  }

  /** @param {Interval[]} intervals in place of those before @returns {Promise<Silences>} */
  setSilences(intervals) {
    return this._http.request("PUT", "/v1/do-not-disturb", { body: { intervals } });
  }

  /** @returns {Promise<Device[]>} */
  async devices() {
    return (await this._http.request("GET", "/v1/devices")).items;
  }

  /** @param {string} id */
  endDevice(id) {
    return this._http.request("DELETE", `/v1/devices/${id}`);
  }

  /** @returns {Promise<{ended: number}>} */
  endOtherDevices() {
    return this._http.request("DELETE", "/v1/devices");
  }

  /** @returns {Promise<Record<string, any>>} one's score, limits and sanctions */
  async standing() {
    return (await this._http.request("GET", "/v1/safety/standing")).standing;
  }

  /** @returns {Promise<any[]>} own messages that wait or were not let go, newest first */
  async pending() {
    return (await this._http.request("GET", "/v1/pending")).items;
  }

  /** @param {string} conversationId @param {string} clientMsgId */
  recallPending(conversationId, clientMsgId) {
    return this._http.request("DELETE", `/v1/conversations/${conversationId}/pending`, { query: { client_msg_id: clientMsgId } });
  }

  /** @returns {Promise<any[]>} own appeals and what became of them, newest first */
  async appeals() {
    return (await this._http.request("GET", "/v1/appeals")).items;
  }

  /** @param {{sanction_id: string} | {conversation_id: string, client_msg_id: string}} about @param {string} text */
  appeal(about, text) {
    return this._http.request("POST", "/v1/appeals", { body: { ...about, text } });
  }
}
