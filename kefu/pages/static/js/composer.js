/** Where a message is written: text, and product cards. */
import { price } from "./cards.js";
import { byId, h } from "./dom.js";
import { goods } from "./goods.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

/** From so many characters before the limit on, what is left is shown. */
const WARN_BEFORE = 200;

export class Composer {
  /**
   * @param {object} options
   * @param {import("./drafts.js").Drafts} options.drafts
   * @param {() => number} options.limit the longest text, in characters
   * @param {(draft: {kind?: string, body: Record<string, any>}) => boolean} options.onSend false keeps the text
   * @param {() => void} options.onTyping
   * @param {() => void} options.onIdle
   */
  constructor({ drafts, limit, onSend, onTyping, onIdle }) {
    this._drafts = drafts;
    this._limit = limit;
    this._on = { send: onSend, typing: onTyping, idle: onIdle };
    this._conversationId = "";
    this._form = byId("composer");
    /** What is answered or edited. @type {import("./message_acts.js").MessageActs | null} */
    this.acts = null;
    /** Conversations in which what was written is on its way to be said. */
    this._submitting = new Set();
    this._text = byId("text");
    this._picker = byId("goods");
    this._form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      void this._submit();
    });
    this._text.addEventListener("input", () => this._changed());
    byId("tools-open").addEventListener("click", () => {
      const open = this._form.classList.toggle("has-tools");
      byId("tools-open").setAttribute("aria-expanded", String(open));
    });
    this._text.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this._key(event));
    byId("goods-search").addEventListener("input", () => this._drawGoods());
    // Emptied before it is seen: `toggle` comes a moment later, and would take away what was typed meanwhile.
    this._picker.addEventListener("beforetoggle", (/** @type {any} */ { newState }) => newState === "open" && this._emptySearch());
    this._picker.addEventListener("toggle", (/** @type {any} */ { newState }) => {
      byId("goods-open").setAttribute("aria-expanded", String(newState === "open"));
      if (newState === "open" && matchMedia("(hover: hover)").matches) byId("goods-search").focus();
    });
  }

  /** @param {string} conversationId @param {{blocked: string | null}} state why nothing can be written, if so */
  open(conversationId, { blocked }) {
    this._conversationId = conversationId;
    this.acts?.end();
    this.block(blocked);
    this.restore();
  }

  /** Show the draft: another conversation was opened, an edit has ended, or one went on writing on another device. */
  restore() {
    const text = this._drafts.of(this._conversationId);
    if (this.acts?.isEditing || this._text.value === text) return this._fit();
    this._text.value = text;
    return this._fit();
  }

  /** @param {string | null} why */
  block(why) {
    byId("compose-blocked").hidden = why === null;
    byId("compose-blocked").textContent = why ?? "";
    this._form.hidden = why !== null;
  }

  focus() {
    // On a phone the keyboard would jump up and cover the messages.
    if (matchMedia("(hover: hover)").matches && !this._form.hidden) this._text.focus();
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    // While a Chinese input method is choosing, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    void this._submit();
  }

  async _submit() {
    const text = this._text.value.trim();
    const conversationId = this._conversationId;
    if (text === "" || this._submitting.has(conversationId)) return;
    this._submitting.add(conversationId);
    try {
      if (this.acts?.isEditing) {
        this._on.idle();
        return await this.acts.saveEdit(text);
      }
      await this.acts?.knowWhoIsCalled(text);
    } finally {
      this._submitting.delete(conversationId);
    }
    // Whoever went elsewhere meanwhile finds it as a draft.
    if (this._conversationId === conversationId) this._say(text);
  }

  /** @param {string} text */
  _say(text) {
    const draft = { body: { text } };
    const written = this._text.value.trimStart();
    if (!this._on.send(this.acts?.quote(draft) ?? draft)) return;
    // What was written on while it waited is the next message's.
    this._drafts.keep(this._conversationId, written.startsWith(text) ? written.slice(text.length).trimStart() : written);
    this.restore();
    this._on.idle();
    this._text.focus();
  }

  _changed() {
    if (!this.acts?.isEditing) this._drafts.keep(this._conversationId, this._text.value);
    if (this._text.value.trim() === "") this._on.idle();
    else this._on.typing();
    this._fit();
  }

  /** The field grows with the text, and says when the text grows too long. */
  _fit() {
    this._text.style.height = "auto";
    this._text.style.height = `${this._text.scrollHeight}px`;
    const left = this._limit() - [...this._text.value.trim()].length;
    const counter = byId("counter");
    counter.hidden = left > WARN_BEFORE;
    counter.textContent = left >= 0 ? t("compose.long", { n: left }) : t("compose.over", { n: -left });
    counter.classList.toggle("over", left < 0);
    byId("send").disabled = this._text.value.trim() === "" || left < 0;
  }

  _emptySearch() {
    byId("goods-search").value = "";
    this._drawGoods();
  }

  _drawGoods() {
    const wanted = byId("goods-search").value.trim().toLowerCase();
    const found = goods.filter(({ title, note }) => `${title} ${note}`.toLowerCase().includes(wanted));
    byId("goods-none").hidden = found.length > 0;
    byId("goods-list").replaceChildren(...found.map((good) => this._goodRow(good)));
  }

  /** @param {import("./goods.js").Good} good */
  _goodRow({ note, ...body }) {
    const send = () => {
      if (!this._on.send({ kind: "product_card", body })) return;
      this._picker.hidePopover();
      this._text.focus();
    };
    const picture = h("img", { src: body.image_url, alt: "", width: 56, height: 56 });
    return h("li", null, h("button", { type: "button", class: "good", "data-id": body.product_id, on: { click: send } },
      picture,
      h("span", { class: "good-text" }, h("span", { class: "good-title" }, body.title), h("span", { class: "good-note" }, note),
        h("span", { class: "card-price" }, price(body.price_fen))),
      h("span", { class: "good-send" }, icon("send"), h("span", { class: "sr-only" }, t("goods.send")))));
  }
}

