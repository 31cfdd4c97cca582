/** Where the customer writes. */
import { h } from "../static/js/dom.js";
import { icon } from "../static/js/icons.js";
import { Suggestions } from "./suggestions.js";

/** From so many characters before the limit on, what is left is shown. */
const WARN_BEFORE = 200;

export class Composer {
  /**
   * @param {object} options
   * @param {import("./texts.js").Translate} options.t
   * @param {import("./keep.js").Keep} options.draft
   * @param {() => number} options.limit the longest text, in characters
   * @param {(text: string) => boolean} options.onSend false keeps the text
   * @param {(typed: string, signal: AbortSignal) => Promise<string[]>} options.find questions the shop knows
   * @param {() => void} options.onTyping
   * @param {() => void} options.onIdle
   */
  constructor({ t, draft, limit, find, onSend, onTyping, onIdle }) {
    this._t = t;
    this._draft = draft;
    this._limit = limit;
    this._on = { send: onSend, typing: onTyping, idle: onIdle };
    /** Enter was pressed on this text before there was a conversation to send it to. @type {string | null} */
    this._held = null;
    this._text = h("textarea", {
      rows: 1, "aria-label": t("compose.label"), placeholder: t("compose.label"), enterkeyhint: "send", autocomplete: "off",
      on: { input: () => this._changed(), keydown: (/** @type {KeyboardEvent} */ event) => this._key(event) },
    });
    this._counter = h("span", { class: "counter", hidden: true, role: "status" });
    this._send = h("button", { type: "submit", class: "send", "aria-label": t("compose.send"), title: t("compose.send"), disabled: true }, icon("send"));
    this.element = h("form", { class: "composer", on: { submit: (/** @type {Event} */ event) => this._submit(event) } },
      h("div", { class: "field" }, this._text, this._counter), this._send);
    this._text.value = draft.value ?? "";
    this._suggestions = new Suggestions({ t, field: this._text, find, onChoose: (question) => this._ask(question) });
    this.suggestions = this._suggestions.element;
  }

  focus() {
    this._text.focus({ preventScroll: true });
  }

  /** The field grows with the text, and says when the text grows too long. */
  fit() {
    this._text.style.height = "auto";
    this._text.style.height = `${this._text.scrollHeight}px`;
    const left = this._limit() - [...this._text.value.trim()].length;
    this._counter.hidden = left > WARN_BEFORE;
    this._counter.textContent = this._t(left >= 0 ? "compose.left" : "compose.over", { n: Math.abs(left) });
    this._counter.classList.toggle("over", left < 0);
    this._send.disabled = this._text.value.trim() === "" || left < 0;
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    if (this._suggestions.key(event)) return;
    // While a Chinese input method is choosing, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    this._submit(event);
  }

  /** @param {Event} event */
  _submit(event) {
    event.preventDefault();
    const text = this._text.value.trim();
    if (text !== "" && !this._send.disabled) this._ask(text);
  }

  /** Send as soon as there is a conversation; until then the text stands in the field. @param {string} text */
  hold(text) {
    if (this._text.value.trim() !== text) this._text.value = text;
    this._draft.value = text;
    this._held = text;
    this.fit();
  }

  /** There is a conversation now: what waited for it goes, unless it has been changed since. */
  release() {
    const held = this._held;
    this._held = null;
    if (held !== null && this._text.value.trim() === held) this._ask(held);
  }

  /** @param {string} text what was typed, or a question that was chosen instead */
  _ask(text) {
    this._suggestions.close();
    if (!this._on.send(text)) return;
    this._text.value = "";
    this._draft.value = null;
    this._on.idle();
    this.fit();
    this.focus();
  }

  _changed() {
    const { value } = this._text;
    this._draft.value = value === "" ? null : value;
    if (value.trim() === "") this._on.idle();
    else this._on.typing();
    this._suggestions.typed();
    this.fit();
  }
}
