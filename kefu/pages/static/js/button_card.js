/** A card with buttons: they count down to their end, and a press asks the server whether it may still be made. */
import { safeUrl } from "./cards.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { kindTexts } from "./kind_texts.js";

/**
 * @param {Record<string, any>} body of a `card`
 * @param {{conversationId: string, seq: number} | null} place null until the server has it
 * @param {import("./kinds.js").Surroundings} around
 */
export function cardWithButtons(body, place, around) {
  const image = safeUrl(body.image_url, around.base);
  const element = h("div", { class: "card button-card" });
  if (image !== null) {
    const shown = h("img", { class: "card-banner", alt: "", loading: "lazy", on: { error: () => shown.remove() } });
    shown.src = image;
    element.append(shown);
  }
  element.append(h("div", { class: "card-body" }, h("span", { class: "card-title" }, String(body.title ?? "")), body.text ? h("span", { class: "card-words" }, String(body.text)) : null));
  for (const button of Array.isArray(body.buttons) ? body.buttons : []) element.append(cardButton(button, place, around));
  return element;
}

/** @param {Record<string, any>} button @param {{conversationId: string, seq: number} | null} place @param {import("./kinds.js").Surroundings} around */
function cardButton(button, place, around) {
  const t = kindTexts(around.lang);
  const left = h("small", { class: "card-left" });
  const element = h("button", { type: "button", class: "card-press", disabled: place === null, "data-button": button.key }, h("span", null, String(button.label ?? "")), left);
  const ends = button.expires_at ? Date.parse(button.expires_at) : Infinity;
  const die = () => {
    element.disabled = true;
    left.textContent = t("button.over");
  };
  const tick = () => {
    const rest = ends - Date.now();
    if (rest <= 0) return die();
    left.textContent = t("button.left", { time: countdown(rest) });
    // An element that is gone counts no more.
    setTimeout(() => element.isConnected && tick(), rest > 3_600_000 ? 30_000 : 1000);
    return undefined;
  };
  if (Number.isFinite(ends)) setTimeout(tick, 0);
  element.addEventListener("click", async () => {
    if (place === null) return;
    // Opened before the answer, for a window that is opened later is blocked; it is led on once the server agrees.
    const page = button.act === "open" ? window.open("", "_blank") : null;
    try {
      const { act, url, say } = await around.media.pressButton(place.conversationId, place.seq, button.key);
      if (act === "say") around.say?.(say);
      else if (act === "form") element.after(leadForm(button, place, around, element));
      else openPage(page, safeUrl(url, around.base));
    } catch (error) {
      page?.close();
      if (/** @type {any} */ (error)?.code === "button_expired") die();
      else around.fail(error);
    }
  });
  return element;
}

/** @param {Window | null} page @param {string | null} address */
function openPage(page, address) {
  if (page === null || address === null) return void page?.close();
  page.opener = null;
  page.location.replace(address);
  return undefined;
}

/** @param {number} ms */
function countdown(ms) {
  const seconds = Math.ceil(ms / 1000);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [days, clock] = [Math.floor(seconds / 86_400), `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`];
  return days > 0 ? `${days}d ${clock}` : clock;
}

/** @param {Record<string, any>} button @param {{conversationId: string, seq: number}} place @param {import("./kinds.js").Surroundings} around @param {HTMLButtonElement} opener */
function leadForm(button, place, around, opener) {
  const t = kindTexts(around.lang);
  opener.disabled = true;
  const fields = button.form.fields.map((/** @type {any} */ field) => ({ field, input: fieldInput(field, t) }));
  const consent = h("input", { type: "checkbox", required: true });
  const wrong = h("p", { class: "form-wrong", role: "alert", hidden: true });
  const go = h("button", { type: "submit", class: "card-press" }, t("form.send"));
  const form = h("form", { class: "lead-form" },
    ...fields.map(({ field, input }) => h("label", null, h("span", null, field.label, field.required === false ? null : h("small", null, ` ${t("form.must")}`)), input)),
    h("label", { class: "consent" }, consent, h("span", null, String(button.form.consent))),
    wrong, go);
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    go.disabled = true; // a second press would leave them twice
    const answers = Object.fromEntries(fields.map(({ field, input }) => [field.key, input.value.trim()]).filter(([, value]) => value !== ""));
    try {
      await around.media.leaveDetails(place.conversationId, place.seq, { button: button.key, answers, consent: consent.checked });
      form.replaceWith(h("p", { class: "form-done" }, icon("check"), t("form.done")));
    } catch (error) {
      go.disabled = false;
      wrong.hidden = false;
      wrong.textContent = String(/** @type {any} */ (error)?.detail || error);
    }
  });
  return form;
}

/** @param {any} field @param {ReturnType<typeof kindTexts>} t */
function fieldInput(field, t) {
  const required = field.required !== false;
  if (field.kind === "choice") {
    return h("select", { required }, h("option", { value: "" }, t("form.choose")), ...field.options.map((/** @type {string} */ option) => h("option", { value: option }, option)));
  }
  const type = { phone: "tel", email: "email" }[/** @type {string} */ (field.kind)] ?? "text";
  return h("input", { type, required, maxlength: 200, autocomplete: { tel: "tel", email: "email" }[type] ?? "on" });
}
