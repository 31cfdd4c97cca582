/** The door of a group: who comes by a link says a word to its admins, and they hear that somebody waits. */
import { at } from "./act_texts.js";
import { dialogBox } from "./dialog_box.js";
import { byId, h } from "./dom.js";

/** @typedef {import("/client/conversation_state.js").ConversationState} State */

/**
 * Ask whether one wants to come in.
 * @param {{title: string, member_count: number, join_approval: boolean}} group
 * @returns {Promise<string | null>} the words for its admins, empty where nobody needs to decide; null: no
 */
export function askToJoin({ title, member_count: n, join_approval: decided }) {
  return new Promise((resolve) => {
    const words = h("input", { type: "text", name: "words", maxlength: 100, autocomplete: "off", placeholder: at("join.words.hint") });
    let answer = /** @type {string | null} */ (null);
    const form = h("form", null, h("p", null, at("join", { title, n })),
      decided ? h("label", { class: "labelled" }, h("span", null, at("join.words")), words) : null,
      h("footer", { class: "act-foot" }, h("button", { type: "button", class: "button plain", on: { click: () => box.close() } }, at("cancel")),
        h("button", { type: "submit", class: "button" }, at(decided ? "join.ask" : "join.go"))));
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      answer = words.value.trim();
      box.close();
    });
    const box = dialogBox("join", at("join.title"), form);
    box.addEventListener("close", () => resolve(answer));
  });
}

/** A line above the open conversation: so many wait to be let in. */
export class WaitingLine {
  /** @param {import("/client/kefu.js").KefuClient} client @param {() => void} onOpen */
  constructor(client, onOpen) {
    this._client = client;
    this._asked = "";
    /** The question that is under way: what is told meanwhile is newer than its answer. @type {object | null} */
    this._looking = null;
    this._line = h("button", { type: "button", class: "act-notice act-line act-waiting", id: "group-waiting", hidden: true, on: { click: onOpen } });
    byId("group-notice").after(this._line);
    client.on("waiting", ({ conversationId, count }) => {
      if (conversationId !== this._asked) return;
      this._looking = null;
      this._show(count);
    });
  }

  /** @param {State} state */
  draw(state) {
    if (state.id === this._asked) return;
    this._asked = state.id;
    this._looking = null;
    this._line.hidden = true;
    if (state.group?.join_approval && ["owner", "admin"].includes(state.role)) void this._look(state.id);
  }

  /** The panel may have changed it. @param {State | null} state */
  again(state) {
    this._asked = "";
    if (state !== null) this.draw(state);
  }

  /** @param {string} id */
  async _look(id) {
    const looking = (this._looking = {});
    // Who cannot be asked now is asked when the conversation is opened again.
    const { items } = await this._client.http.joinRequests(id).catch(() => ({ items: [] }));
    if (looking === this._looking) this._show(items.length);
  }

  /** @param {number} n how many wait */
  _show(n) {
    this._line.hidden = n === 0;
    this._line.textContent = at("waiting.line", { n });
  }
}
