/** Enterprises that ask to be verified: their documents, and the two answers. */
import { h } from "./dom.js";
import { t } from "./texts.js";

/**
 * @param {any[]} requests as `GET /v1/operator/verification-requests` gives them
 * @param {(id: string, approve: boolean, reason: string) => void} decide
 */
export function markSheets(requests, decide) {
  if (requests.length === 0) return h("p", { class: "empty" }, t("review.none"));
  return h("div", { class: "packs" }, ...requests.map((one) => markSheet(one, decide)));
}

/** @param {any} request @param {Parameters<typeof markSheets>[1]} decide */
function markSheet({ id, enterprise, documents, note }, decide) {
  const reason = h("input", { type: "text", maxlength: 500, placeholder: t("review.packs.reason"), "aria-label": t("review.packs.reason") });
  return h("section", { class: "sheet", "data-request": id }, h("h2", null, enterprise),
    h("ul", null, ...documents.map((/** @type {string} */ name) => h("li", null, name))), note ? h("p", { class: "soft" }, note) : null,
    reason,
    h("div", { class: "acts" },
      h("button", { type: "button", class: "button", on: { click: () => decide(id, true, "") } }, t("review.packs.approve")),
      h("button", { type: "button", class: "button plain", on: { click: () => decide(id, false, reason.value.trim()) } }, t("review.packs.refuse"))));
}
