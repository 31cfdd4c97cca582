/** Dialogs: a new chat, the members of a conversation, and a question. */
import { avatar } from "./avatar.js";
import { byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { toastError } from "./notices.js";
import { t, hasText } from "./texts.js";

/** @typedef {{id: string, name: string, about?: string}} Choice */
/** @typedef {import("/client/conversation_state.js").ConversationState} State */

/** Close buttons and a click beside the dialog close it. @param {HTMLDialogElement} dialog */
function closable(dialog) {
  for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

/** Ask; resolves with the answer. @param {string} question @returns {Promise<boolean>} */
export function confirmed(question) {
  const dialog = byId("question");
  byId("question-text").textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

/**
 * Rows of people with a box each.
 * @param {Choice[]} people
 * @param {"radio" | "checkbox"} type
 */
function choiceRows(people, type) {
  return people.map(({ id, name, about }) => h("li", null, h("label", { class: "person" },
    h("input", { type, name: "person", value: id }),
    avatar({ name, small: true }),
    h("span", { class: "person-text" }, h("span", { class: "title" }, name), about ? h("span", { class: "about" }, about) : null),
    h("span", { class: "tick", "aria-hidden": "true" }, icon("check")))));
}

/** @param {Element} list @returns {string[]} */
const chosenIn = (list) => [...list.querySelectorAll("input:checked")].map((input) => /** @type {HTMLInputElement} */ (input).value);

export class NewChat {
  /**
   * @param {object} options
   * @param {() => Promise<Choice[]>} options.people who can be chosen
   * @param {(what: any) => Promise<void>} options.onCreate gets what `createConversation` takes
   */
  constructor({ people, onCreate }) {
    this._people = people;
    this._onCreate = onCreate;
    this._dialog = byId("new-chat");
    this._list = byId("new-people");
    this._form = byId("new-form");
    closable(this._dialog);
    for (const input of this._dialog.querySelectorAll("[name=kind]")) input.addEventListener("change", () => this._draw());
    this._list.addEventListener("change", () => this._drawCount());
    this._form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      void this._submit();
    });
    /** @type {Choice[]} */
    this._choices = [];
    this._opening = false;
    this._creating = false;
  }

  async open() {
    if (this._opening) return;
    this._opening = true;
    try {
      this._choices = await this._people();
    } catch (error) {
      toastError(error);
      return;
    } finally {
      this._opening = false;
    }
    if (this._dialog.open) return;
    byId("new-title").value = "";
    this._draw();
    this._dialog.showModal();
  }

  get _isGroup() {
    return this._form.elements.kind.value === "group";
  }

  _draw() {
    this._list.replaceChildren(...choiceRows(this._choices, this._isGroup ? "checkbox" : "radio"));
    byId("new-title-box").hidden = !this._isGroup;
    byId("new-nobody").hidden = this._choices.length > 0;
    this._drawCount();
  }

  _drawCount() {
    const chosen = chosenIn(this._list);
    byId("new-start").disabled = this._creating || chosen.length === 0;
    byId("new-start").textContent = t(this._isGroup ? "new.create" : "new.start");
    byId("new-count").textContent = this._isGroup ? t("new.chosen", { n: chosen.length }) : "";
  }

  async _submit() {
    if (this._creating) return;
    const chosen = chosenIn(this._list);
    const names = this._choices.filter(({ id }) => chosen.includes(id)).map(({ name }) => name);
    const title = byId("new-title").value.trim() || t("new.group.default", { names: names.join("、") });
    const what = this._isGroup ? { kind: "group", title, member_ids: chosen } : { kind: "direct", account_id: chosen[0] };
    this._creating = true;
    this._drawCount();
    try {
      await this._onCreate(what);
      this._dialog.close();
    } catch (error) {
      toastError(error);
    } finally {
      this._creating = false;
      this._drawCount();
    }
  }
}

export class Members {
  /**
   * @param {object} options
   * @param {import("/client/kefu.js").KefuClient} options.client
   * @param {() => Promise<Choice[]>} options.people
   */
  constructor({ client, people }) {
    this._client = client;
    this._people = people;
    this._dialog = byId("members");
    this._conversationId = "";
    /** @type {Choice[]} */
    this._choices = [];
    closable(this._dialog);
    byId("rename").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this._do(() => client.http.renameConversation(this._conversationId, byId("rename-title").value.trim()));
    });
    byId("leave").addEventListener("click", () => void this._leave());
    byId("invite").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      const chosen = chosenIn(byId("invite-list"));
      if (chosen.length > 0) this._do(() => client.http.addMembers(this._conversationId, chosen));
    });
    byId("invite-list").addEventListener("change", () => this._drawInvite());
  }

  /** @param {string} conversationId */
  async open(conversationId) {
    this._conversationId = conversationId;
    this._choices = [];
    byId("rename-title").value = this._client.conversation(conversationId)?.title ?? "";
    this.refresh();
    this._dialog.showModal();
    try {
      this._choices = await this._people();
      await this._client.loadMembers(conversationId);
    } catch (error) {
      toastError(error);
    }
    this.refresh({ all: true });
  }

  /** @param {{all?: boolean}} [options] `all`: also what the user may have ticked */
  refresh({ all = false } = {}) {
    const state = this._client.conversation(this._conversationId);
    if (state === null || (!this._dialog.open && !all)) return;
    const members = this._client.members(state.id);
    const leads = state.kind === "group" && state.isMember && ["owner", "admin"].includes(state.role);
    byId("members-count").textContent = t("presence.members", { n: state.memberCount });
    byId("members-list").replaceChildren(...members.map((member) => this._row(member, state, leads)));
    byId("rename").hidden = !leads;
    byId("leave").hidden = state.kind !== "group" || !state.isMember;
    const here = new Set(members.map(({ account_id: accountId }) => accountId));
    const guests = this._choices.filter(({ id }) => !here.has(id));
    byId("invite").hidden = !leads || guests.length === 0;
    const shown = [...byId("invite-list").querySelectorAll("input")].map((input) => input.value);
    if (all || shown.join() !== guests.map(({ id }) => id).join()) byId("invite-list").replaceChildren(...choiceRows(guests, "checkbox"));
    this._drawInvite();
  }

  _drawInvite() {
    byId("invite-send").disabled = chosenIn(byId("invite-list")).length === 0;
  }

  /** @param {any} member @param {State} state @param {boolean} leads */
  _row({ account_id: accountId, name, nickname, role, read_msg_no: readMsgNo }, state, leads) {
    const own = accountId === state.selfId;
    const shown = nickname ? `${nickname}（${name}）` : name;
    const read = own || Math.max(readMsgNo, state.cursors[accountId] ?? 0) >= state.lastMsgNo;
    const remove = leads && !own && role === "member"
      ? h("button", { type: "button", class: "icon-button quiet", "aria-label": t("members.remove", { name }), on: { click: () => void this._remove(accountId, name) } }, icon("minus"))
      : null;
    return h("li", { class: "member" }, avatar({ name, small: true }),
      h("span", { class: "person-text" }, h("span", { class: "title" }, shown + (own ? ` (${t("chat.you")})` : "")),
        read && state.lastMsgNo > 0 ? h("span", { class: "about" }, t("members.read")) : null),
      role !== "member" && hasText(`role.${role}`) ? h("span", { class: `role role-${role}` }, t(`role.${role}`)) : null, remove);
  }

  /** @param {string} accountId @param {string} name */
  async _remove(accountId, name) {
    if (await confirmed(t("members.remove.sure", { name }))) this._do(() => this._client.http.removeMember(this._conversationId, accountId));
  }

  async _leave() {
    const self = this._client.account?.id ?? "";
    if (!(await confirmed(t("members.leave.sure")))) return;
    this._do(() => this._client.http.removeMember(this._conversationId, self));
    this._dialog.close();
  }

  /** @param {() => Promise<unknown>} command its event changes the page; only a refusal is told here */
  _do(command) {
    command().catch(toastError);
  }
}

closable(byId("question"));
