/** The first page: what this is, and the door for each person of the demo. */
import { KefuError } from "/client/kefu.js";
import { avatar } from "./avatar.js";
import { byId, h } from "./dom.js";
import { goods } from "./goods.js";
import { icon } from "./icons.js";
import { productCard } from "./message_view.js";
import { chatAddress, demoPeople } from "./session.js";
import { fillTexts, switchLang, t } from "./texts.js";

/** The first two are the conversation that the page suggests; the others are company for a group. */
const MAIN = 2;

/** @param {import("./session.js").Person} person */
function door({ id, name, about }) {
  // noopener: the new window starts with an empty sessionStorage and signs in by itself.
  return h("a", { class: "door", href: chatAddress(id), target: "_blank", rel: "noopener", "data-person": name },
    avatar({ name }),
    h("span", { class: "door-text" }, h("span", { class: "door-name" }, name), h("span", { class: "door-about" }, about)),
    h("span", { class: "door-enter" }, t("landing.enter", { name }), icon("open"), h("span", { class: "sr-only" }, t("landing.opens"))));
}

/** @param {import("./session.js").Person} person */
function sideDoor({ id, name, about }) {
  return h("a", { class: "side-door", href: chatAddress(id), target: "_blank", rel: "noopener", title: about, "data-person": name },
    avatar({ name, small: true }), name);
}

async function draw() {
  byId("unavailable").hidden = true;
  try {
    const people = await demoPeople();
    byId("doors").replaceChildren(...people.slice(0, MAIN).map(door));
    byId("side-doors").replaceChildren(...people.slice(MAIN).map(sideDoor));
    byId("also").hidden = people.length <= MAIN;
    for (const id of ["place-shop", "chat-title"]) byId(id).hidden = false;
  } catch (error) {
    if (!(error instanceof KefuError)) throw error;
    byId("unavailable").hidden = false;
  }
}

for (const element of document.querySelectorAll("[data-icon]")) element.prepend(icon(/** @type {any} */ (element.getAttribute("data-icon"))));
fillTexts();
// A picture of a card, not a link: nothing in the drawing can be pressed.
byId("sketch-card").append(productCard({ ...goods[0], note: "", url: null }));
byId("lang").addEventListener("click", switchLang);
byId("again").addEventListener("click", draw);
await draw();
