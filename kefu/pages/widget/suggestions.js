/**
 * Questions that the shop knows, offered above the field while somebody types: at most three, after a pause, and only
 * while the bot answers. The arrow keys go through them, Enter asks the one that is marked, Escape puts them away.
 */
import { KefuError } from "../client/kefu.js";
import { h } from "../static/js/dom.js";

const PAUSE_MS = 300;
const FEWEST = 2;
const MOST = 3;

export class Suggestions {
  /**
   * @param {object} options
   * @param {import("./texts.js").Translate} options.t
   * @param {HTMLTextAreaElement} options.field
   * @param {(typed: string, signal: AbortSignal) => Promise<string[]>} options.find
   * @param {(question: string) => void} options.onChoose
   */
  constructor({ t, field, find, onChoose }) {
    this._field = field;
    this._find = find;
    this._onChoose = onChoose;
    this._marked = -1;
    this._timer = 0;
    this._asked = new AbortController();
    this._off = false;
    this.element = h("ul", { class: "suggestions", id: "suggestions", role: "listbox", "aria-label": t("suggestions"), hidden: true });
    field.setAttribute("aria-controls", "suggestions");
    field.setAttribute("aria-autocomplete", "list");
    field.addEventListener("blur", () => this.close());
  }

  /** Something was typed. */
  typed() {
    this.close();
    const text = this._field.value.trim();
    if (this._off || [...text].length < FEWEST) return;
    this._timer = window.setTimeout(() => void this._ask(text), PAUSE_MS);
  }

  /** Put them away, and forget what was asked for. */
  close() {
    clearTimeout(this._timer);
    this._asked.abort();
    this._marked = -1;
    this.element.hidden = true;
    this.element.replaceChildren();
    this._field.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was theirs */
  key(event) {
    if (this.element.hidden || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) this._mark(step);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && this._marked >= 0) this._choose(this.element.children[this._marked].textContent);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** @param {string} text */
  async _ask(text) {
    this._asked = new AbortController();
    const { signal } = this._asked;
    try {
      const found = await this._find(text, signal);
      if (!signal.aborted) this._show(found.filter((question) => question !== text).slice(0, MOST));
    } catch (error) {
      if (!(error instanceof KefuError)) throw error;
      // Nobody misses what was never promised; where there is no bot, nobody is asked again.
      this._off ||= error.status === 404;
    }
  }

  /** @param {string[]} questions */
  _show(questions) {
    // Not `click`: the field would lose the focus first, and with it the list.
    const hold = (/** @type {Event} */ event) => event.preventDefault();
    this.element.replaceChildren(...questions.map((question, place) => h("li", {
      id: `suggestion-${place}`, role: "option", "aria-selected": "false", on: { pointerdown: hold, click: () => this._choose(question) },
    }, question)));
    this.element.hidden = questions.length === 0;
  }

  /** From the text up to the last, down to the first, and past either end back to the text. @param {number} step */
  _mark(step) {
    const count = this.element.childElementCount;
    this._marked = ((this._marked + 1 + step + count + 1) % (count + 1)) - 1;
    for (const [place, option] of [...this.element.children].entries()) option.setAttribute("aria-selected", String(place === this._marked));
    if (this._marked < 0) this._field.removeAttribute("aria-activedescendant");
    else this._field.setAttribute("aria-activedescendant", `suggestion-${this._marked}`);
  }

  /** @param {string} question */
  _choose(question) {
    this.close();
    this._onChoose(question);
  }
}
