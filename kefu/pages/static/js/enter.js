/** Signing up and logging in with a name and a password. */
import { KefuAccount, KefuError, KefuHttp } from "/client/kefu.js";
import { byId } from "./dom.js";
import { errorText } from "./notices.js";
import { deviceName, keepSession } from "./session.js";
import { fillTexts, lang, switchLang, t } from "./texts.js";

const account = new KefuAccount(new KefuHttp({ baseUrl: location.origin, lang }));
const form = byId("enter-form");
const isNew = () => document.querySelector("[name=way]:checked")?.getAttribute("value") === "up";

function draw() {
  byId("name-box").hidden = byId("login-rule").hidden = byId("password-rule").hidden = !isNew();
  byId("name").required = isNew();
  byId("password").autocomplete = isNew() ? "new-password" : "current-password";
  byId("go").textContent = t(isNew() ? "enter.up.go" : "enter.in.go");
  byId("wrong").hidden = true;
}

async function submit() {
  const who = { login: byId("login").value.trim(), password: byId("password").value, device: deviceName() };
  byId("go").disabled = true;
  byId("wrong").hidden = true;
  try {
    const { token, account: self } = await (isNew() ? account.signUp({ ...who, name: byId("name").value.trim() }) : account.logIn(who));
    keepSession({ person: "", token, account: self }, byId("keep").checked);
    // Where one wanted to go, an invitation say, stands behind the mark and stays there.
    location.replace(`/chat${location.hash}`);
  } catch (error) {
    if (!(error instanceof KefuError)) throw error;
    byId("wrong").textContent = inWords(error);
    byId("wrong").hidden = false;
  } finally {
    byId("go").disabled = false;
  }
}

/** What is wrong with a field stands beside the fields: it needs no words around it. @param {KefuError} error */
function inWords(error) {
  const said = errorText(error);
  return error.data.field ? said.replace(/^[^:：]*[:：]\s*/, "") : said;
}

form.addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  void submit();
});
for (const way of document.querySelectorAll("[name=way]")) way.addEventListener("change", draw);
byId("lang").addEventListener("click", switchLang);
fillTexts();
draw();
