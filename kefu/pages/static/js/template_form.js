/** 拍同款: what a video shows, step by step, so that the other side can film the same. */
import { h } from "./dom.js";

const MOST_SHOTS = 12;
const LONGEST = 100;
/** "开盖闻香 3 秒": what to film, and how long. */
const LINE = /^(.*?)[\s，,·]*(\d+(?:\.\d+)?)\s*(?:秒|s)?$/;

/**
 * @param {ReturnType<typeof import("./kind_texts.js").kindTexts>} t
 * @param {number} seconds of the video
 * @returns {{element: HTMLElement, read: () => Record<string, any> | null}} null: it goes as a plain video
 */
export function templateForm(t, seconds) {
  const title = h("input", { type: "text", name: "template-title", maxlength: LONGEST, placeholder: t("template.title"), "aria-label": t("template.title") });
  const shots = h("textarea", { rows: 3, maxlength: 1300, placeholder: t("template.shots.hint"), "aria-label": t("template.shots") });
  const element = h("details", { class: "look-template" }, h("summary", null, t("template.make")), title, shots);
  element.addEventListener("toggle", () => {
    title.required = shots.required = element.open;
  });
  title.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    shots.focus();
  });
  const read = () => (element.open ? { title: title.value.trim(), shots: readShots(shots.value, seconds) } : null);
  return { element, read };
}

/**
 * One shot a line; those without a length share what the others leave.
 * @param {string} text @param {number} seconds
 */
export function readShots(text, seconds) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean).slice(0, MOST_SHOTS);
  const parts = lines.map((line) => {
    const [, say = line, long = ""] = line.match(LINE) ?? [];
    return say.trim() === "" ? { say: line, ms: null } : { say, ms: long === "" ? null : Math.round(Number(long) * 1000) };
  });
  const open = parts.filter(({ ms }) => ms === null).length;
  const left = seconds * 1000 - parts.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
  const share = Math.max(1000, Math.floor(left / Math.max(open, 1)));
  return parts.map(({ say, ms }) => ({ say: say.trim().slice(0, LONGEST), ms: ms ?? share }));
}
