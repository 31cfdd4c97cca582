/** One case of the risk desk: the message with what was found, the talk around it, the person, the verdicts. */
import { oneLine } from "./describe.js";
import { h } from "./dom.js";
import { lang, t } from "./texts.js";

const VERDICTS = { held: ["release", "confirm", "ban"], report: ["confirm", "dismiss", "made_up", "ban"], appeal: ["grant", "reject"] };
const HARD = ["confirm", "ban", "reject"];

/**
 * @param {any} found as `GET /v1/review/cases/{id}` gives it
 * @param {(verdict: string, note: string) => void} decide
 */
export function caseSheet(found, decide) {
  const { account, standing, message, data, context, names } = found;
  return h("article", { class: "sheet" },
    h("h2", null, `${t(`review.kind.${found.kind}`)} · ${t(`review.rule.${found.rule}`)}`),
    h("div", { class: "facts" },
      h("span", null, t("review.person", { name: account.name })),
      h("span", null, t("review.score", { score: standing.score })),
      h("span", null, t("review.reporters", { n: found.reporters })),
      standing.frozen_until && h("span", null, t("review.frozen", { at: when(standing.frozen_until) })),
      standing.banned && h("span", null, t("review.banned"))),
    message && part("review.message", h("p", { class: "quote" }, ...marked(words(message), message.found)),
      message.score !== null && h("small", { class: "soft" }, t("review.abuse", { score: Math.round(message.score * 100) }))),
    !!data.text && part(found.opened_by ? "review.said_by" : "review.text", h("p", { class: "quote" }, found.opened_by ? `${found.opened_by.name}：${data.text}` : data.text)),
    !!found.sanction && part("review.sanction", h("p", null, `${t(`review.rule.${found.sanction.rule}`)} · ${when(found.sanction.at)}`)),
    context.length > 0 && part("review.context", h("div", { class: "talk", tabindex: "0" }, ...context.map((/** @type {any} */ said) =>
      h("div", { class: said.sender_id === account.id ? "line suspect" : "line" }, h("b", null, names[said.sender_id] ?? "?"), words(said))))),
    standing.credit.length > 0 && part("review.credit", h("ul", null, ...standing.credit.slice(0, 8).map((/** @type {any} */ entry) =>
      h("li", { class: "soft" }, `${entry.delta > 0 ? "+" : ""}${entry.delta} → ${entry.score} · ${t(`review.reason.${entry.reason}`)} · ${when(entry.at)}`)))),
    found.history.length > 1 && part("review.history", h("ul", null, ...found.history.filter((/** @type {any} */ one) => one.id !== found.id).slice(0, 8).map((/** @type {any} */ one) =>
      h("li", { class: "soft" }, `${when(one.opened_at)} · ${t(`review.kind.${one.kind}`)} · ${one.verdict ? t(`review.verdict.${one.verdict}`) : t("review.waits")}`)))),
    found.state === "open" ? verdicts(found.kind, decide) : h("p", { class: "soft" }, found.verdict ? `${t(`review.verdict.${found.verdict}`)} ${found.note}` : t("review.withdrawn")));
}

/** @param {"held" | "report" | "appeal"} kind @param {(verdict: string, note: string) => void} decide */
function verdicts(kind, decide) {
  const note = h("textarea", { maxlength: "500", "aria-label": t("review.note"), placeholder: t("review.note") });
  return h("div", { class: "sheet-acts" }, note, h("div", { class: "acts" }, ...VERDICTS[kind].map((verdict) =>
    h("button", { type: "button", class: HARD.includes(verdict) ? "button danger" : "button", on: { click: () => decide(verdict, note.value.trim()) } }, t(`review.do.${verdict}`)))));
}

/** @param {string} title @param {...any} children */
function part(title, ...children) {
  return h("section", null, h("h3", null, t(title)), ...children);
}

/** What a message says, or of what kind it is. @param {{kind: string, body: any}} said @returns {string} */
function words({ kind, body }) {
  return body ? body.text ?? oneLine(kind, body) : t("review.no_words");
}

/** A text with what was found in it marked; disguised words are not in it letter for letter and stand behind it. @param {string} text @param {string[]} found */
function marked(text, found) {
  /** @type {any[]} */
  let parts = [text];
  const hidden = found.filter((word) => !text.includes(word));
  for (const word of new Set(found)) {
    parts = parts.flatMap((piece) => typeof piece !== "string" ? [piece]
      : piece.split(word).flatMap((rest, place) => place === 0 ? [rest] : [h("mark", null, word), rest]));
  }
  return hidden.length ? [...parts, h("br", null), h("small", null, t("review.disguised", { words: [...new Set(hidden)].join("、") }))] : parts;
}

/** @param {string} at */
const when = (at) => new Date(at).toLocaleString(lang === "zh" ? "zh-CN" : "en");
