/** The rules with what they did in thirty days, and whom those in shadow mode would have met. */
import { h } from "./dom.js";
import { t } from "./texts.js";

/**
 * @param {any[]} rules as `GET /v1/review/rules` gives them
 * @param {{shadowOf: (rule: string) => Promise<any[]>, label: (id: string, right: boolean) => void}} acts
 */
export function ruleTable(rules, { shadowOf, label }) {
  const below = h("div", null);
  /** @param {string} rule */
  const open = async (rule) => below.replaceChildren(shadowList(rule, await shadowOf(rule), label));
  return h("div", { class: "sheet" }, h("p", { class: "soft" }, t("review.rules_lead")),
    h("div", { class: "wide" }, h("table", null,
      h("thead", null, h("tr", null, ...["rule", "mode", "met", "overturned", "rate", "shadow"].map((name) => h("th", null, t(`review.col.${name}`))))),
      h("tbody", null, ...rules.map(({ rule, mode, acted, shadow }) => h("tr", null,
        h("td", null, t(`review.rule.${rule}`)), h("td", null, t(`review.mode.${mode}`)),
        h("td", null, t("review.met", { n: acted.sanctioned, people: acted.people })),
        h("td", null, String(acted.overturned)), h("td", null, share(mode === "shadow" ? shadow : acted)),
        h("td", null, shadow.sanctioned === 0 ? "0" : h("button", { type: "button", class: "button plain", on: { click: () => open(rule) } }, String(shadow.sanctioned)))))))),
    below);
}

/** @param {{false_positive_rate: number | null}} counts */
const share = ({ false_positive_rate: rate }) => rate === null ? "–" : `${(rate * 100).toFixed(1)} %`;

/** @param {string} rule @param {any[]} items @param {(id: string, right: boolean) => void} label */
function shadowList(rule, items, label) {
  return h("section", null, h("h3", null, t("review.would_meet", { rule: t(`review.rule.${rule}`) })), h("ul", null, ...items.map((item) =>
    h("li", { class: "acts" }, h("span", null, `${item.account.name} · ${item.hits}`),
      item.right !== null && h("span", { class: "soft" }, t(item.right ? "review.right" : "review.wrong")),
      h("button", { type: "button", class: "button plain", on: { click: () => label(item.id, true) } }, t("review.right")),
      h("button", { type: "button", class: "button plain", on: { click: () => label(item.id, false) } }, t("review.wrong"))))));
}
