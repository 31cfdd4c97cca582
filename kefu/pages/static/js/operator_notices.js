/** System notices on the operator's page: to one person, or to all who work for an enterprise. */
import { randomId } from "/client/kefu.js";
import { byId, h } from "./dom.js";
import { ot } from "./operator_texts.js";

/** @typedef {import("./operator_houses.js").House} House */

export class Notices {
  /**
   * @param {object} options
   * @param {import("/client/kefu.js").KefuHttp} options.http with the operator's token
   * @param {import("./operator_houses.js").Attempt} options.attempt
   * @param {(text: string) => void} options.say
   */
  constructor({ http, attempt, say }) {
    this._to = h("select", { name: "to" });
    const who = labelled("notice.who", h("input", { type: "text", name: "who", maxlength: 64, autocomplete: "off", autocapitalize: "off", spellcheck: "false" }));
    const title = labelled("notice.title", h("input", { type: "text", name: "title", maxlength: 100, required: true, autocomplete: "off" }));
    const text = labelled("notice.text", h("textarea", { name: "text", rows: 3, maxlength: 2000 }));
    const url = labelled("notice.url", h("input", { type: "text", name: "url", maxlength: 500, autocomplete: "off", placeholder: "https://" }));
    const level = labelled("notice.level", h("select", { name: "level" }, h("option", { value: "info" }, ot("notice.info")), h("option", { value: "warning" }, ot("notice.warning"))));
    const draw = () => {
      who.label.hidden = this._to.value !== "";
      who.input.required = this._to.value === "";
    };
    this._draw = draw;
    this._to.addEventListener("change", draw);
    const form = h("form", { id: "new-notice" }, h("label", null, h("span", null, ot("notice.to")), this._to), who.label, title.label, level.label, text.label, url.label,
      h("button", { type: "submit", class: "button" }, ot("notice.send")));
    let key = randomId();
    form.addEventListener("input", () => (key = randomId()));
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      const house = this._to.selectedOptions[0]?.dataset.name ?? "";
      const name = who.input.value.trim();
      const body = {
        title: title.input.value.trim(), text: text.input.value.trim(), level: level.input.value, url: url.input.value.trim(),
        to: this._to.value !== "" ? { enterprise_id: this._to.value } : /^\d{15,}$/.test(name) ? { account_id: name } : { login: name },
      };
      if (this._to.value !== "" && !confirm(ot("notice.sure", { name: house, title: body.title }))) return;
      void attempt(async () => {
        const { notice } = await http.request("POST", "/v1/operator/notices", { body, idempotencyKey: key });
        key = randomId();
        for (const { input } of [title, text, url]) input.value = "";
        say(ot("notice.done", { n: notice.recipients }));
      });
    });
    byId("notices").replaceChildren(h("h2", null, ot("notices")), h("p", { class: "lead" }, ot("notices.lead")), form);
    this.offer([]);
  }

  /** Whose staff can be told. @param {House[]} houses */
  offer(houses) {
    const chosen = this._to.value;
    this._to.replaceChildren(h("option", { value: "" }, ot("notice.person")),
      ...houses.map(({ id, name }) => h("option", { value: id, "data-name": name, selected: id === chosen }, ot("notice.staff", { name }))));
    this._draw();
    byId("notices").hidden = false;
  }
}

/** @param {string} key @param {any} input */
function labelled(key, input) {
  return { input, label: h("label", null, h("span", null, ot(key)), input) };
}
