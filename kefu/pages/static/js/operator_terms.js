/** The 绿色沟通公约: the version in force, and the next one in both languages. */
import { KefuHttp } from "/client/kefu.js";
import { byId, h } from "./dom.js";
import { t } from "./texts.js";

/** @param {KefuHttp} http with the operator's token @param {(text: string) => void} say */
export async function showTerms(http, say) {
  const [zh, en] = await Promise.all(["zh", "en"].map((lang) => new KefuHttp({ baseUrl: location.origin, lang }).request("GET", "/v1/terms")));
  const fields = [area("terms.zh", zh.text), area("terms.en", en.text)];
  const form = h("form", null, ...fields.map(({ label }) => label), h("button", { type: "submit", class: "button" }, t("terms.publish", { n: zh.version + 1 })));
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!confirm(t("terms.sure", { n: zh.version + 1 }))) return;
    const [textZh, textEn] = fields.map(({ input }) => input.value.trim());
    try {
      const { version } = await http.request("POST", "/v1/operator/terms", { body: { text_zh: textZh, text_en: textEn } });
      await showTerms(http, say);
      say(t("terms.done", { n: version }));
    } catch (error) {
      say(/** @type {any} */ (error).detail || String(error));
    }
  });
  byId("terms").replaceChildren(h("h2", null, t("terms.title")), h("p", { class: "lead" }, t("terms.lead", { n: zh.version })), form);
  byId("terms").hidden = false;
}

/** @param {string} key @param {string} text */
function area(key, text) {
  const input = h("textarea", { rows: 8, maxlength: 20_000, required: true });
  input.value = text;
  return { input, label: h("label", null, h("span", null, t(key)), input) };
}
