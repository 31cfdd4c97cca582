/** The chat page: one client, and the views that show what it knows. */
import { KefuClient, KefuError } from "/client/kefu.js";
import { at } from "./act_texts.js";
import { Alerts } from "./alerts.js";
import { Attach } from "./attach.js";
import { avatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { titleOf, typingText, watchedIn } from "./describe.js";
import { Members, NewChat } from "./dialogs.js";
import { byId, oncePerFrame } from "./dom.js";
import { Drafts } from "./drafts.js";
import { askToJoin } from "./group_door.js";
import { GroupPanel } from "./group_panel.js";
import { icon } from "./icons.js";
import { ListView } from "./list_view.js";
import { MessageActs } from "./message_acts.js";
import { Names } from "./names.js";
import { OwnPanel } from "./own_panel.js";
import { ConnectionBar, errorText, toast, toastError } from "./notices.js";
import { RedPackets } from "./red_packets.js";
import { demoPeople, enter, forget, isGone } from "./session.js";
import { fillTexts, lang, switchLang, t } from "./texts.js";
import { ThreadView, drawTyping } from "./thread_view.js";
import { clockTime, dayName } from "./time.js";

/** At most so many presences are watched: those of the conversations last used. */
const WATCHED = 100;

class ChatPage {
  /** @param {import("./session.js").Session} session */
  constructor({ token, account }) {
    this.client = new KefuClient({ baseUrl: location.origin, token, lang, storage: localStorage });
    this.names = new Names(this.client, oncePerFrame(() => this._draw()));
    this.drafts = new Drafts({ client: this.client, accountId: account.id });
    this.chosen = "";
    this.list = new ListView({
      client: this.client, names: this.names, drafts: this.drafts, onChoose: (id) => this._choose(id),
      onTitle: (title) => this.alerts.title(title),
    });
    this.alerts = new Alerts({
      client: this.client, accountId: account.id, watched: (id) => this.thread.watches(id), onChoose: (id) => this._choose(id),
    });
    this.attach = new Attach({ client: this.client, conversationId: () => this.chosen, onSend: (draft, id) => this._send(draft, id) });
    this.thread = new ThreadView({
      client: this.client, names: this.names, onSay: (text) => this._send({ body: { text } }), kinds: (id, own) => this.attach.around(id, own),
    });
    this.composer = new Composer({
      drafts: this.drafts,
      limit: () => this.client.limits.text_chars,
      onSend: (draft) => this.attach.send(draft),
      onTyping: () => this.client.signals.typing(this.chosen),
      onIdle: () => this.client.signals.stopTyping(),
    });
    const people = async () => (await demoPeople()).filter(({ id }) => id !== account.id);
    this.newChat = new NewChat({ people, onCreate: async (what) => this._choose((await this.client.createConversation(what)).id) });
    this.members = new Members({ client: this.client, people });
    this.acts = new MessageActs({ client: this.client, names: this.names, conversationId: () => this.chosen });
    this.thread.acts = this.acts;
    this.packets = new RedPackets({ client: this.client, nameOf: (id) => this.names.within(this.chosen)(id), conversationId: () => this.chosen });
    this.thread.packets = this.packets;
    this.composer.acts = this.acts;
    this.acts.onEdited = () => this.composer.restore();
    this.own = new OwnPanel({ client: this.client, known: async () => knownPeople(await people(), this.client, account.id), accountId: account.id });
    this.panel = new GroupPanel({ client: this.client, names: this.names, people: this.own.people, conversationId: () => this.chosen });
    this.thread.appeal = (refused) => void this.own.appeal({ conversationId: this.chosen, ...refused });
    this.thread.noMoreOffers = (shopId) => void this.own.people.setOffers(shopId, false).then(() => toast(at("offers.stopped"), "info"), toastError);
    this.bar = new ConnectionBar({ retry: () => this.client.poke(), reenter: leave, appeal: () => void this.own.open("record") });
    this.drawSoon = oncePerFrame(() => this._draw());
    this.acts.onFetched = this.drawSoon;
    this._drawSelf(account);
    this._listen();
    this._listenToPage();
  }

  start() {
    this.client.connect();
    this._followAddress();
  }

  _listen() {
    const { client } = this;
    client.on("status", (status) => {
      this.bar.show(status);
      this.drawSoon();
    });
    client.on("welcome", (frame) => this._welcome(frame));
    client.on("conversation", ({ conversationId, change }) => {
      if (change === "gone" && conversationId === this.chosen) this._choose("");
      if (change === "own" && conversationId === this.chosen) this.composer.restore();
      if (change === "reset" && conversationId === this.chosen) this.thread.open(conversationId);
      this.drawSoon();
    });
    client.on("message", (arrival) => {
      this.alerts.arrived(arrival);
      this.thread.arrived(arrival);
    });
    for (const name of ["outbox", "typing", "presence"]) client.on(name, this.drawSoon);
    // In the open conversation the message itself says why.
    client.on("refused", ({ entry, error }) => entry.conversationId === this._openedId || toast(errorText(error)));
    client.on("problem", (error) => this._problem(error));
  }

  _listenToPage() {
    // Until now a press would have done nothing.
    for (const id of ["new", "start", "show-own", "lang"]) byId(id).disabled = false;
    for (const id of ["new", "start"]) byId(id).addEventListener("click", () => void this.newChat.open());
    byId("show-members").addEventListener("click", () => void this.members.open(this.chosen));
    byId("show-own").addEventListener("click", () => void this.own.open());
    byId("back").addEventListener("click", () => this._choose(""));
    byId("lang").addEventListener("click", switchLang);
    window.addEventListener("popstate", () => this._followAddress());
    window.addEventListener("online", () => this.client.poke());
    window.addEventListener("offline", () => this.client.drop());
    // A laptop that slept, a tab that was frozen: do not wait for the next heartbeat.
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.client.poke());
    document.addEventListener("keydown", ({ key }) => key === "Escape" && !document.querySelector("dialog[open], :popover-open") && this._choose(""));
  }

  /** @param {KefuError} error */
  _problem(error) {
    // Too much typing or reading at once is nothing that a user could mend.
    if (error.code === "rate_limited") return;
    if (error.code === "bad_server_frame") console.warn(error);
    else toast(errorText(error));
  }

  /** @param {{conversations: import("/client/frames.js").Summary[], more: boolean}} frame */
  _welcome({ conversations, more }) {
    this.list.ready({ more });
    const stillIn = more || conversations.some(({ id }) => id === this.chosen);
    // The conversations of this welcome are known a moment later.
    queueMicrotask(() => {
      if (this.chosen !== "" && this.client.conversation(this.chosen) === null) return this._choose("");
      if (this._openedId !== this.chosen) this._open();
      else if (stillIn) this.thread.resume();
      return undefined;
    });
  }

  /** @param {string} conversationId empty for the list */
  _choose(conversationId) {
    if (conversationId === this.chosen) return;
    const address = location.pathname + location.search;
    if (conversationId === "") history.replaceState(null, "", address);
    // From one conversation to the next, "back" still leads to the list.
    else if (this.chosen === "") history.pushState(null, "", `${address}#${conversationId}`);
    else history.replaceState(null, "", `${address}#${conversationId}`);
    this._followAddress();
  }

  _followAddress() {
    const wanted = location.hash.slice(1);
    if (wanted.startsWith("join=")) return void this._join(wanted.slice(5));
    if (wanted === "appeal") return this._appeal();
    if (wanted !== this.chosen) this.client.signals.stopTyping();
    this.chosen = wanted;
    this._open();
  }

  /** The address is the one that refusals name. */
  _appeal() {
    history.replaceState(null, "", location.pathname + location.search);
    void this.own.open("record");
  }

  /** The address is an invitation: ask, and come in. @param {string} code */
  async _join(code) {
    history.replaceState(null, "", location.pathname + location.search);
    try {
      const words = await askToJoin(await this.client.http.lookAtInvite(code));
      if (words === null) return;
      const state = await this.client.joinByInvite(code, words);
      if (state === null) toast(at("join.waiting"), "info");
      else this._choose(state.id);
    } catch (error) {
      toastError(error);
    }
  }

  _open() {
    const state = this.client.conversation(this.chosen);
    // Before the first welcome nothing is known: the conversation of the address opens with it.
    this._openedId = state === null ? "" : this.chosen;
    document.body.classList.toggle("in-thread", state !== null);
    byId("thread").hidden = state === null;
    byId("nothing").hidden = state !== null;
    this.list.choose(this._openedId);
    this.thread.open(this._openedId);
    if (state !== null) {
      this.composer.open(state.id, { blocked: this._blocked(state) });
      this.composer.focus();
    }
    this._draw();
  }

  _draw() {
    this.list.refresh();
    this.members.refresh();
    this.client.signals.watch(this.client.conversations().slice(0, WATCHED).flatMap((each) => watchedIn(each) ?? []));
    const state = this.client.conversation(this._openedId ?? "");
    if (state === null) return;
    this.thread.refresh();
    this.composer.block(this._blocked(state));
    this.panel.draw(state);
    this.packets.draw(state);
    this._drawHead(state);
  }

  /** @param {import("/client/conversation_state.js").ConversationState} state */
  _drawHead(state) {
    const watched = watchedIn(state);
    const online = watched === null ? null : this.client.signals.presence(watched)?.online ?? null;
    const typing = typingText(this.client, state, this.names.within(state.id));
    const presence = online === null ? "" : t(online ? "presence.online" : "presence.offline");
    setText("thread-title", titleOf(state));
    setText("thread-state", typing ?? (state.kind === "group" ? t("presence.members", { n: state.memberCount }) : presence));
    byId("thread-state").className = `state${typing ? " is-typing" : ""}${online ? " is-online" : ""}`;
    drawTyping(typing !== null);
  }

  /** @param {import("/client/conversation_state.js").ConversationState} state */
  _blocked(state) {
    if (!state.isMember) return t("compose.gone");
    if (state.peer?.kind === "system") return at("system.only");
    const later = (/** @type {string | null | undefined} */ until) => Boolean(until) && new Date(String(until)).getTime() > Date.now();
    const until = (/** @type {any} */ time) => ({ until: `${dayName(time)} ${clockTime(time)}` });
    if (later(state.silencedUntil)) return at("silenced", until(state.silencedUntil));
    if (!state.group || ["owner", "admin"].includes(state.role)) return null;
    if (state.group.announcement_only) return at("quiet");
    return later(state.group.silenced_until) ? at("silenced.all", until(state.group.silenced_until)) : null;
  }

  /** @param {{kind?: string, body: Record<string, any>}} draft @param {string} [conversationId] */
  _send(draft, conversationId = this.chosen) {
    try {
      this.client.send(conversationId, draft);
    } catch (error) {
      toastError(error);
      return false;
    }
    // What took its time to leave, a video or a link, may be of a conversation that is open no more.
    if (conversationId === this.chosen) this.thread.sent();
    return true;
  }

  /** @param {import("/client/frames.js").Account} account */
  _drawSelf(account) {
    byId("self").replaceChildren(avatar({ name: account.name }));
    setText("self-name", account.name);
  }
}

/**
 * Who can be chosen: the demo's people and whom one has talked to.
 * @param {{id: string, name: string}[]} people @param {KefuClient} client @param {string} selfId
 */
function knownPeople(people, client, selfId) {
  const peers = client.conversations().flatMap(({ kind, peer }) => (kind === "direct" && peer && peer.kind !== "system" && peer.id !== selfId ? [peer] : []));
  return [...new Map([...people, ...peers].map(({ id, name }) => [id, { id, name }])).values()];
}

/** @param {string} id @param {string} text */
function setText(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

/** Sign in anew: as the same person where the address names one. */
function leave() {
  forget();
  location.reload();
}

for (const element of document.querySelectorAll("[data-icon]")) element.prepend(icon(/** @type {any} */ (element.getAttribute("data-icon"))));
fillTexts();
byId("text").placeholder = t(matchMedia("(hover: hover)").matches ? "compose.hint" : "compose.label");
byId("search").placeholder = t("chat.search");
byId("goods-search").placeholder = t("goods.search");
byId("new-title").placeholder = t("new.group.placeholder");
try {
  const session = await enter();
  if (session === null) location.replace(`/enter${location.hash}`);
  else new ChatPage(session).start();
} catch (error) {
  // The person of the address is gone: the demo was set up anew.
  if (isGone(error)) location.replace("/");
  else toastError(error);
}
