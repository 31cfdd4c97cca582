/** Reporting somebody for a message: why, in one's own words if one likes; a reviewer sees it with what was said around it. */
import { at } from "./act_texts.js";
import { h } from "./dom.js";
import { toast, toastError } from "./notices.js";

const REASONS = ["harassment", "fraud", "illegal", "sexual", "spam", "other"];

/**
 * @param {import("/client/kefu.js").KefuHttp} http
 * @param {{conversationId: string, accountId: string, name: string, messageId: string}} about
 */
export function openReport(http, { conversationId, accountId, name, messageId }) {
  const reasons = REASONS.map((reason, place) => h("label", { class: "act-check" }, h("input", { type: "radio", name: "reason", value: reason, required: true, checked: place === 0 }), at(`report.${reason}`)));
  const words = h("textarea", { name: "text", rows: 3, maxlength: 500, placeholder: at("report.words"), "aria-label": at("report.words") });
  const form = h("form", { class: "act-panel" }, ...reasons, words, h("p", { class: "act-small" }, at("report.more")), h("button", { type: "submit", class: "act-wide" }, at("report.send")));
  const dialog = h("dialog", { class: "dialog sheet", "aria-label": at("report.who", { name }) },
    h("header", { class: "dialog-head" }, h("h2", null, at("report.who", { name })), h("button", { type: "button", class: "button plain", on: { click: () => dialog.close() } }, at("cancel"))),
    h("div", { class: "dialog-body" }, form));
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await http.report({ conversation_id: conversationId, account_id: accountId, reason: form.elements.reason.value, text: words.value.trim(), message_ids: [messageId] });
      dialog.close();
      toast(at("report.done"), "info");
    } catch (error) {
      toastError(error);
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
