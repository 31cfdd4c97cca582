/** The window of the conversation: head, banner, log, composer; a dialog that can be used by keyboard alone. */
import { KefuError, KefuMedia, unreadOf } from "../client/kefu.js";
import { h, oncePerFrame } from "../static/js/dom.js";
import { icon } from "../static/js/icons.js";
import { kindStyles } from "../static/js/kind_styles.js";
import { Names } from "../static/js/names.js";
import { AccountForm } from "./account_form.js";
import { Uploads } from "../static/js/uploads.js";
import { Banner } from "./banner.js";
import { Composer } from "./composer.js";
import { Keep, openStorage } from "./keep.js";
import { LogView } from "./log_view.js";
import { Offers } from "./offers.js";
import { panelStyles } from "./panel_styles.js";
import { QueuePlace } from "./queue_place.js";
import { Screen } from "./screen.js";
import { errorText } from "./texts.js";
import { times } from "./times.js";
import { Votes } from "./votes.js";

export class Panel {
  /**
   * @param {object} options
   * @param {ShadowRoot} options.root
   * @param {import("./visit.js").Visit} options.visit
   * @param {import("./texts.js").Translate} options.t
   * @param {import("./widget.js").Options} options.options
   * @param {() => void} options.onClose
   * @param {(unread: number) => void} options.onUnread
   */
  constructor({ root, visit, t, options, onClose, onUnread }) {
    this._visit = visit;
    this._t = t;
    this._options = options;
    this._onUnread = onUnread;
    this._times = times(options.lang, t);
    this._drawSoon = oncePerFrame(() => this._draw());
    this._place = new QueuePlace(visit, this._drawSoon);
    this.isOpen = false;
    this._askingHuman = false;
    /** @type {Names | null} */
    this._names = null;
    /** @type {Votes | null} */
    this._votes = null;
    if (!root.adoptedStyleSheets.includes(panelStyles)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, panelStyles, kindStyles];
    this._root = root;
    /** @type {KefuMedia | null} */
    this._media = null;
    this._build(onClose);
    this._screen = new Screen(this.element);
    root.prepend(this.element);
    this._listen();
  }

  /** @param {{focus: boolean}} how */
  open({ focus }) {
    this.isOpen = true;
    this.element.hidden = false;
    this._screen.take();
    this._log.open();
    this._draw();
    this._composer.fit();
    if (focus) this._takeFocus();
  }

  _takeFocus() {
    // On a phone the keyboard would jump up and cover what there is to read.
    if (matchMedia("(hover: hover)").matches) this._composer.focus();
    else this.element.focus({ preventScroll: true });
  }

  close() {
    this.isOpen = false;
    this._place.follow("");
    this.element.hidden = true;
    this._screen.leave();
    this._log.close();
    this._visit.client?.signals.stopTyping();
  }

  /** For good: somebody else signs in. */
  remove() {
    this.close();
    this._banner.close();
    this._log.remove();
    this._visit.close();
    this.element.remove();
  }

  /** @param {() => void} onClose */
  _build(onClose) {
    const { _t: t, _visit: visit } = this;
    this._title = h("h2", { id: "title" }, t("panel.plain"));
    this._state = h("p", { class: "state" });
    this._human = h("button", { type: "button", class: "human", "aria-label": t("human.label"), on: { click: () => void this._askHuman() } }, icon("human"), h("span"));
    this._banner = new Banner({ t, onRetry: () => visit.retry() });
    this._log = new LogView({ visit, t, intro: this._intro(), around: () => this._around(), onProblem: (error) => this._complain(error) });
    this._composer = new Composer({
      t,
      draft: new Keep(openStorage("sessionStorage"), `kefu.draft.${this._options.siteKey.slice(-16)}`),
      limit: () => visit.client?.limits.text_chars ?? 5_000,
      find: (typed, signal) => visit.questions(typed, signal),
      onSend: (text) => this._say(text),
      onTyping: () => visit.state && visit.client?.signals.typing(visit.conversationId),
      onIdle: () => visit.client?.signals.stopTyping(),
    });
    this._account = new AccountForm({ visit, t, signedIn: this._options.token !== null });
    this._offers = new Offers({ visit, t, onChange: this._drawSoon, onProblem: (error) => this._complain(error) });
    this._uploads = new Uploads({
      lang: this._options.lang, media: () => /** @type {KefuMedia} */ (this._media), root: this._root, videos: false,
      onSend: (draft, id) => this._sendDraft(id, draft), conversationId: () => visit.conversationId,
    });
    this._composer.element.prepend(this._uploads.button);
    this.element = h("section", { class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: -1, hidden: true, on: { keydown: (/** @type {KeyboardEvent} */ event) => this._key(event, onClose) } },
      h("header", null,
        h("span", { class: "emblem", "aria-hidden": "true" }, icon("chat")),
        h("div", { class: "heading" }, this._title, this._state),
        this._human,
        h("button", { type: "button", class: "close", "aria-label": t("panel.close"), title: t("panel.close"), on: { click: onClose } }, icon("down"))),
      this._banner.element,
      this._log.element,
      this._uploads.tray,
      this._composer.suggestions,
      this._composer.element,
      h("div", { class: "lines" }, this._account.element, this._offers.element),
      h("p", { class: "foot" }, t("foot.ai")));
  }

  _intro() {
    const { greeting, questions } = this._options;
    const ask = (/** @type {string} */ text) => h("button", { type: "button", class: "question", on: { click: () => this._say(text) } }, text, icon("send"));
    return h("div", { class: "intro" },
      h("p", { class: "hello" }, this._t("intro.hello")),
      h("p", null, greeting ?? this._t("intro.more")),
      questions.length > 0 && h("div", { class: "questions" }, h("h3", null, this._t("intro.questions")), ...questions.map(ask)));
  }

  _listen() {
    const on = (/** @type {string} */ name, /** @type {(detail: any) => void} */ listener) =>
      this._visit.addEventListener(name, (event) => listener(/** @type {CustomEvent} */ (event).detail));
    on("change", () => this._changed());
    on("client:message", ({ conversationId, message }) => conversationId === this._visit.conversationId && this._log.arrived(message));
    on("client:conversation", this._drawSoon);
    on("client:outbox", this._drawSoon);
    on("client:typing", this._drawSoon);
    on("client:status", (status) => {
      this._banner.show(status);
      if (status.phase === "online") queueMicrotask(() => void this._log.loadOlder());
      this._drawSoon();
    });
    on("client:problem", (error) => this._complain(error));
  }

  /** Another client, another conversation, or none for good. */
  _changed() {
    const { client, failure, trouble } = this._visit;
    if (client !== null && client !== this._named) {
      this._named = client;
      this._media = new KefuMedia(client.http);
      this._names = new Names(client, this._drawSoon);
      this._openedId = "";
    }
    if (client?.account && this._votes === null) this._votes = new Votes(openStorage(), client.account.id);
    if (failure !== null) this._banner.fail(this._t(this._options.token === null ? "fail.key" : "fail.signed.out"), false);
    else if (trouble !== null && client?.status.phase !== "waiting") this._banner.fail(errorText(this._t, trouble), true);
    if (this.isOpen && this._visit.state !== null && this._openedId !== this._visit.conversationId) {
      this._openedId = this._visit.conversationId;
      this._log.open();
    }
    if (this._visit.state !== null) this._composer.release();
    this._drawSoon();
  }

  _draw() {
    const { state, shopName } = this._visit;
    this._onUnread(state === null || this.isOpen ? 0 : unreadOf(state));
    if (!this.isOpen) return;
    this._title.textContent = shopName ? this._t("panel.title", { shop: shopName }) : this._t("panel.plain");
    this._drawState(state);
    this._account.draw();
    this._offers.draw();
    this._log.refresh();
  }

  /** @param {import("../client/conversation_state.js").ConversationState | null} state */
  _drawState(state) {
    const session = state?.session ?? null;
    const typing = state !== null && (this._visit.client?.signals.typers(state.id).length ?? 0) > 0;
    const name = session?.agent_name ?? "";
    this._place.follow(session?.state === "queued" ? session.id : "");
    const before = this._place.before;
    const waiting = before === null ? "state.queued" : before === 0 ? "state.next" : "state.before";
    const text = state === null ? this._t("state.connecting") : typing ? this._t("state.typing") : this._t(session?.state === "queued" ? waiting : `state.${session?.state ?? "closed"}`, { name, count: before ?? 0 });
    if (this._state.textContent !== text) this._state.textContent = text;
    this._state.className = `state state-${state === null ? "none" : session?.state ?? "closed"}`;
    const queued = session?.state === "queued";
    this._human.hidden = state === null || session?.state === "agent";
    this._human.disabled = queued || this._askingHuman;
    this._human.lastChild.textContent = this._t(queued ? "human.waiting" : "human.ask");
  }

  /** @returns {Omit<import("./item_view.js").Surroundings, "latest">} */
  _around() {
    const client = /** @type {import("../client/kefu.js").KefuClient} */ (this._visit.client);
    return {
      t: this._t,
      times: this._times,
      baseUrl: this._visit.baseUrl,
      nameOf: (id) => this._names?.of(id) ?? "",
      voteOf: (id) => this._votes?.of(id) ?? "none",
      kinds: { lang: this._options.lang, base: this._visit.baseUrl, media: /** @type {KefuMedia} */ (this._media), fail: (error) => this._complain(error) },
      conversationId: this._visit.conversationId,
      offers: { wanted: this._offers.wanted, set: (on) => void this._offers.set(on) },
      say: (text) => void this._say(text),
      rate: (id, vote) => void this._rate(id, vote),
      resend: (clientMsgId) => client.resend(clientMsgId),
      discard: (clientMsgId) => void client.discard(clientMsgId),
    };
  }

  /** @param {string} text @returns {boolean} whether it is on its way */
  _say(text) {
    const { client, state } = this._visit;
    if (client === null || state === null) {
      this._composer.hold(text);
      this._visit.retry();
      return false;
    }
    return this._sendDraft(state.id, { body: { text } });
  }

  /** @param {string} conversationId @param {{kind?: string, body: Record<string, any>}} draft @returns {boolean} whether it is on its way */
  _sendDraft(conversationId, draft) {
    try {
      this._visit.client?.send(conversationId, draft);
    } catch (error) {
      this._complain(error);
      return false;
    }
    this._log.sent();
    return true;
  }

  async _askHuman() {
    this._askingHuman = this._human.disabled = true;
    try {
      await this._visit.requestAgent(this._t("human.label"));
    } catch (error) {
      this._complain(error);
    } finally {
      this._askingHuman = false;
    }
    this._takeFocus();
    this._drawSoon();
  }

  /** @param {string} messageId @param {import("./votes.js").Vote} vote */
  async _rate(messageId, vote) {
    const votes = /** @type {Votes} */ (this._votes);
    const before = votes.of(messageId);
    votes.put(messageId, vote);
    this._drawSoon();
    try {
      await this._visit.client?.http.request("POST", "/v1/bot/feedback", { body: { message_id: messageId, value: vote } });
    } catch (error) {
      votes.put(messageId, before);
      this._drawSoon();
      if (!(error instanceof KefuError)) throw error;
      this._banner.say(this._t("rate.failed"));
    }
  }

  /** @param {unknown} error */
  _complain(error) {
    if (!(error instanceof KefuError)) throw error;
    // Too much typing or reading at once is nothing that a customer could mend.
    if (error.code === "rate_limited") return;
    if (error.code === "bad_server_frame") console.warn(error);
    else this._banner.say(errorText(this._t, error));
  }

  /** @param {KeyboardEvent} event @param {() => void} onClose */
  _key(event, onClose) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    } else if (event.key === "Tab") {
      this._holdFocus(event);
    }
  }

  /** The focus goes round in the dialog; Escape leaves it. @param {KeyboardEvent} event */
  _holdFocus(event) {
    const all = [...this.element.querySelectorAll("button, a[href], input, textarea, [tabindex='0']")];
    const reachable = all.filter((each) => !each.disabled && each.checkVisibility({ visibilityProperty: true }));
    const [first, last] = [reachable[0], reachable[reachable.length - 1]];
    const active = /** @type {ShadowRoot} */ (this.element.getRootNode()).activeElement;
    if (active !== (event.shiftKey ? first : last)) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}
