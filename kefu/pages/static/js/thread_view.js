/** The open conversation: its messages, where the reader is in them, and what has been read. */
import { hasOlder, unreadOf } from "/client/kefu.js";
import { othersIn, titleOf } from "./describe.js";
import { byId, h, reconcile } from "./dom.js";
import { itemElement, itemMark } from "./message_view.js";
import { toastError } from "./notices.js";
import { packetNotice, standingOf } from "./red_packets.js";
import { t } from "./texts.js";
import { threadItems } from "./thread_items.js";

/** A thread of so many items that its start is worth a word. */
const LONG = 40;
/** Younger messages come in with a movement; history does not. */
const FRESH_MS = 4_000;
/** Within this distance of the end the reader is taken to be at the end. */
const NEAR_END_PX = 90;

export class ThreadView {
  /**
   * @param {object} options
   * @param {import("/client/kefu.js").KefuClient} options.client
   * @param {import("./names.js").Names} options.names
   * @param {(text: string) => void} options.onSay a choice was pressed
   * @param {(conversationId: string, own: boolean) => any} options.kinds what pictures, videos and cards need
   */
  constructor({ client, names, onSay, kinds }) {
    this._client = client;
    this._onSay = onSay;
    this._kinds = kinds;
    this._names = names;
    this._scroller = byId("scroller");
    this._log = byId("log");
    this._toEnd = byId("to-end");
    this._conversationId = "";
    this._kept = new Map();
    /** @type {number | null} */
    this._unreadAfter = null;
    this._atEnd = true;
    this._newBelow = 0;
    /** @type {import("./red_packets.js").RedPackets | null} */
    this.packets = null;
    /** What is done to messages. @type {import("./message_acts.js").MessageActs | null} */
    this.acts = null;
    /** @type {import("./message_view.js").Surroundings["appeal"]} */
    this.appeal = () => {};
    /** @type {(shopId: string) => void} */
    this.noMoreOffers = () => {};
    this._loading = false;
    this._scroller.addEventListener("scroll", () => this._scrolled(), { passive: true });
    this._toEnd.addEventListener("click", () => this.toEnd({ smooth: true }));
    window.addEventListener("focus", () => this._seen());
    document.addEventListener("visibilitychange", () => this._seen());
    // A keyboard that opens, a text field that grows: who was at the end stays there.
    new ResizeObserver(() => this._atEnd && this.toEnd()).observe(this._scroller);
  }

  /** @param {string} conversationId empty to show nothing */
  open(conversationId) {
    this._conversationId = conversationId;
    this._kept.clear();
    this._log.replaceChildren();
    this._newBelow = 0;
    this._atEnd = true;
    const state = this._client.conversation(conversationId);
    if (state === null) return;
    this._unreadAfter = unreadOf(state) > 0 ? state.readMsgNo : null;
    this._log.setAttribute("aria-label", t("chat.log", { name: titleOf(state) }));
    this.refresh();
    void this._loadOlder();
    this.loadMembers();
  }

  /** Fetch who is here and how far they have read: cursors have no number, after a gap only this tells them. */
  loadMembers() {
    const state = this._client.conversation(this._conversationId);
    if (state?.isMember && this._client.status.phase === "online") this._client.loadMembers(state.id).catch(toastError);
  }

  /** A message has come. @param {{conversationId: string, message: import("/client/frames.js").Message}} arrival */
  arrived({ conversationId, message }) {
    if (conversationId !== this._conversationId) return;
    const own = message.sender_id === this._client.account?.id;
    if (!own && !this._atEnd) this._newBelow += 1;
    if (!own && !this._isWatched() && this._unreadAfter === null) this._unreadAfter = message.msg_no - 1;
  }

  refresh() {
    const state = this._client.conversation(this._conversationId);
    if (state === null) return;
    const held = this._atEnd ? null : this._firstInSight();
    const heldAt = held?.getBoundingClientRect().bottom ?? 0;
    const around = this._around(state);
    const items = threadItems({ state, outgoing: this._client.outgoing(state.id), others: around.others, unreadAfter: this._unreadAfter });
    reconcile(this._log, this._kept, items, {
      key: (item) => item.key,
      mark: (item) => itemMark(item, around) + (this.acts?.mark(item) ?? ""),
      make: (item, isNew) => enter(this._element(item, around), isNew && item.type === "message" && Date.now() - new Date(item.at).getTime() < FRESH_MS),
    });
    byId("older").textContent = hasOlder(state) ? t("chat.loading") : t("chat.earliest");
    byId("older").hidden = items.length < LONG && !hasOlder(state);
    byId("thread-hello").hidden = items.length > 0 || hasOlder(state);
    if (this._atEnd) this.toEnd();
    // What came in front pushes the rest down: keep what is being read where it is.
    else if (held) this._keepInPlace(held.dataset.key ?? "", heldAt);
    this._drawToEnd();
    this._seen();
  }

  /** @param {import("./thread_items.js").Item} item @param {any} around */
  _element(item, around) {
    const element = itemElement(item, around);
    return this.acts && item.type === "message" ? this.acts.dress(element, item) : element;
  }

  /** The message at the top edge of what can be seen. @returns {HTMLElement | null} */
  _firstInSight() {
    const edge = this._scroller.getBoundingClientRect().top;
    for (const element of this._log.children) {
      if (element.classList.contains("message") && element.getBoundingClientRect().bottom > edge) return element;
    }
    return null;
  }

  /** @param {string} key of a message, whose element may have been made anew @param {number} bottom where it was */
  _keepInPlace(key, bottom) {
    const element = this._kept.get(key)?.element;
    if (element) this._scroller.scrollTop += element.getBoundingClientRect().bottom - bottom;
  }

  /** @param {{smooth?: boolean}} [options] */
  toEnd({ smooth = false } = {}) {
    this._scroller.scrollTo({ top: this._scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }

  /** An own message leaves: show it. */
  sent() {
    this._atEnd = true;
    this._unreadAfter = null;
    this.refresh();
  }

  /** @param {import("/client/conversation_state.js").ConversationState} state */
  _around(state) {
    const nameOf = this._names.within(state.id);
    return {
      nameOf,
      group: state.kind === "group",
      others: othersIn(state),
      say: this._onSay,
      packet: (/** @type {Record<string, any>} */ body) => /** @type {any} */ (this.packets).card(state, body),
      packetMark: (/** @type {Record<string, any>} */ body) => Object.values(standingOf(state, body.packet_id)).join(),
      packetNotice: (/** @type {import("/client/frames.js").Event} */ event) => packetNotice(event, nameOf, state.selfId, senderOf(state, event.data?.packet_id)),
      kinds: (/** @type {boolean} */ own) => this._kinds(this._conversationId, own),
      appeal: this.appeal,
      noMoreOffers: () => this.noMoreOffers(state.enterpriseId ?? ""),
      resend: (/** @type {string} */ clientMsgId) => this._client.resend(clientMsgId),
      discard: (/** @type {string} */ clientMsgId) => void this._client.discard(clientMsgId),
    };
  }

  async _loadOlder() {
    const id = this._conversationId;
    if (this._loading || id === "") return;
    this._loading = true;
    try {
      // A page may hold little to show (joins, tombstones): go on until the reader has something above him.
      while (id === this._conversationId && this._wantsOlder() && (await this._client.loadOlder(id))) this.refresh();
    } catch (error) {
      if (this._client.status.phase === "online") toastError(error);
    } finally {
      this._loading = false;
    }
    if (id !== this._conversationId) void this._loadOlder();
  }

  _wantsOlder() {
    const state = this._client.conversation(this._conversationId);
    return state !== null && hasOlder(state) && this._scroller.scrollTop < 300;
  }

  /** The connection is back: what could not be loaded may be now. */
  resume() {
    void this._loadOlder();
    this.loadMembers();
  }

  _scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this._scroller;
    this._atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this._atEnd) this._newBelow = 0;
    this._drawToEnd();
    this._seen();
    if (scrollTop < 300) void this._loadOlder();
  }

  _drawToEnd() {
    this._toEnd.hidden = this._atEnd;
    byId("to-end-count").textContent = this._newBelow > 0 ? t("chat.new.below", { n: this._newBelow }) : "";
  }

  /** Somebody looks at this window, and at the end of the thread. */
  _isWatched() {
    return this._atEnd && document.visibilityState === "visible" && document.hasFocus();
  }

  /** Whether somebody reads this conversation right now. @param {string} conversationId */
  watches(conversationId) {
    return conversationId === this._conversationId && this._isShown() && this._isWatched();
  }

  _seen() {
    if (this._conversationId !== "" && this._isShown() && this._isWatched()) this._client.markRead(this._conversationId);
  }

  /** On a phone the list may lie in front of the thread. */
  _isShown() {
    return this._scroller.getClientRects().length > 0;
  }
}

/** Who sent a red packet, null where its message is not loaded. @param {import("/client/conversation_state.js").ConversationState} state @param {string} packetId */
function senderOf(state, packetId) {
  return state.timeline.find(({ message }) => message?.kind === "red_packet" && message.body.packet_id === packetId)?.message?.sender_id ?? null;
}

/** @param {HTMLElement} element @param {boolean} moving */
function enter(element, moving) {
  element.classList.toggle("arriving", moving);
  return element;
}

/** @param {boolean} on */
export function drawTyping(on) {
  const place = byId("typing");
  if (on === !place.hidden) return;
  place.hidden = !on;
  place.replaceChildren(...(on ? [h("span"), h("span"), h("span")] : []));
}
