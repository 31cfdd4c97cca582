/** The conversation: its messages, where the reader is in them, and what has been read. */
import { hasOlder, unreadOf } from "../client/kefu.js";
import { h, reconcile } from "../static/js/dom.js";
import { icon } from "../static/js/icons.js";
import { threadItems } from "../static/js/thread_items.js";
import { itemElement, itemMark } from "./item_view.js";

/** Younger messages come in with a movement; history does not. */
const FRESH_MS = 4_000;
/** Within this distance of the end the reader is taken to be at the end. */
const NEAR_END_PX = 80;
/** From this distance on, the page before is fetched. */
const NEAR_START_PX = 240;
const PAGE = 30;

export class LogView {
  /**
   * @param {object} options
   * @param {import("./visit.js").Visit} options.visit
   * @param {import("./texts.js").Translate} options.t
   * @param {HTMLElement} options.intro stands in front of the first message
   * @param {() => Omit<import("./item_view.js").Surroundings, "latest" | "quoted">} options.around
   * @param {(error: unknown) => void} options.onProblem
   */
  constructor({ visit, t, intro, around, onProblem }) {
    this._visit = visit;
    this._t = t;
    this._intro = intro;
    this._around = around;
    this._onProblem = onProblem;
    this._kept = new Map();
    /** Messages that are quoted and not in the timeline. @type {Map<string, import("../client/frames.js").Message | null>} */
    this._fetched = new Map();
    /** @type {number | null} */
    this._unreadAfter = null;
    this._isOpen = false;
    this._atEnd = true;
    this._newBelow = 0;
    this._loading = false;
    this._build();
  }

  _build() {
    this._older = h("p", { class: "older", hidden: true }, this._t("older.loading"));
    this._log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-label": this._t("panel.log") });
    this._typing = h("div", { class: "typing", hidden: true, "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this._scroller = h("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": this._t("panel.log") },
      this._older, this._intro, this._log, this._typing);
    this._count = h("span");
    this._toEnd = h("button", { type: "button", class: "to-end", hidden: true, "aria-label": this._t("end.to"), on: { click: () => this.toEnd({ smooth: true }) } },
      this._count, icon("down"));
    this.element = h("div", { class: "scroll-box" }, this._scroller, this._toEnd);
    this._scroller.addEventListener("scroll", () => this._scrolled(), { passive: true });
    this._focused = () => this._seen();
    window.addEventListener("focus", this._focused);
    document.addEventListener("visibilitychange", this._focused);
    // A keyboard that opens, a text field that grows: who was at the end stays there.
    this._resized = new ResizeObserver(() => this._atEnd && this.toEnd());
    this._resized.observe(this._scroller);
  }

  open() {
    const { state } = this._visit;
    this._isOpen = true;
    this._atEnd = true;
    this._newBelow = 0;
    this._unreadAfter = state !== null && unreadOf(state) > 0 && state.readMsgNo > 0 ? state.readMsgNo : null;
    this.refresh();
    void this.loadOlder();
  }

  close() {
    this._isOpen = false;
  }

  remove() {
    window.removeEventListener("focus", this._focused);
    document.removeEventListener("visibilitychange", this._focused);
    this._resized.disconnect();
  }

  /** A message has come. @param {import("../client/frames.js").Message} message */
  arrived(message) {
    const own = message.sender_id === this._visit.client?.account?.id;
    if (!own && this._isOpen && !this._atEnd) this._newBelow += 1;
  }

  /** An own message leaves: show it. */
  sent() {
    this._atEnd = true;
    this._unreadAfter = null;
    this.refresh();
  }

  refresh() {
    const { state, client } = this._visit;
    if (state === null || client === null || !this._isOpen) return;
    const held = this._atEnd ? null : this._firstInSight();
    const heldAt = held?.getBoundingClientRect().bottom ?? 0;
    const items = threadItems({ state, outgoing: client.outgoing(state.id), others: 1, unreadAfter: this._unreadAfter });
    const latest = [...items].reverse().find((item) => item.type === "message" && item.origin === "bot")?.key ?? null;
    const around = { ...this._around(), latest, quoted: (/** @type {number} */ seq) => this._quoted(state, seq) };
    reconcile(this._log, this._kept, items, {
      key: (item) => item.key,
      mark: (item) => itemMark(item, around),
      make: (item, isNew) => {
        const element = itemElement(item, around);
        const fresh = item.type === "message" && Date.now() - new Date(item.at).getTime() < FRESH_MS;
        element.classList.toggle("arriving", isNew && fresh);
        return element;
      },
    });
    this._older.hidden = !hasOlder(state);
    this._intro.hidden = hasOlder(state);
    this._typing.hidden = client.signals.typers(state.id).length === 0;
    if (this._atEnd) this.toEnd();
    // What came in front pushes the rest down: keep what is being read where it is.
    else if (held) this._keepInPlace(held.dataset.key ?? "", heldAt);
    this._drawToEnd();
    this._seen();
  }

  /** What a message answers; one from before what is loaded is fetched once. @param {import("../client/conversation_state.js").ConversationState} state @param {number} seq */
  _quoted(state, seq) {
    const held = state.timeline.find(({ message }) => message?.seq === seq)?.message;
    if (held) return held;
    const key = `${state.id}:${seq}`;
    if (!this._fetched.has(key)) {
      this._fetched.set(key, null);
      this._visit.client?.http.message(state.id, seq).then(({ message }) => {
        this._fetched.set(key, message);
        this.refresh();
      }, () => undefined);
    }
    return this._fetched.get(key) ?? null;
  }

  /** @param {{smooth?: boolean}} [how] */
  toEnd({ smooth = false } = {}) {
    const gentle = smooth && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this._scroller.scrollTo({ top: this._scroller.scrollHeight, behavior: gentle ? "smooth" : "instant" });
  }

  async loadOlder() {
    const { conversationId, client } = this._visit;
    if (this._loading || client === null || conversationId === "" || !this._isOpen) return;
    this._loading = true;
    try {
      // A page may hold little to show (joins, tombstones): go on until the reader has something above him.
      while (this._isOpen && client === this._visit.client && this._wantsOlder() && (await client.loadOlder(conversationId, PAGE))) this.refresh();
    } catch (error) {
      if (client.status.phase === "online") this._onProblem(error);
    } finally {
      this._loading = false;
    }
    if (client !== this._visit.client) void this.loadOlder();
  }

  _wantsOlder() {
    const { state } = this._visit;
    return state !== null && hasOlder(state) && this._scroller.scrollTop < NEAR_START_PX;
  }

  /** The message at the top edge of what can be seen. @returns {HTMLElement | null} */
  _firstInSight() {
    const edge = this._scroller.getBoundingClientRect().top;
    for (const element of this._log.children) {
      if (element.dataset.key && element.getBoundingClientRect().bottom > edge) return element;
    }
    return null;
  }

  /** @param {string} key of a message, whose element may have been made anew @param {number} bottom where it was */
  _keepInPlace(key, bottom) {
    const element = this._kept.get(key)?.element;
    if (element) this._scroller.scrollTop += element.getBoundingClientRect().bottom - bottom;
  }

  _scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this._scroller;
    this._atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this._atEnd) this._newBelow = 0;
    this._drawToEnd();
    this._seen();
    if (scrollTop < NEAR_START_PX) void this.loadOlder();
  }

  _drawToEnd() {
    this._toEnd.hidden = this._atEnd;
    this._count.textContent = this._newBelow > 0 ? this._t("end.new", { n: this._newBelow }) : "";
  }

  /** Somebody looks at this page, and at the end of the conversation. */
  _seen() {
    const { conversationId, client } = this._visit;
    const watched = this._isOpen && this._atEnd && document.visibilityState === "visible" && document.hasFocus();
    if (watched && client !== null && conversationId !== "") client.markRead(conversationId);
  }
}
