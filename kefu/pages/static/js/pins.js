/** What is pinned in a group: a line above the conversation, and all of it in a dialog. */
import { at } from "./act_texts.js";
import { oneLine } from "./describe.js";
import { dialogBox } from "./dialog_box.js";
import { byId, h } from "./dom.js";
import { toastError } from "./notices.js";

/** @typedef {import("/client/conversation_state.js").ConversationState} State */

const GONE = ["recalled", "deleted"];

export class PinnedLine {
  /** @param {import("/client/kefu.js").KefuClient} client @param {import("./names.js").Names} names */
  constructor(client, names) {
    this._client = client;
    this._names = names;
    /** What was pinned before the messages that are loaded; null while it is asked for. @type {Map<string, any>} */
    this._fetched = new Map();
    /** @type {State | null} */
    this._state = null;
    this._line = h("button", { type: "button", class: "act-notice act-line", id: "group-pins", hidden: true, on: { click: () => this._open() } });
    byId("group-notice").after(this._line);
  }

  /** @param {State} state */
  draw(state) {
    this._state = state;
    const pins = state.group?.pins ?? [];
    this._line.hidden = pins.length === 0;
    if (pins.length > 0) this._line.textContent = at(pins.length > 1 ? "pins.last" : "pins.one", { n: pins.length, text: this._words(state, pins[pins.length - 1]) });
  }

  /** @param {State} state @param {number} seq @returns {string} who said what */
  _words(state, seq) {
    const key = `${state.id}:${seq}`;
    const message = state.timeline.find((event) => event.message?.seq === seq)?.message ?? this._fetched.get(key);
    if (message?.kind === "before") return at("pins.before");
    if (message) return GONE.includes(message.kind) ? at("gone") : `${this._names.within(state.id)(message.sender_id)}: ${oneLine(message.kind, message.body)}`;
    if (!this._fetched.has(key)) {
      this._fetched.set(key, null);
      this._client.http.message(state.id, seq).then((found) => this._fetched.set(key, found.message), () => this._fetched.set(key, { kind: seq < state.joinedSeq ? "before" : "deleted" }))
        .finally(() => this._state?.id === state.id && this.draw(this._state));
    }
    return "…";
  }

  _open() {
    const state = this._state;
    if (state === null) return;
    const leads = ["owner", "admin"].includes(state.role);
    const unpin = (/** @type {number} */ seq) => {
      this._client.http.pinMessage(state.id, seq, false).catch(toastError);
      box.close();
    };
    const rows = [...(state.group?.pins ?? [])].reverse().map((seq) => h("div", { class: "act-member" }, h("span", { class: "act-whole" }, this._words(state, seq)),
      leads ? h("span", { class: "act-buttons" }, h("button", { type: "button", on: { click: () => unpin(seq) } }, at("unpin"))) : null));
    const box = dialogBox("pins", at("pins"), ...rows);
  }
}
