/** The lines under the composer: a visitor logs in or signs up and keeps the conversation; who has done so can leave. */
import { KefuError } from "../client/kefu.js";
import { h } from "../static/js/dom.js";
import { errorText } from "./texts.js";

export class AccountForm {
  /**
   * @param {object} options
   * @param {import("./visit.js").Visit} options.visit
   * @param {import("./texts.js").Translate} options.t
   * @param {boolean} options.signedIn by the page: then the account is the page's business
   */
  constructor({ visit, t, signedIn }) {
    this._visit = visit;
    this._t = t;
    this._signedIn = signedIn;
    this._busy = false;
    this._login = h("input", { name: "login", autocomplete: "username", required: true, minlength: 3, maxlength: 64, "aria-label": t("account.login"), placeholder: t("account.login") });
    this._password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true, minlength: 8, maxlength: 200, "aria-label": t("account.password"), placeholder: t("account.password") });
    this._problem = h("p", { class: "account-problem", role: "alert", hidden: true });
    this._form = h("form", { class: "account-form", hidden: true, on: { submit: (/** @type {SubmitEvent} */ event) => void this._submit(event) } },
      this._login, this._password, this._problem,
      h("div", { class: "account-buttons" },
        h("button", { type: "submit", class: "account-in", value: "log-in" }, t("account.log-in")),
        h("button", { type: "submit", class: "account-up", value: "sign-up" }, t("account.sign-up"))));
    this._ask = h("button", { type: "button", class: "link account-ask", "aria-expanded": "false", on: { click: () => this._toggle() } }, t("account.ask"));
    this._who = h("span", null);
    this._leave = h("button", { type: "button", class: "link account-leave", on: { click: () => void this._signOut() } }, t("account.leave"));
    this._known = h("p", { class: "account-known", hidden: true }, this._who, this._leave);
    this.element = h("div", { class: "account", hidden: true }, this._ask, this._form, this._known);
  }

  draw() {
    const account = this._visit.client?.account ?? null;
    const isVisitor = account?.kind === "visitor";
    this.element.hidden = this._signedIn || account === null;
    this._ask.hidden = !isVisitor;
    this._known.hidden = isVisitor;
    if (!isVisitor) this._show(false);
    if (account !== null) this._who.textContent = this._t("account.known", { name: account.name });
  }

  _toggle() {
    this._show(this._form.hidden);
    if (!this._form.hidden) this._login.focus();
  }

  /** @param {boolean} on */
  _show(on) {
    this._form.hidden = !on;
    this._ask.setAttribute("aria-expanded", String(on));
    this._problem.hidden = true;
  }

  /** @param {SubmitEvent} event */
  async _submit(event) {
    event.preventDefault();
    const how = /** @type {HTMLButtonElement | null} */ (event.submitter)?.value === "sign-up" ? "sign-up" : "log-in";
    const [login, password] = [this._login.value.trim(), this._password.value];
    await this._try(() => this._visit.becomeKnown(how, { login, password, device: navigator.platform, ...(how === "sign-up" ? { name: login.split("@")[0] } : {}) }));
    this._password.value = "";
  }

  _signOut() {
    return this._try(() => this._visit.signOut());
  }

  /** @param {() => Promise<void>} work */
  async _try(work) {
    if (this._busy) return;
    this._busy = true;
    this._problem.hidden = true;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof KefuError)) throw error;
      this._problem.textContent = errorText(this._t, error);
      this._problem.hidden = false;
    } finally {
      this._busy = false;
    }
  }
}
