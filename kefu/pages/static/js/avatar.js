/** Avatars without pictures: a letter on a colour that stays with the name. */
import { h } from "./dom.js";
import { icon } from "./icons.js";

const TONES = 8;

/** The letter that people would use: 林小姐 gives 林, 老乔 gives 乔, Ada Lovelace gives A. @param {string} name */
export function initial(name) {
  const letters = [...name.trim()];
  const nickname = letters.length === 2 && ["老", "小", "阿"].includes(letters[0]);
  return (letters[nickname ? 1 : 0] ?? "?").toUpperCase();
}

/** The same colour for the same name, on every page and every machine. @param {string} name */
function toneOf(name) {
  let sum = 7;
  for (const letter of name) sum = (sum * 33 + /** @type {number} */ (letter.codePointAt(0))) % 9973;
  return sum % TONES;
}

/** @param {{name: string, group?: boolean, small?: boolean}} who */
export function avatar({ name, group = false, small = false }) {
  const size = small ? " avatar-small" : "";
  return h("span", { class: `avatar tone-${toneOf(name)}${size}`, "aria-hidden": "true" }, group ? icon("people") : initial(name));
}
