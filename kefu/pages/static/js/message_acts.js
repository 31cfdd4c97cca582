/** What is done to a message: its menu, its quotation and reactions, and what stands where it was. */
import { randomId } from "/client/kefu.js";
import "./act_styles.js";
import { at } from "./act_texts.js";
import { oneLine, titleOf } from "./describe.js";
import { byId, h } from "./dom.js";
import { toast, toastError } from "./notices.js";
import { openReaders } from "./readers.js";
import { openReport } from "./report.js";

const EMOJI = ["👍", "❤️", "😂", "😮", "🙏"];
const FIXED = ["recalled", "deleted", "red_packet", "system_notice"];

/** @typedef {import("./thread_items.js").MessageItem & {message?: import("/client/frames.js").Message}} Item */

export class MessageActs {
  /**
   * @param {object} options
   * @param {import("/client/kefu.js").KefuClient} options.client
   * @param {import("./names.js").Names} options.names
   * @param {() => string} options.conversationId
   */
  constructor({ client, names, conversationId }) {
    this._client = client;
    this._names = names;
    this._id = conversationId;
    /** The message that is answered or edited. @type {{how: "reply" | "edit", message: any} | null} */
    this._about = null;
    /** An edit has ended: the draft comes back. */
    this.onEdited = () => {};
    /** A message that is quoted has come. */
    this.onFetched = () => {};
    this._menu = h("div", { class: "act-menu", popover: "auto", role: "menu" });
    this._bar = h("div", { class: "act-bar", hidden: true });
    document.body.append(this._menu);
    byId("composer").before(this._bar);
    /** Messages that are quoted and not in the timeline. @type {Map<string, any>} */
    this._fetched = new Map();
    /** The `seq` of those that are chosen to be forwarded. @type {Set<number>} */
    this._picked = new Set();
  }

  /** @param {string | null | undefined} accountId */
  _nameOf(accountId) {
    return this._names.within(this._id())(accountId);
  }

  /** What of a message's acts would make its element look different. @param {any} item */
  mark({ message }) {
    if (!message) return "";
    const { kind, body, reactions, edited_at: editedAt, reply_to: replyTo } = message;
    const about = replyTo ? this._quoted(replyTo) : null;
    const quoted = about ? `${this._nameOf(about.sender_id)}: ${oneLine(about.kind, about.body)}` : "";
    return JSON.stringify([kind, kind === "text" ? body : "", reactions, editedAt, quoted]);
  }

  /** Add what belongs to a message's acts. @param {HTMLElement} element @param {any} item */
  dress(element, item) {
    const { message } = item;
    if (!message) return element;
    const [row, column] = [element.querySelector(".row"), element.querySelector(".column")];
    if (row === null || column === null) return element;
    const instead = this._instead(message);
    if (instead) row.lastElementChild?.replaceWith(instead);
    if (message.reply_to) row.before(this._quotation(message.reply_to));
    const said = [message.forwarded && at("forwarded"), message.edited_at && at("edited")].filter(Boolean).join(" · ");
    if (said) element.querySelector(".meta")?.prepend(h("span", { class: "act-small" }, said));
    if (message.reactions) row.after(this._reactions(message));
    if (!FIXED.includes(message.kind)) row.prepend(this._pick(message.seq));
    if (message.kind !== "deleted") row[item.own ? "prepend" : "append"](this._opener(message));
    return element;
  }

  /** Chosen stays chosen when its message is made anew. @param {number} seq */
  _pick(seq) {
    const box = h("input", { type: "checkbox", class: "act-pick", value: String(seq), checked: this._picked.has(seq), "aria-label": at("choose.this") });
    box.addEventListener("change", () => (box.checked ? this._picked.add(seq) : this._picked.delete(seq)));
    return box;
  }

  /** @param {any} message */
  _instead({ kind, body }) {
    if (kind === "recalled") return h("div", { class: "act-gone" }, at("recalled", { name: this._nameOf(body.by) }));
    if (kind === "deleted") return h("div", { class: "act-gone" }, at("deleted"));
    if (kind !== "merged") return null;
    return h("details", { class: "act-merged" }, h("summary", null, at("merged", { title: body.title, n: body.items.length })),
      ...body.items.map((/** @type {any} */ each) => h("p", null, h("b", null, `${each.sender_name}: `), oneLine(each.kind, each.body))));
  }

  /** @param {{seq: number}} replyTo */
  _quoted({ seq }) {
    const held = this._client.conversation(this._id())?.timeline.find((event) => event.message?.seq === seq);
    return held?.message ?? this._fetched.get(`${this._id()}:${seq}`) ?? null;
  }

  /** @param {any} replyTo */
  _quotation(replyTo) {
    const quoted = this._quoted(replyTo);
    const key = `${this._id()}:${replyTo.seq}`;
    if (quoted === null && !this._fetched.has(key)) {
      this._fetched.set(key, { kind: "gone", body: {} });
      this._client.http.message(this._id(), replyTo.seq).then(({ message }) => {
        this._fetched.set(key, message);
        this.onFetched();
      }, () => undefined);
    }
    const lost = quoted === null || ["recalled", "deleted", "gone"].includes(quoted.kind);
    return h("span", { class: "act-quote" }, `${this._nameOf(replyTo.sender_id)}: ${lost ? at("gone") : oneLine(quoted.kind, quoted.body)}`);
  }

  /** @param {any} message */
  _reactions({ seq, reactions }) {
    const self = this._client.account?.id ?? "";
    return h("div", { class: "act-reactions" }, ...Object.entries(reactions).map(([emoji, who]) => h("button", {
      type: "button", "aria-pressed": String(who.includes(self)), title: who.map((/** @type {string} */ id) => this._nameOf(id)).join("、"),
      on: { click: () => this._do(this._client.http.react(this._id(), seq, emoji, !who.includes(self))) },
    }, `${emoji} ${who.length}`)));
  }

  /** @param {any} message */
  _opener(message) {
    const open = h("button", { type: "button", class: "act-open", "aria-label": at("menu"), "aria-haspopup": "menu" }, "⋯");
    open.addEventListener("click", () => this._open(open, message));
    return open;
  }

  /** @param {HTMLElement} opener @param {any} message */
  _open(opener, message) {
    const { http } = this._client;
    const [id, seq] = [this._id(), message.seq];
    const state = this._client.conversation(id);
    const own = message.sender_id === this._client.account?.id;
    const leads = state?.kind === "group" && ["owner", "admin"].includes(state.role);
    const stands = message.kind !== "recalled";
    const pinned = state?.group?.pins.includes(seq) ?? false;
    const entry = (/** @type {string} */ key, /** @type {() => unknown} */ act) => h("button", {
      type: "button", role: "menuitem", on: { click: () => { this._menu.hidePopover(); act(); } },
    }, at(key));
    this._menu.replaceChildren(...[
      stands && h("div", { class: "act-emoji" }, ...EMOJI.map((emoji) => h("button", {
        type: "button", "aria-label": emoji, on: { click: () => { this._menu.hidePopover(); this._do(http.react(id, seq, emoji, true)); } },
      }, emoji))),
      stands && entry("reply", () => this._begin("reply", message)),
      !FIXED.includes(message.kind) && entry("forward", () => this._forward([message])),
      !FIXED.includes(message.kind) && entry("choose", () => this._choose(message.seq)),
      own && message.kind === "text" && entry("edit", () => this._begin("edit", message)),
      stands && (own || leads || state?.kind === "service") && entry("recall", () => this._do(http.recall(id, seq))),
      leads && stands && entry(pinned ? "unpin" : "pin", () => this._do(http.pinMessage(id, seq, !pinned))),
      state?.kind === "group" && entry("readers", () => void openReaders(this._client, id, message)),
      message.edited_at && entry("history", () => void this._history(id, seq)),
      !own && message.origin === "person" && message.sender_id && entry("report", () => openReport(http, {
        conversationId: id, accountId: message.sender_id, name: this._nameOf(message.sender_id), messageId: message.id,
      })),
      entry("delete", () => this._do(http.deleteForMe(id, seq))),
    ].filter(Boolean));
    this._menu.showPopover();
    const [place, size] = [opener.getBoundingClientRect(), this._menu.getBoundingClientRect()];
    this._menu.style.left = `${Math.max(8, Math.min(place.left, innerWidth - size.width - 8))}px`;
    this._menu.style.top = `${Math.max(8, Math.min(place.bottom + 4, innerHeight - size.height - 8))}px`;
    this._menu.querySelector("button")?.focus();
  }

  /** @param {string} id @param {number} seq */
  async _history(id, seq) {
    try {
      const { items } = await this._client.http.versions(id, seq);
      toast(`${at("history")}: ${items.map(({ body }) => body.text).join(" → ")}`, "info");
    } catch (error) {
      toastError(error);
    }
  }

  /** Choose several messages to forward, in the thread itself. @param {number} first */
  _choose(first) {
    this.end();
    const held = this._client.conversation(this._id())?.timeline.flatMap(({ message }) => (message && !FIXED.includes(message.kind) ? [message] : [])) ?? [];
    const forward = () => {
      const chosen = held.filter(({ seq }) => this._picked.has(seq));
      this.end();
      if (chosen.length > 0) this._forward(chosen);
    };
    this._picked = new Set([first]);
    document.body.classList.add("is-choosing");
    for (const box of document.querySelectorAll("#log .act-pick")) box.checked = Number(box.value) === first;
    this._bar.replaceChildren(h("span", null, at("choosing")), h("button", { type: "button", on: { click: forward } }, at("forward")), h("button", { type: "button", on: { click: () => this.end() } }, at("cancel")));
    this._bar.hidden = false;
  }

  /** @param {any[]} messages in order */
  _forward(messages) {
    const from = this._id();
    const merge = h("input", { type: "checkbox", checked: messages.length > 1 });
    const names = [...new Set(messages.map((each) => this._nameOf(each.sender_id)))].slice(0, 2).join("、");
    const targets = this._client.conversations().filter(({ isMember }) => isMember);
    const send = (/** @type {string} */ to) => {
      dialog.close();
      this._do(this._client.http.forward(to, {
        client_msg_id: randomId(), from_conversation_id: from, seqs: messages.map(({ seq }) => seq), merged: merge.checked,
        title: at("merged.title", { name: names }),
      }));
    };
    const dialog = h("dialog", { class: "dialog sheet", "aria-label": at("to") },
      h("header", { class: "dialog-head" }, h("h2", null, at("to")),
        h("button", { type: "button", class: "button plain", on: { click: () => dialog.close() } }, at("cancel"))),
      h("div", { class: "dialog-body act-panel" }, h("label", { class: "act-check" }, merge, at("merge")),
        ...targets.map((state) => h("button", { type: "button", class: "act-wide", "data-to": state.id, on: { click: () => send(state.id) } }, titleOf(state)))));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  /** @param {"reply" | "edit"} how @param {any} message */
  _begin(how, message) {
    this.end();
    this._about = { how, message };
    const name = this._nameOf(message.sender_id);
    const text = oneLine(message.kind, message.body);
    this._bar.replaceChildren(h("span", null, at(how === "reply" ? "replying" : "editing", { name, text })),
      h("button", { type: "button", on: { click: () => this.end() } }, at("cancel")));
    this._bar.hidden = false;
    if (how === "edit") byId("text").value = message.body.text;
    byId("text").dispatchEvent(new Event("input"));
    byId("text").focus();
  }

  /** Nothing is answered, edited or chosen any more. */
  end() {
    const { isEditing } = this;
    this._about = null;
    this._picked.clear();
    document.body.classList.remove("is-choosing");
    this._bar.hidden = true;
    if (isEditing) this.onEdited();
  }

  get isEditing() {
    return this._about?.how === "edit";
  }

  /** Save what is being edited; it stands in the field until the server has taken it. @param {string} text */
  async saveEdit(text) {
    const about = this._about;
    try {
      await this._client.http.edit(this._id(), about?.message.seq, text);
      // What was written on meanwhile is not saved yet.
      if (about === this._about && byId("text").value.trim() === text) this.end();
    } catch (error) {
      toastError(error);
    }
  }

  /** Learn who is here when a text may call somebody and that is not known yet. @param {string} text */
  async knowWhoIsCalled(text) {
    const state = this._client.conversation(this._id());
    if (state?.kind !== "group" || !text.includes("@") || this._client.members(state.id).length > 0) return;
    if (this._client.status.phase !== "online") return;
    await this._client.loadMembers(state.id).catch(() => {});
  }

  /** Say in a draft whom it answers and calls. @param {any} draft */
  quote(draft) {
    const state = this._client.conversation(this._id());
    const quote = {};
    if (this._about?.how === "reply") quote.reply_to = this._about.message.seq;
    if (state?.kind === "group") {
      const text = String(draft.body.text);
      const called = this._client.members(state.id).filter((each) => [each.name, each.nickname].some((name) => name && text.includes(`@${name}`)));
      if (called.length > 0) quote.mentions = called.map(({ account_id: accountId }) => accountId).filter((id) => id !== state.selfId);
      if (text.includes(`@${at("all")}`) && ["owner", "admin"].includes(state.role)) quote.mention_all = true;
      if (quote.mentions?.length === 0) delete quote.mentions;
    }
    this.end();
    return Object.keys(quote).length > 0 ? { ...draft, quote } : draft;
  }

  /** @param {Promise<unknown>} command its event changes the page; only a refusal is told here */
  _do(command) {
    command.catch(toastError);
  }
}
