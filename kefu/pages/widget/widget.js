/**
 * The element on the shop's page: the launcher with its badge. What the panel needs is fetched when somebody opens it,
 * or, for the badge, when this browser has talked to the shop before.
 *
 * @typedef {object} Options
 * @property {string} baseUrl
 * @property {string} siteKey
 * @property {"zh" | "en"} lang
 * @property {"light" | "dark" | null} theme
 * @property {string | null} greeting
 * @property {string[]} questions
 * @property {string | null} token
 * @property {boolean} open
 */
import { h } from "../static/js/dom.js";
import { icon } from "../static/js/icons.js";
import { Keep, openStorage } from "./keep.js";
import { launcherStyles } from "./launcher_styles.js";
import { MODULES } from "./modules.js";
import { translator } from "./texts.js";

export class KefuWidget extends HTMLElement {
  constructor() {
    super();
    this._root = this.attachShadow({ mode: "open" });
    this._root.adoptedStyleSheets = [launcherStyles];
    /** @type {any} */
    this._panel = null;
    /** @type {Promise<any> | null} */
    this._loading = null;
    /** Somebody wants the panel open, and it is being fetched. */
    this._opening = false;
    this.unread = 0;
  }

  /** @param {Options} options */
  setUp(options) {
    this._options = options;
    this._t = translator(options.lang);
    const place = options.siteKey.slice(-16);
    this._visitor = new Keep(openStorage(), `kefu.visitor.${place}`);
    // One shop, several pages: who goes to the next one with the panel open finds it open.
    this._wasOpen = new Keep(openStorage("sessionStorage"), `kefu.open.${place}`);
    if (options.theme) this.setAttribute("theme", options.theme);
    this.lang = options.lang === "en" ? "en" : "zh-CN";
    this._badge = h("span", { class: "badge", hidden: true, "aria-hidden": "true" });
    this._launcher = h("button", {
      type: "button", class: "launcher", "aria-haspopup": "dialog", "aria-expanded": "false", part: "launcher",
      on: { click: () => this.toggle(), pointerenter: () => void this._load().catch(() => {}) },
    }, icon("chat"), icon("down"), this._badge);
    this._root.append(this._launcher);
    this._drawLauncher();
  }

  connectedCallback() {
    const { token, open } = this._options;
    if (open || (this._wasOpen.value === "1" && !isPhone())) void this.open({ focus: false });
    else if (token !== null || this._visitor.value !== null) this._load().then(({ visit }) => visit.connect(), () => {});
  }

  get isOpen() {
    return this._panel?.isOpen ?? false;
  }

  toggle() {
    if (this.isOpen) this.close();
    else void this.open();
  }

  /** @param {{focus?: boolean}} [how] */
  async open({ focus = true } = {}) {
    this._launcher.classList.add("busy");
    this._opening = true;
    const loading = this._load();
    try {
      const { panel, visit } = await loading;
      // Closed again meanwhile, or signed in as somebody else, whose panel opens instead.
      if (!this._opening || loading !== this._loading) return;
      this._opening = false;
      panel.open({ focus });
      this._wasOpen.value = "1";
      void visit.enter();
    } catch (error) {
      // The page is as it was; the next press tries again.
      this._opening = false;
      console.warn("Kefu:", error);
      this._launcher.setAttribute("aria-label", this._t("launcher.failed"));
      this._launcher.title = this._t("launcher.failed");
      return;
    } finally {
      this._launcher.classList.remove("busy");
    }
    this._drawLauncher();
  }

  close() {
    this._opening = false;
    if (!this.isOpen) return;
    this._panel.close();
    this._wasOpen.value = null;
    this._drawLauncher();
    this._launcher.focus();
  }

  /** Go on as this customer. @param {string | null} token null: as the anonymous visitor of this browser */
  async signIn(token) {
    if (token === this._options.token) return;
    this._options = { ...this._options, token };
    const wasOpen = this.isOpen || this._opening;
    this._panel?.remove();
    this._panel = this._loading = null;
    this._setUnread(0);
    if (wasOpen) await this.open({ focus: false });
    else if (token !== null || this._visitor.value !== null) (await this._load()).visit.connect();
  }

  /** The panel and the visit behind it, made once. @returns {Promise<{panel: any, visit: any}>} */
  _load() {
    this._loading ??= this._make().catch((error) => {
      this._loading = null;
      throw error;
    });
    return this._loading;
  }

  async _make() {
    const options = this._options;
    this._fetchAhead();
    const [{ Panel }, { Visit }] = await Promise.all([import("./panel.js"), import("./visit.js")]);
    const visit = new Visit({ ...options, visitor: this._visitor, storage: openStorage() });
    const panel = new Panel({ root: this._root, visit, t: this._t, options, onClose: () => this.close(), onUnread: (n) => this._setUnread(n) });
    if (options !== this._options) panel.remove(); // signed in as somebody else meanwhile
    else this._panel = panel;
    return { panel, visit };
  }

  /** All modules at once: one after the other, as each names the next, they would take a round trip a level. */
  _fetchAhead() {
    if (this._root.querySelector("link") !== null) return;
    const hrefs = MODULES.map((name) => new URL(name, import.meta.url).href);
    this._root.append(...hrefs.map((href) => h("link", { rel: "modulepreload", href, crossorigin: "anonymous" })));
  }

  /** @param {number} count */
  _setUnread(count) {
    if (count === this.unread) return;
    this.unread = count;
    this._drawLauncher();
    window.dispatchEvent(new CustomEvent("kefu:unread", { detail: count }));
  }

  _drawLauncher() {
    const { isOpen, unread } = this;
    const label = isOpen ? this._t("panel.close") : unread > 0 ? this._t("launcher.unread", { n: unread }) : this._t("launcher.open");
    this._launcher.setAttribute("aria-label", label);
    this._launcher.title = label;
    this._launcher.setAttribute("aria-expanded", String(isOpen));
    this._badge.hidden = unread === 0 || isOpen;
    this._badge.textContent = unread > 99 ? "99+" : String(unread);
  }
}

/** As wide as a phone: there the panel fills the screen. */
export function isPhone() {
  return matchMedia("(max-width: 520px)").matches;
}
