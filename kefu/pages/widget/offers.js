/**
 * Whether the customer wants what the shop offers unasked: off until he says yes. A line under the composer opens to the
 * switch, and at an offer itself stands how to get no more of them.
 */
import { KefuPeople } from "../client/kefu.js";
import { h } from "../static/js/dom.js";

export class Offers {
  /**
   * @param {object} options
   * @param {import("./visit.js").Visit} options.visit
   * @param {import("./texts.js").Translate} options.t
   * @param {() => void} options.onChange
   * @param {(error: unknown) => void} options.onProblem
   */
  constructor({ visit, t, onChange, onProblem }) {
    this._visit = visit;
    this._t = t;
    this._onChange = onChange;
    this._onProblem = onProblem;
    /** Whom it was asked for. @type {import("../client/kefu.js").KefuClient | null} */
    this._client = null;
    /** What the server says; null: not asked yet. @type {boolean | null} */
    this.wanted = null;
    this._asked = false;
    /** How many questions and answers are on their way. */
    this._unanswered = 0;
    this._toggle = h("button", { type: "button", class: "link offers-ask", "aria-expanded": "false", "aria-controls": "offers-sheet", on: { click: () => this._show(this._sheet.hidden) } }, t("offers"));
    this._box = h("input", { type: "checkbox", name: "offers", disabled: true, "aria-describedby": "offers-more", on: { change: () => void this.set(this._box.checked) } });
    this._sheet = h("div", { class: "offers-sheet", id: "offers-sheet", hidden: true },
      h("label", null, this._box, h("span", null, t("offers.want"))),
      h("p", { id: "offers-more" }, t("offers.more")));
    this.element = h("div", { class: "offers", hidden: true }, this._toggle, this._sheet);
  }

  draw() {
    const { client, state } = this._visit;
    this.element.hidden = client === null || state === null;
    if (client === null || state === null) return;
    if (client !== this._client) {
      this._client = client;
      this.wanted = null;
      this._asked = false;
      this._show(false);
    }
    // At an offer stands whether more will come.
    if (!this._asked && state.timeline.some(({ message }) => message?.class === "marketing")) void this._ask();
    this._fill();
  }

  /** Say yes or no to what the shop offers unasked. @param {boolean} on */
  set(on) {
    return this._talk((people, shopId) => people.setOffers(shopId, on).then(() => on));
  }

  /** @param {boolean} on */
  _show(on) {
    this._sheet.hidden = !on;
    this._toggle.setAttribute("aria-expanded", String(on));
    if (on) void this._ask();
  }

  _ask() {
    this._asked = true;
    return this._talk((people, shopId) => people.wantsOffers(shopId));
  }

  /** @param {(people: KefuPeople, shopId: string) => Promise<boolean>} ask returns what is true from now on */
  async _talk(ask) {
    const { client, state } = this._visit;
    if (client === null || !state?.enterpriseId) return;
    this._unanswered += 1;
    try {
      const wanted = await ask(new KefuPeople(client.http), state.enterpriseId);
      if (client !== this._client) return; // somebody else by now
      this.wanted = wanted;
      this._onChange();
    } catch (error) {
      this._onProblem(error);
    } finally {
      this._unanswered -= 1;
      this._fill();
    }
  }

  _fill() {
    this._box.disabled = this.wanted === null;
    // What was just pressed stands until it is known whether it holds.
    if (this._unanswered === 0) this._box.checked = this.wanted === true;
  }
}
