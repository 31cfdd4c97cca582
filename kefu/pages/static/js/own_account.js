/** One's own account: the name, the log-in name and the password, and logging out. */
import { KefuAccount } from "/client/kefu.js";
import { confirmed } from "./dialogs.js";
import { h } from "./dom.js";
import { toast, toastError } from "./notices.js";
import { section } from "./own_parts.js";
import { own } from "./own_texts.js";
import { forget } from "./session.js";

/** @param {import("./own_panel.js").Around} around @returns {Promise<Node[]>} */
export async function accountSections({ http, redraw }) {
  const account = new KefuAccount(http);
  const { account: self, login } = await account.me();
  const done = async (/** @type {Promise<unknown>} */ command, /** @type {string} */ said) => {
    try {
      await command;
      toast(said, "info");
      await redraw();
    } catch (error) {
      toastError(error);
    }
  };
  const naming = fields([["name", { type: "text", value: self.name, maxlength: 40, autocomplete: "nickname" }]], own("save"), ({ name }) => done(account.change({ name: name.trim() }), own("account.saved")));
  const secret = login === null
    ? fields([["login", { type: "text", minlength: 3, maxlength: 64, autocomplete: "username", autocapitalize: "off" }], ["password", { type: "password", maxlength: 200, autocomplete: "new-password" }]], own("account.set"), (found) => done(account.setLogin(found.login.trim(), found.password), own("account.saved")))
    : fields([["password", { type: "password", maxlength: 200, autocomplete: "current-password" }], ["next", { type: "password", maxlength: 200, autocomplete: "new-password" }]], own("account.change"), ({ password, next }) => done(account.changePassword(password, next), own("account.changed")));
  const leave = async () => {
    if (!(await confirmed(own("account.out.sure")))) return;
    await account.logOut().catch(() => undefined);
    forget();
    location.replace("/enter");
  };
  return [
    section(own("account"), null, naming),
    section(own(login === null ? "account.login" : "account.password"), login === null ? own("account.login.more") : own("account.password.more", { login }), secret),
    h("button", { type: "button", class: "button danger", id: "own-log-out", on: { click: () => void leave() } }, own("account.out")),
  ];
}

/**
 * A small form of fields, each with its label.
 * @param {[string, Record<string, any>][]} inputs @param {string} label of the button
 * @param {(found: Record<string, string>) => Promise<void>} submit
 */
function fields(inputs, label, submit) {
  const form = h("form", { class: "own-fields" }, ...inputs.map(([name, more]) => h("label", { class: "labelled" }, h("span", null, own(`account.field.${name}`)), h("input", { name, required: true, spellcheck: "false", ...more }))),
    h("button", { type: "submit", class: "own-pill strong" }, label));
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    void submit(Object.fromEntries(inputs.map(([name]) => [name, form.elements[name].value])));
  });
  return form;
}
