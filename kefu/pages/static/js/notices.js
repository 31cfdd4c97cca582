/** What the page tells by itself: short messages at the edge, and the bar about the connection. */
import { KefuError } from "/client/kefu.js";
import { byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

const TOAST_MS = 6_000;
/** A connection that comes back within this time is not worth a word. */
const PATIENCE_MS = 1_200;
const BACK_MS = 2_000;

/** @param {string} text @param {"error" | "info"} [tone] */
export function toast(text, tone = "error") {
  const shelf = byId("toasts");
  // The same thing twice is said once.
  for (const shown of shelf.children) if (shown.dataset.text === text) return;
  const close = () => {
    note.remove();
    if (shelf.childElementCount === 0 && shelf.matches(":popover-open")) shelf.hidePopover();
  };
  const note = h("div", { class: `toast toast-${tone}`, "data-text": text },
    h("span", null, text), h("button", { type: "button", "aria-label": t("toast.close"), on: { click: close } }, icon("close")));
  shelf.append(note);
  // A modal dialog makes everything outside of it dead: what is said while it is open is said inside of it.
  const dialog = document.querySelector("dialog[open]");
  putShelf(shelf, dialog ?? document.body);
  dialog?.addEventListener("close", () => putShelf(shelf, document.body), { once: true });
  setTimeout(close, TOAST_MS);
}

/** Show what the messenger itself says at the top, until it is put away. @param {string} text @param {() => void} open */
export function banner(text, open) {
  const note = h("div", { class: "system-banner", role: "status" },
    h("button", { type: "button", class: "system-words", on: { click: () => {
      note.remove();
      open();
    } } }, icon("alert"), h("span", null, text)),
    h("button", { type: "button", class: "icon-button quiet", "aria-label": t("toast.close"), on: { click: () => note.remove() } }, icon("close")));
  for (const older of document.querySelectorAll(".system-banner")) older.remove();
  byId("connection").after(note);
}

/** Show the toasts above everything. @param {HTMLElement} shelf @param {Element} place */
function putShelf(shelf, place) {
  place.append(shelf);
  if (shelf.matches(":popover-open")) shelf.hidePopover();
  if (shelf.childElementCount > 0) shelf.showPopover();
}

/** Say what went wrong, in the server's words where there are any. @param {unknown} error */
export function toastError(error) {
  if (!(error instanceof KefuError)) throw error;
  toast(errorText(error));
}

/** @param {KefuError} error */
export function errorText({ code, detail, data }) {
  const incident = data.incident_id ? t("toast.incident", { id: data.incident_id }) : "";
  if (detail && code !== "bad_server_frame") return detail + incident;
  if (code === "network") return t("toast.network");
  if (code === "storage") return t("toast.storage");
  if (code === "message_too_long" || code === "too_large") return t("toast.too.long", { n: data.limit });
  return t("toast.other", { code }) + incident;
}

/** The bar above everything that tells the state of the connection. */
export class ConnectionBar {
  /** @param {{retry: () => void, reenter: () => void, appeal: () => void}} actions */
  constructor(actions) {
    this._element = byId("connection");
    this._actions = actions;
    /** @type {import("/client/connection.js").ConnectionStatus | null} */
    this._status = null;
    this._wasOnline = false;
    this._patience = 0;
    this._timer = 0;
    this._signature = "";
  }

  /** @param {import("/client/connection.js").ConnectionStatus} status */
  show(status) {
    this._status = status;
    if (status.phase === "online") return this._online(status.transport);
    if (status.phase === "stopped" && status.reason?.code === "account_banned") return this._say("stopped", status.reason.detail, "appeal", t("state.appeal"));
    if (status.phase === "stopped") return this._say("stopped", status.reason?.detail || t("link.stopped"), "reenter", t("link.enter"));
    if (this._isTelling()) return this._tell();
    if (this._patience === 0) this._patience = window.setTimeout(() => this._tell(), PATIENCE_MS);
    return undefined;
  }

  /** Whether the bar says already that there is no connection. */
  _isTelling() {
    return this._signature.startsWith("waiting");
  }

  /** @param {string} transport */
  _online(transport) {
    const back = this._isTelling() && this._wasOnline;
    this._wasOnline = true;
    this._stopTimers();
    if (transport === "poll") return this._say("poll", t("link.poll"));
    if (!back) return this._hide();
    this._say("back", t("link.back"));
    this._timer = window.setTimeout(() => this._hide(), BACK_MS);
    return undefined;
  }

  /** Say how things are, and again each second while the next try is counted down. */
  _tell() {
    this._stopTimers();
    const { phase, retryAt, reason } = /** @type {import("/client/connection.js").ConnectionStatus} */ (this._status);
    // A try that is under way for a moment does not change the words: they would flicker.
    if (phase === "connecting") return this._isTelling() ? undefined : this._say("waiting", t("link.connecting"));
    const seconds = Math.max(1, Math.ceil(((retryAt ?? 0) - Date.now()) / 1000));
    const text = navigator.onLine ? t("link.lost", { s: seconds }) : t("link.offline");
    this._say("waiting", reason?.detail ? `${reason.detail} ${text}` : text, "retry", t("link.retry"));
    this._timer = window.setTimeout(() => this._tell(), 1000);
    return undefined;
  }

  _stopTimers() {
    clearTimeout(this._patience);
    clearTimeout(this._timer);
    this._patience = 0;
  }

  /** @param {string} tone @param {string} text @param {"retry" | "reenter" | "appeal"} [action] @param {string} [label] */
  _say(tone, text, action, label = "") {
    const signature = [tone, action ?? ""].join(" ");
    this._element.hidden = false;
    // Only the words change each second: the button keeps the focus.
    if (signature === this._signature) {
      const words = this._element.querySelector(".words");
      if (words.textContent !== text) words.textContent = text;
      return;
    }
    this._signature = signature;
    this._element.className = `connection connection-${tone}`;
    this._element.replaceChildren(h("span", { class: "pulse", "aria-hidden": "true" }), h("span", { class: "words" }, text));
    if (action) this._element.append(h("button", { type: "button", class: "link", on: { click: this._actions[action] } }, label));
  }

  _hide() {
    this._signature = "";
    this._element.hidden = true;
  }
}
