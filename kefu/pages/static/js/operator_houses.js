/**
 * Enterprises on the operator's page: one is opened with its first owner, all are listed, verified or not.
 *
 * @typedef {{id: string, name: string, verified: boolean, created_at: string, owners: string[], accepted_terms: boolean}} House
 * @typedef {(act: () => Promise<void>) => Promise<void>} Attempt runs what a button asks for and tells what went wrong
 */
import { randomId } from "/client/kefu.js";
import { byId, h } from "./dom.js";
import { ot } from "./operator_texts.js";
import { lang } from "./texts.js";

const PAGE = 20;

export class Houses {
  /**
   * @param {object} options
   * @param {import("/client/kefu.js").KefuHttp} options.http with the operator's token
   * @param {Attempt} options.attempt
   * @param {(houses: House[]) => void} options.onList the houses that are shown have changed
   */
  constructor({ http, attempt, onList }) {
    this._http = http;
    this._attempt = attempt;
    this._onList = onList;
    /** @type {House[]} */
    this._shown = [];
    /** @type {string | null} */
    this._next = null;
    this._steps = h("div", { class: "next-steps", role: "status", hidden: true });
    this._list = h("ul", { id: "house-rows" });
    this._more = h("button", { type: "button", class: "button plain", hidden: true, on: { click: () => void attempt(() => this.load(false)) } }, ot("house.more"));
    byId("houses").replaceChildren(h("h2", null, ot("houses")), h("p", { class: "lead" }, ot("houses.lead")), this._form(), this._steps, this._list, this._more);
  }

  /** @param {boolean} fresh from the beginning, or the next page */
  async load(fresh) {
    const page = await this._http.request("GET", "/v1/operator/enterprises", { query: { limit: PAGE, cursor: fresh ? null : this._next } });
    this._shown = fresh ? page.items : [...this._shown, ...page.items];
    this._next = page.next_cursor;
    this._more.hidden = this._next === null;
    this._list.replaceChildren(...(this._shown.length === 0 ? [h("li", { class: "empty" }, ot("house.none"))] : this._shown.map((house) => this._row(house))));
    byId("houses").hidden = false;
    this._onList(this._shown);
  }

  _form() {
    const name = field("house.name", { name: "house", maxlength: 100 });
    const verified = h("input", { type: "checkbox", name: "verified" });
    const known = h("select", { name: "who" }, h("option", { value: "" }, ot("owner.new")), h("option", { value: "known" }, ot("owner.known")));
    const person = field("owner.name", { name: "person", maxlength: 100 });
    const login = field("owner.login", { name: "login", maxlength: 64, placeholder: ot("owner.login.hint"), autocapitalize: "off", spellcheck: "false" });
    // The operator reads it out to the owner, who changes it.
    const password = field("owner.password", { name: "password", maxlength: 200, spellcheck: "false" });
    const draw = () => {
      for (const each of [person, password]) {
        each.label.hidden = known.value !== "";
        each.input.required = known.value === "";
      }
    };
    known.addEventListener("change", draw);
    const form = h("form", { id: "new-house" }, name.label, h("label", null, h("span", null, ot("owner.who")), known), person.label, login.label, password.label,
      h("label", { class: "tick" }, verified, h("span", null, ot("house.verified"))), h("button", { type: "submit", class: "button" }, ot("house.open")));
    let key = randomId();
    form.addEventListener("input", () => (key = randomId()));
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      const owner = { login: login.input.value.trim(), ...(known.value === "" ? { name: person.input.value.trim(), password: password.input.value } : {}) };
      const body = { name: name.input.value.trim(), verified: verified.checked, owner };
      void this._attempt(async () => {
        await this._http.request("POST", "/v1/operator/enterprises", { body, idempotencyKey: key });
        key = randomId();
        form.reset();
        draw();
        this._tellNext(body);
        await this.load(true);
      });
    });
    draw();
    return form;
  }

  /** What its owner has to do now. @param {{name: string, verified: boolean, owner: {login: string, password?: string}}} made */
  _tellNext({ name, verified, owner }) {
    const steps = [
      h("li", null, ot("next.login", { login: owner.login }), link("/settings/shop")),
      owner.password === undefined ? null : h("li", null, ot("next.password"), link("/enter")),
      h("li", null, ot("next.terms")),
      verified ? null : h("li", null, ot("next.verify")),
      h("li", null, ot("next.desk"), link("/desk")),
      h("li", null, ot("next.bot"), link("/settings/bot")),
    ];
    this._steps.replaceChildren(h("h3", null, ot("next.title", { name })), h("ol", null, ...steps),
      h("button", { type: "button", class: "button plain", on: { click: () => (this._steps.hidden = true) } }, ot("next.close")));
    this._steps.hidden = false;
  }

  /** @param {House} house */
  _row(house) {
    const { id, name, verified, owners, accepted_terms: accepted, created_at: since } = house;
    const mark = async () => {
      if (verified && !confirm(ot("house.unverify.sure", { name }))) return;
      await this._http.request("PUT", `/v1/enterprises/${id}/verification`, { body: { verified: !verified } });
      house.verified = !verified;
      row.replaceWith(this._row(house));
    };
    const date = new Date(since).toLocaleDateString(lang === "zh" ? "zh-CN" : "en");
    const row = h("li", { class: "house", "data-house": id },
      h("div", { class: "house-words" },
        h("div", { class: "house-name" }, h("strong", null, name), h("span", { class: verified ? "mark is-good" : "mark" }, ot(verified ? "house.is.verified" : "house.is.plain"))),
        h("p", null, owners.length > 0 ? ot("house.owners", { names: owners.join("、") }) : ot("house.ownerless"), " · ", ot("house.since", { date })),
        h("p", { class: accepted ? "" : "is-warn" }, ot(accepted ? "house.accepted" : "house.unaccepted"))),
      h("button", { type: "button", class: "button plain", on: { click: () => void this._attempt(mark) } }, ot(verified ? "house.unverify" : "house.verify")));
    return row;
  }
}

/** @param {string} key @param {Record<string, any>} attributes */
function field(key, attributes) {
  const input = h("input", { type: "text", autocomplete: "off", required: true, ...attributes });
  return { input, label: h("label", null, h("span", null, ot(key)), input) };
}

/** @param {string} path */
function link(path) {
  return h("a", { href: path, target: "_blank", rel: "noopener" }, location.origin + path);
}
