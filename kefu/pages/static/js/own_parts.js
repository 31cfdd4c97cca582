/** Small parts that the tabs of one's own panel share. */
import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { own } from "./own_texts.js";

/** @param {string} title @param {string | null} more @param {...(Node | null)} children */
export function section(title, more, ...children) {
  return h("section", { class: "own-section", "aria-label": title }, h("h3", null, title), more ? h("p", { class: "own-more" }, more) : null, ...children);
}

/** @param {string} text */
export function nothing(text) {
  return h("p", { class: "own-none" }, text);
}

/**
 * Somebody in a list, with what can be done to him.
 * @param {string} name @param {string} about @param {...(Node | null)} buttons
 */
export function personRow(name, about, ...buttons) {
  return h("li", { class: "own-row" }, avatar({ name, small: true }),
    h("span", { class: "person-text" }, h("span", { class: "title" }, name), about ? h("span", { class: "about" }, about) : null), ...buttons);
}

/**
 * A button whose `key` keeps the focus where it was when the tab is drawn anew.
 * @param {string} key @param {string} text @param {() => void} press @param {{label?: string, tone?: string}} [more]
 */
export function pill(key, text, press, { label, tone = "" } = {}) {
  return h("button", { type: "button", class: `own-pill ${tone}`.trim(), "data-key": key, "aria-label": label, on: { click: press } }, text);
}

/**
 * Choose one of some people and do something with him.
 * @param {{id: string, name: string}[]} people @param {string} label @param {(id: string) => void} chosen
 */
export function picker(people, label, chosen) {
  const select = h("select", { class: "own-select", "aria-label": label }, h("option", { value: "" }, own("choose")), ...people.map(({ id, name }) => h("option", { value: id }, name)));
  select.addEventListener("change", () => select.value !== "" && chosen(select.value));
  return people.length === 0 ? null : select;
}

/** @param {string} key @param {string} text @param {boolean} checked @param {(on: boolean) => void} changed */
export function check(key, text, checked, changed) {
  const input = h("input", { type: "checkbox", checked, "data-key": key });
  input.addEventListener("change", () => changed(input.checked));
  return h("label", { class: "own-check" }, input, h("span", null, text));
}
