/** Who is called what, gathered from everything that passes by; asks the server for the rest. */

export class Names {
  /**
   * @param {import("/client/kefu.js").KefuClient} client
   * @param {() => void} onLearned a name has come that somebody asked for
   */
  constructor(client, onLearned) {
    this._client = client;
    this._onLearned = onLearned;
    /** @type {Map<string, string>} */
    this._names = new Map();
    this._asked = new Set();
    client.on("welcome", ({ account, conversations }) => {
      this.learn(account.id, account.name);
      for (const { peer } of conversations) if (peer) this.learn(peer.id, peer.name);
    });
    client.on("conversation", ({ conversationId, event }) => {
      const peer = client.conversation(conversationId)?.peer;
      if (peer) this.learn(peer.id, peer.name);
      for (const { account_id: accountId, name } of event ? [] : client.members(conversationId)) this.learn(accountId, name);
      if (event) this._learnFrom(event);
      else for (const each of client.conversation(conversationId)?.timeline ?? []) this._learnFrom(each);
    });
  }

  /** @param {string} accountId @param {string | undefined} name */
  learn(accountId, name) {
    if (name) this._names.set(accountId, name);
  }

  /** @param {string | null | undefined} accountId @returns {string} empty until it is known */
  of(accountId) {
    if (!accountId) return "";
    const name = this._names.get(accountId);
    if (name === undefined) this._ask(accountId);
    return name ?? "";
  }

  /** What people are called in a conversation: the name one has given oneself there, else one's own. @param {string} conversationId */
  within(conversationId) {
    const there = new Map(this._client.members(conversationId).map(({ account_id: accountId, nickname }) => [accountId, nickname]));
    return (/** @type {string | null | undefined} */ accountId) => there.get(accountId ?? "") || this.of(accountId);
  }

  /** @param {import("/client/frames.js").Event} event */
  _learnFrom({ kind, data = {} }) {
    if (kind === "member.joined") this.learn(data.account_id, data.name);
    if (data.agent_id) this.learn(data.agent_id, data.agent_name);
  }

  /** @param {string} accountId */
  _ask(accountId) {
    if (this._asked.has(accountId)) return;
    this._asked.add(accountId);
    this._client.http.account(accountId).then(({ account }) => {
      this.learn(accountId, account.name);
      this._onLearned();
    }, () => {
      // Somebody with whom no conversation is shared any more: he stays without a name here.
    });
  }
}
