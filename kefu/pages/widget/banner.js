/** The line under the panel's head that tells the state of the connection, and what else went wrong. */
import { h } from "../static/js/dom.js";

/** A connection that comes back within this time is not worth a word. */
const PATIENCE_MS = 1_200;
const BACK_MS = 2_000;
const SAID_MS = 5_000;

export class Banner {
  /** @param {{t: import("./texts.js").Translate, onRetry: () => void}} options */
  constructor({ t, onRetry }) {
    this._t = t;
    this._onRetry = onRetry;
    this.element = h("div", { class: "banner", role: "status", hidden: true });
    /** @type {import("../client/connection.js").ConnectionStatus | null} */
    this._status = null;
    this._wasOnline = false;
    this._timer = 0;
    this._patience = 0;
    this._shown = "";
  }

  /** @param {import("../client/connection.js").ConnectionStatus} status */
  show(status) {
    this._status = status;
    if (status.phase === "online") this._online();
    else if (status.phase === "idle" || status.phase === "stopped") this._hide();
    else if (this._shown === "lost") this._tellLost();
    else if (this._patience === 0) this._patience = window.setTimeout(() => this._tellLost(), PATIENCE_MS);
  }

  /** A short word about something that did not work. @param {string} text */
  say(text) {
    if (this._shown === "lost") return;
    this._draw("said", text);
    this._after(SAID_MS, () => this._hide());
  }

  /** It stays. @param {string} text @param {boolean} mayRetry */
  fail(text, mayRetry) {
    this._stop();
    this._draw(mayRetry ? "lost" : "failed", text);
  }

  close() {
    this._stop();
  }

  _online() {
    const back = this._shown === "lost" && this._wasOnline;
    this._wasOnline = true;
    this._stop();
    if (!back) return this._shown === "said" ? undefined : this._hide();
    this._draw("back", this._t("link.back"));
    return this._after(BACK_MS, () => this._hide());
  }

  /** Again each second, while the next try is counted down. */
  _tellLost() {
    this._stop();
    const { phase, retryAt } = /** @type {import("../client/connection.js").ConnectionStatus} */ (this._status);
    if (phase === "connecting") {
      // A try that is under way for a moment does not change the words: they would flicker.
      if (this._shown !== "lost") this._draw("lost", this._t("link.connecting"));
      return;
    }
    const s = Math.max(1, Math.ceil(((retryAt ?? 0) - Date.now()) / 1000));
    this._draw("lost", navigator.onLine ? this._t("link.lost", { s }) : this._t("link.offline"));
    this._after(1_000, () => this._tellLost());
  }

  /** @param {"lost" | "back" | "said" | "failed"} tone @param {string} text */
  _draw(tone, text) {
    this.element.hidden = false;
    if (this._shown === tone) {
      // Only the words change each second: the button keeps the focus.
      const words = this.element.firstElementChild;
      if (words.textContent !== text) words.textContent = text;
      return;
    }
    this._shown = tone;
    this.element.className = `banner banner-${tone}`;
    this.element.replaceChildren(h("span", null, text));
    if (tone === "lost") this.element.append(h("button", { type: "button", class: "link", on: { click: this._onRetry } }, this._t("link.retry")));
  }

  _hide() {
    this._shown = "";
    this.element.hidden = true;
  }

  /** @param {number} ms @param {() => void} run */
  _after(ms, run) {
    clearTimeout(this._timer);
    this._timer = window.setTimeout(run, ms);
  }

  _stop() {
    clearTimeout(this._timer);
    clearTimeout(this._patience);
    this._patience = 0;
  }
}
