/**
 * Who this browser is to the shop, and their conversation: an anonymous visitor whose token is kept, or the customer
 * whom the page has signed in.
 *
 * Events: `change` (phase, client or conversation), and what the client tells, as `client:<name>`.
 */
import { KefuClient, KefuError, KefuHttp } from "../client/kefu.js";

const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const TOLD = ["status", "conversation", "message", "outbox", "typing", "problem"];

export class Visit extends EventTarget {
  /**
   * @param {object} options
   * @param {string} options.baseUrl
   * @param {string} options.siteKey
   * @param {"zh" | "en"} options.lang
   * @param {string | null} options.token of a signed-in customer
   * @param {import("./keep.js").Keep} options.visitor keeps the visitor's token
   * @param {Storage | null} options.storage
   */
  constructor({ baseUrl, siteKey, lang, token, visitor, storage }) {
    super();
    this.baseUrl = baseUrl;
    this._lang = lang;
    this._given = token;
    this._visitor = visitor;
    this._storage = storage;
    this._site = new KefuHttp({ baseUrl, token: siteKey, lang });
    /** @type {KefuClient | null} */
    this.client = null;
    this.conversationId = "";
    this.shopName = "";
    this._enterpriseId = "";
    /** Why there is no conversation, for good. @type {KefuError | null} */
    this.failure = null;
    /** @type {Promise<void> | null} */
    this._entering = null;
    this._renewed = false;
    this._attempt = 0;
    this._timer = 0;
    /** Why it waits to be tried again. @type {KefuError | null} */
    this.trouble = null;
    this._closed = false;
    /** The visitor is changing into somebody else: that his token ends is no news. */
    this._changing = false;
    this._stopListening = new AbortController();
    this._listenToPage();
  }

  /** The conversation as far as it is known. */
  get state() {
    return this.conversationId === "" ? null : this.client?.conversation(this.conversationId) ?? null;
  }

  /** Connect as whoever is known already: for what has come while the page was away. */
  connect() {
    const token = this._given ?? this._visitor.value;
    if (token === null || this.client !== null || this._closed) return;
    const client = new KefuClient({ baseUrl: this.baseUrl, token, lang: this._lang, storage: this._storage, name: "kefu-widget/0.1" });
    this.client = client;
    for (const name of TOLD) client.on(name, (detail) => this.dispatchEvent(new CustomEvent(`client:${name}`, { detail })));
    client.on("status", ({ phase, reason }) => phase === "stopped" && this._stopped(client, reason));
    client.on("conversation", () => this._find());
    client.on("welcome", () => client.account?.kind !== "visitor" && this._learnShop().then(() => this._find(), () => { /* as below */ }));
    this._tell();
    client.connect();
    // A signed-in customer may talk with several shops: whose page this is, the key says.
    if (this._given !== null) this._learnShop().then(() => this._find(), () => { /* `enter` asks again, and tells */ });
  }

  /** Have a conversation to talk in; tries again by itself while the network is away. */
  enter() {
    this._entering ??= this._enter().then(
      () => { this._attempt = 0; },
      (error) => this._failed(error),
    ).finally(() => {
      this._entering = null;
      this._tell();
    });
    return this._entering;
  }

  /** Do not wait for the next try. */
  retry() {
    this.client?.poke();
    if (this.conversationId === "" && this.failure === null) void this.enter();
  }

  close() {
    this._closed = true;
    clearTimeout(this._timer);
    this._stopListening.abort();
    this.client?.close();
    this.client = null;
  }

  /** Ask for a human; a closed service opens again for it. @param {string} reason */
  async requestAgent(reason) {
    const client = /** @type {KefuClient} */ (this.client);
    const state = this.state?.session ? this.state : await this._open(client);
    if (state.session?.state === "bot") await client.http.requestAgent(state.session.id, reason);
  }

  /**
   * Go on as a person with an account; the conversation stays.
   * @param {"log-in" | "sign-up"} how
   * @param {{login: string, password: string, device: string, name?: string}} who
   */
  becomeKnown(how, who) {
    return this._change(async (http) => (await http.request("POST", `/v1/visitors/${how}`, { body: who })).token);
  }

  /** Log out on this device: a new visitor comes. */
  signOut() {
    return this._change(async (http) => {
      await http.request("POST", "/v1/log-out");
      return null;
    });
  }

  /** @param {(http: KefuHttp) => Promise<string | null>} ask returns the token to go on with, null: a new visitor's */
  async _change(ask) {
    const client = this.client;
    if (client === null) return;
    this._changing = true;
    try {
      this._visitor.value = await ask(client.http);
    } finally {
      this._changing = false;
    }
    client.close();
    this.client = null;
    this.conversationId = this._enterpriseId = "";
    this._tell();
    await this.enter();
  }

  async _enter() {
    clearTimeout(this._timer);
    this.trouble = null;
    if (this._given === null && this._visitor.value === null) this._visitor.value = (await this._site.createVisitor()).token;
    if (this._closed) return;
    this.connect();
    const client = /** @type {KefuClient} */ (this.client);
    await welcomed(client);
    this._find();
    if (this.conversationId === "" && client === this.client) this._adopt(await this._open(client));
  }

  /**
   * Questions of the shop that somebody may be about to ask; none while a human answers.
   * @param {string} typed
   * @param {AbortSignal} signal
   * @returns {Promise<string[]>}
   */
  async questions(typed, signal) {
    const { client, state } = this;
    const answering = state?.session?.state ?? "closed";
    if (client === null || !state?.enterpriseId || !["bot", "closed"].includes(answering)) return [];
    return (await client.http.questions(state.enterpriseId, typed, signal)).map(({ question }) => question);
  }

  /** @param {KefuClient} client */
  async _open(client) {
    if (client.account?.kind === "visitor") this._enterpriseId = client.account.enterprise_id ?? "";
    else await this._learnShop();
    return client.createConversation({ kind: "service", enterprise_id: this._enterpriseId });
  }

  async _learnShop() {
    this._enterpriseId ||= (await this._site.site()).enterprise.id;
  }

  /** The conversation with this shop, if there is one already. */
  _find() {
    const { client } = this;
    if (this.conversationId !== "" || client === null || client.account === null) return;
    const shop = client.account.kind === "visitor" ? client.account.enterprise_id : this._enterpriseId;
    const found = client.conversations().find(({ kind, enterpriseId }) => kind === "service" && enterpriseId === shop);
    if (found) this._adopt(found);
  }

  /** @param {import("../client/conversation_state.js").ConversationState} state */
  _adopt({ id, title }) {
    this.conversationId = id;
    this.shopName = title;
    this._tell();
  }

  /** @param {KefuClient} client @param {KefuError | null} reason */
  _stopped(client, reason) {
    if (client !== this.client || reason === null || this._changing) return;
    client.close();
    this.client = null;
    const wanted = this._entering !== null || this.conversationId !== "";
    this.conversationId = "";
    if (this._given === null && !this._renewed && reason.code !== "account_banned") {
      // The kept token serves no more: a new visitor, once.
      this._renewed = true;
      this._visitor.value = null;
      if (wanted) queueMicrotask(() => void (this._entering ?? Promise.resolve()).then(() => this.enter()));
    } else {
      this.failure = reason;
    }
    this._tell();
  }

  /** @param {unknown} error */
  _failed(error) {
    if (!(error instanceof KefuError)) throw error;
    if (this._closed || error.code === "stopped") return;
    if (!error.transient) {
      this.failure = error;
      return;
    }
    this._attempt += 1;
    const wait = error.retryAfterMs ?? Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** (this._attempt - 1));
    this.trouble = error;
    this._timer = window.setTimeout(() => void this.enter(), wait);
  }

  _listenToPage() {
    const { signal } = this._stopListening;
    window.addEventListener("online", () => this.retry(), { signal });
    window.addEventListener("offline", () => this.client?.drop(), { signal });
    // A phone that slept, a tab that was frozen: do not wait for the next heartbeat.
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.client?.poke(), { signal });
  }

  _tell() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}

/** The first welcome of a client, or at once when it has come. @param {KefuClient} client @returns {Promise<void>} */
function welcomed(client) {
  if (client.account !== null) return Promise.resolve();
  return new Promise((resolve, reject) => {
    client.on("welcome", () => resolve());
    client.on("status", ({ phase }) => phase === "stopped" && reject(new KefuError("stopped")));
  });
}
