/** The panel's place on the screen: on a phone it fills what the on-screen keyboard leaves, and the page stays still. */
import { isPhone } from "./widget.js";

export class Screen {
  /** @param {HTMLElement} element */
  constructor(element) {
    this._element = element;
    this._overflow = "";
    this._holds = false;
    this._taken = false;
    this._fit = () => this._fitNow();
  }

  take() {
    if (this._taken) return;
    this._taken = true;
    for (const name of ["resize", "scroll"]) window.visualViewport?.addEventListener(name, this._fit);
    this._fitNow();
  }

  leave() {
    if (!this._taken) return;
    this._taken = false;
    for (const name of ["resize", "scroll"]) window.visualViewport?.removeEventListener(name, this._fit);
    this._hold(false);
  }

  _fitNow() {
    const phone = isPhone();
    const view = window.visualViewport;
    const set = (/** @type {string} */ name, /** @type {number} */ px) => this._element.style.setProperty(name, `${Math.round(px)}px`);
    if (phone && view && view.scale < 1.05) {
      set("--view-top", view.offsetTop);
      set("--view-height", view.height);
    } else {
      // Somebody zooms in to read: the panel stays as it is.
      for (const name of phone ? [] : ["--view-top", "--view-height"]) this._element.style.removeProperty(name);
    }
    // On a phone nothing of the page can be seen: it is a dialog of its own there, beside it on a desk.
    if (phone) this._element.setAttribute("aria-modal", "true");
    else this._element.removeAttribute("aria-modal");
    this._hold(phone);
  }

  /** @param {boolean} still */
  _hold(still) {
    if (still === this._holds) return;
    this._holds = still;
    const page = document.documentElement.style;
    if (still) this._overflow = page.overflow;
    page.overflow = still ? "hidden" : this._overflow;
  }
}
