/** The panel of one's own: who may write, when it is silent, contacts, devices, and what became of refused messages. */
import { KefuPeople } from "/client/kefu.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { toastError } from "./notices.js";
import { openAppeal, recordTab } from "./own_record.js";
import { contactsTab } from "./own_contacts.js";
import { devicesTab } from "./own_devices.js";
import { privacyTab } from "./own_privacy.js";
import { silenceTab } from "./own_silence.js";
import { own } from "./own_texts.js";
import { walletTab } from "./own_wallet.js";

const TABS = { privacy: privacyTab, silence: silenceTab, contacts: contactsTab, wallet: walletTab, devices: devicesTab, record: recordTab };

/**
 * What a tab works with.
 * @typedef {object} Around
 * @property {KefuPeople} people
 * @property {() => Promise<{id: string, name: string}[]>} known people who can be chosen
 * @property {import("/client/kefu.js").KefuHttp} http
 * @property {string} accountId
 * @property {(command: Promise<unknown>) => Promise<void>} act do something and show the tab as it is then
 * @property {() => Promise<void>} redraw
 */

/**
 * What was open before the tab was drawn anew stays open, with what was typed there, and its button says so.
 * @param {HTMLElement} fold @param {HTMLElement} [before] the same fold, open, as it was
 */
function unfold(fold, before) {
  if (before === undefined) return;
  fold.hidden = false;
  const typed = "input:not([type=checkbox])";
  const values = [...before.querySelectorAll(typed)].map(({ value }) => value);
  fold.querySelectorAll(typed).forEach((input, at) => (input.value = values[at] ?? input.value));
  fold.parentElement?.querySelector(`[data-key="${CSS.escape(fold.dataset.fold)}"][aria-expanded]`)?.setAttribute("aria-expanded", "true");
}

export class OwnPanel {
  /**
   * @param {object} options
   * @param {import("/client/kefu.js").KefuClient} options.client
   * @param {() => Promise<{id: string, name: string}[]>} options.known
   * @param {string} options.accountId
   */
  constructor({ client, known, accountId }) {
    this.people = new KefuPeople(client.http);
    /** @type {keyof typeof TABS} */
    this._tab = "privacy";
    this._asked = 0;
    this._tabs = h("div", { class: "own-tabs", role: "tablist", "aria-label": own("title"), on: { keydown: (/** @type {KeyboardEvent} */ event) => this._walk(event) } },
      ...Object.keys(TABS).map((name) => h("button", { type: "button", role: "tab", id: `own-tab-${name}`, "data-tab": name, "aria-controls": "own-body", on: { click: () => void this._show(/** @type {any} */ (name)) } }, own(`tab.${name}`))));
    this._body = h("div", { class: "dialog-body own-body", id: "own-body", role: "tabpanel", tabindex: "-1" });
    this._dialog = h("dialog", { class: "dialog sheet own-sheet", id: "own", "aria-labelledby": "own-title" },
      h("header", { class: "dialog-head" }, h("h2", { id: "own-title" }, own("title")),
        h("button", { type: "button", class: "icon-button quiet", "aria-label": own("close"), on: { click: () => this._dialog.close() } }, icon("close"))),
      this._tabs, this._body);
    this._dialog.addEventListener("click", (/** @type {Event} */ event) => event.target === this._dialog && this._dialog.close());
    document.body.append(this._dialog);
    /** @type {Around} */
    this._around = {
      people: this.people, http: client.http, known, accountId, redraw: () => this._show(this._tab),
      act: async (command) => {
        await command.catch(toastError);
        await this._show(this._tab);
      },
    };
  }

  /** @param {keyof typeof TABS} [tab] */
  async open(tab = "privacy") {
    if (!this._dialog.open) this._dialog.showModal();
    this._body.focus();
    await this._show(tab);
  }

  /**
   * Appeal for a message that was refused: one that was held before, or one that met a rule with a sanction.
   * @param {{conversationId: string, clientMsgId: string, rule: string, text: string}} refused
   */
  async appeal({ conversationId, clientMsgId, rule, text }) {
    const [pending, { sanctions }] = await Promise.all([this.people.pending(), this.people.standing()]).catch((error) => {
      toastError(error);
      return [[], { sanctions: [] }];
    });
    const held = pending.find((each) => each.conversation_id === conversationId && each.client_msg_id === clientMsgId);
    const sanction = sanctions.find((/** @type {any} */ each) => each.rule === rule && each.overturned_at === null);
    await this.open("record");
    if (held) openAppeal(this._around, { conversation_id: conversationId, client_msg_id: clientMsgId }, text);
    else if (sanction) openAppeal(this._around, { sanction_id: sanction.id }, text);
  }

  /** @param {keyof typeof TABS} name */
  async _show(name) {
    const ask = (this._asked += 1);
    const stays = name === this._tab && this._body.childElementCount > 0;
    this._tab = name;
    for (const button of this._tabs.children) {
      const chosen = button.dataset.tab === name;
      button.setAttribute("aria-selected", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    }
    this._body.setAttribute("aria-labelledby", `own-tab-${name}`);
    if (!stays) this._body.replaceChildren();
    try {
      const parts = await TABS[name](this._around);
      // Who has gone on to another tab meanwhile is not called back.
      if (ask !== this._asked) return;
      const [top, focused] = [this._body.scrollTop, /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.key];
      const unfolded = new Map([...this._body.querySelectorAll("[data-fold]:not([hidden])")].map((fold) => [fold.dataset.fold, fold]));
      this._body.replaceChildren(...parts.filter(Boolean));
      for (const fold of this._body.querySelectorAll("[data-fold]")) unfold(fold, unfolded.get(fold.dataset.fold));
      this._body.scrollTop = stays ? top : 0;
      if (focused) /** @type {HTMLElement | null} */ (this._body.querySelector(`[data-key="${CSS.escape(focused)}"]`))?.focus();
    } catch (error) {
      toastError(error);
    }
  }

  /** Arrow keys walk through the tabs. @param {KeyboardEvent} event */
  _walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const buttons = [...this._tabs.children];
    const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
    event.preventDefault();
    next.focus();
    next.click();
  }
}
