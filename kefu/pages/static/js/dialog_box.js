/** A dialog that is made when it is asked for, and gone when it is closed. */
import { at } from "./act_texts.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/**
 * @param {string} id @param {string} title @param {...(Node | null)} inside
 * @returns {HTMLDialogElement}
 */
export function dialogBox(id, title, ...inside) {
  const box = h("dialog", { class: "dialog", id, "aria-label": title },
    h("header", { class: "dialog-head" }, h("h2", null, title),
      h("button", { type: "button", class: "icon-button quiet", "aria-label": at("close"), on: { click: () => box.close() } }, icon("close"))),
    h("div", { class: "dialog-body act-panel" }, ...inside));
  box.addEventListener("click", (/** @type {Event} */ event) => event.target === box && box.close());
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}
