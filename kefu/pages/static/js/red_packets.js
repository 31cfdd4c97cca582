/** Red packets: their card in a thread, the dialog that opens one, and the one that sends one. */
import { KefuWallet, randomId } from "/client/kefu.js";
import { avatar } from "./avatar.js";
import { price } from "./cards.js";
import { byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { money } from "./money_texts.js";
import { toast, toastError } from "./notices.js";
import { clockTime, dayName } from "./time.js";

/** @typedef {import("/client/conversation_state.js").ConversationState} State */
/** As the server has it by default: told here before it refuses. */
const SHARE_FEN = { least: 100, most: 20_000 };

/** @typedef {{had: boolean, emptied: boolean, returned: boolean}} Standing */

/**
 * How a packet stands, by the events that came after it.
 * @param {State} state @param {string} packetId @returns {Standing}
 */
export function standingOf(state, packetId) {
  const about = state.timeline.filter(({ kind, data }) => kind.startsWith("red_packet.") && data?.packet_id === packetId);
  return {
    had: about.some(({ kind, data }) => kind === "red_packet.opened" && data?.account_id === state.selfId),
    emptied: about.some(({ data }) => data?.remaining_shares === 0),
    returned: about.some(({ kind }) => kind === "red_packet.returned"),
  };
}

/** @param {Standing} standing */
const stateWord = ({ had, emptied, returned }) => (had ? money("packet.had") : emptied ? money("packet.emptied") : returned ? money("packet.refunded") : null);

/** @param {Record<string, any>} body @param {Standing} standing @param {() => void} open */
export function packetCard(body, standing, open) {
  const word = stateWord(standing);
  return h("button", { type: "button", class: `packet${word ? " is-over" : ""}`, "data-packet": body.packet_id, on: { click: open } },
    h("span", { class: "packet-main" }, icon("packet"), h("span", { class: "packet-words" }, h("b", null, String(body.note || money("packet.note"))), h("small", null, word ?? money("packet.open")))),
    h("span", { class: "packet-foot" }, money(body.shares === 1 ? "packet" : `packet.${body.split === "equal" ? "equal" : "random"}`)));
}

export class RedPackets {
  /**
   * @param {object} options
   * @param {import("/client/kefu.js").KefuClient} options.client
   * @param {(id: string | null | undefined) => string} options.nameOf
   * @param {() => string} options.conversationId
   */
  constructor({ client, nameOf, conversationId }) {
    this._client = client;
    this._wallet = new KefuWallet(client.http);
    this._nameOf = nameOf;
    this._id = conversationId;
    this._button = h("button", { type: "button", id: "packet-open", class: "icon-button tool", "aria-label": money("packet"), title: money("packet"), on: { click: () => void this._begin() } }, icon("packet"));
    byId("goods-open").before(this._button);
  }

  /** Money goes between people, not to shops. @param {State} state */
  draw(state) {
    this._button.hidden = state.kind === "service";
  }

  /** @param {State} state @param {Record<string, any>} body */
  card(state, body) {
    return packetCard(body, standingOf(state, body.packet_id), () => void this._show(state, body.packet_id));
  }

  /** @param {State} state @param {string} packetId */
  async _show(state, packetId) {
    try {
      this._present(state, await this._wallet.packet(packetId));
    } catch (error) {
      toastError(error);
    }
  }

  /** @param {State} state @param {import("/client/wallet.js").Packet} packet */
  _present(state, packet) {
    const own = packet.sender_id === state.selfId;
    const mayOpen = packet.state === "open" && packet.remaining_shares > 0 && packet.mine_fen === null && !(own && state.kind === "direct");
    const name = own ? this._client.account?.name ?? "" : this._nameOf(packet.sender_id);
    const go = h("button", { type: "button", class: "packet-go", on: { click: () => void this._open(state, packet.id, go) } }, money("packet.go"));
    const { box, fill } = this._sheet(money("packet"));
    fill(h("div", { class: "packet-top" }, avatar({ name }), h("p", null, money("packet.from", { name })), h("b", { class: "packet-note" }, packet.note || money("packet.note")),
      mayOpen ? go : packet.mine_fen !== null ? h("p", { class: "packet-mine" }, h("small", null, money("packet.mine")), h("strong", null, price(packet.mine_fen))) : h("p", { class: "packet-word" }, wordOf(packet))),
    mayOpen ? null : this._opened(packet));
    box.showModal();
  }

  /** @param {import("/client/wallet.js").Packet} packet */
  _opened(packet) {
    const most = Math.max(...packet.opened.map(({ amount_fen: fen }) => fen ?? 0));
    const best = packet.split === "random" && packet.state === "emptied" && packet.shares > 1;
    return h("div", { class: "packet-list" },
      h("p", { class: "own-more" }, money("packet.sent", { n: packet.shares - packet.remaining_shares, all: packet.shares, total: price(packet.total_fen) })),
      h("ul", { class: "own-card own-rows" }, ...packet.opened.map(({ name, amount_fen: fen, at }) => h("li", { class: "own-row" }, avatar({ name, small: true }),
        h("span", { class: "person-text" }, h("span", { class: "title" }, name), h("span", { class: "about" }, clockTime(at), best && fen === most ? h("b", { class: "packet-best" }, ` · ${money("packet.lucky")}`) : null)),
        fen === null ? null : h("b", null, price(fen))))),
      packet.state === "open" ? h("p", { class: "own-more" }, money("packet.until", { at: `${dayName(packet.expires_at)} ${clockTime(packet.expires_at)}` })) : null);
  }

  /** @param {State} state @param {string} packetId @param {HTMLButtonElement} button */
  async _open(state, packetId, button) {
    button.disabled = true;
    button.classList.add("is-turning");
    try {
      this._present(state, await this._wallet.openPacket(packetId));
    } catch (error) {
      toastError(error);
      // Gone or over meanwhile: who has got what is there to see.
      await this._show(state, packetId);
    }
  }

  async _begin() {
    const state = this._client.conversation(this._id());
    if (state === null) return;
    try {
      const { balance_fen: balance } = await this._wallet.wallet({ limit: 1 });
      this._write(state, balance);
    } catch (error) {
      toastError(error);
    }
  }

  /** @param {State} state @param {number} balance */
  _write(state, balance) {
    const group = state.kind === "group";
    const { box, fill } = this._sheet(money("packet"));
    const field = (/** @type {string} */ key, /** @type {Record<string, any>} */ more) => h("label", { class: "labelled" }, h("span", null, money(key)), h("input", { required: true, autocomplete: "off", ...more }));
    const way = (/** @type {"random" | "equal"} */ split) => h("label", null, h("input", { type: "radio", name: "split", value: split, checked: split === "random" }), h("span", null, money(`packet.${split}`)));
    const form = h("form", { class: "packet-form" },
      group ? h("div", { class: "segments", role: "radiogroup", "aria-label": money("packet.how") }, way("random"), way("equal")) : null,
      field("packet.amount", { type: "number", name: "yuan", min: 1, max: 20000, step: "0.01", inputmode: "decimal" }),
      group ? field("packet.shares", { type: "number", name: "shares", min: 1, max: 100, step: 1, value: Math.min(100, Math.max(1, state.memberCount - 1)), inputmode: "numeric" }) : null,
      field("packet.words", { type: "text", name: "note", maxlength: 60, required: false, placeholder: money("packet.note") }),
      h("p", { class: "own-more" }, `${money("packet.balance", { amount: price(balance) })} · ${money("packet.rule")}`),
      h("button", { type: "submit", class: "button packet-submit" }, money("packet.send")));
    // The key stays while the dialog is open: a second press, or a retry after a lost answer, pays once.
    const key = randomId();
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      void this._pay(state, form, key, box);
    });
    fill(form);
    box.showModal();
  }

  /** @param {State} state @param {HTMLFormElement} form @param {string} key @param {HTMLDialogElement} box */
  async _pay(state, form, key, box) {
    const { yuan, shares, note, split } = form.elements;
    const submit = form.querySelector("button[type=submit]");
    const [total, parts] = [Math.round(Number(yuan.value) * 100), Number(shares?.value ?? 1)];
    if (total < parts * SHARE_FEN.least || total > parts * SHARE_FEN.most) return toast(money("packet.rule"));
    submit.disabled = true;
    try {
      await this._wallet.sendPacket(state.id, { client_msg_id: key, total_fen: total, shares: parts, split: split?.value ?? "random", note: note.value.trim() });
      box.close();
    } catch (error) {
      toastError(error);
    } finally {
      submit.disabled = false;
    }
    return undefined;
  }

  /** @param {string} title */
  _sheet(title) {
    for (const older of document.querySelectorAll("dialog.packet-box")) older.close();
    const body = h("div", { class: "dialog-body" });
    const box = h("dialog", { class: "dialog packet-box", "aria-label": title }, h("header", { class: "dialog-head" }, h("h2", null, title),
      h("button", { type: "button", class: "icon-button quiet", "aria-label": money("close"), on: { click: () => box.close() } }, icon("close"))), body);
    box.addEventListener("click", (/** @type {Event} */ event) => event.target === box && box.close());
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    return { box, fill: (/** @type {(Node | null)[]} */ ...parts) => body.replaceChildren(...parts.filter((part) => part !== null)) };
  }
}

/** @param {import("/client/wallet.js").Packet} packet */
function wordOf({ state, remaining_shares: left }) {
  if (state === "refunded") return money("packet.refunded");
  return left === 0 ? money("packet.emptied") : money("packet.waits");
}

/**
 * What a step of a red packet says in the thread.
 * @param {import("/client/frames.js").Event} event @param {(id: string | null | undefined) => string} nameOf
 * @param {string} selfId @param {string | null} senderId who sent the packet, where its message is loaded
 */
export function packetNotice({ kind, data = {} }, nameOf, selfId, senderId) {
  if (kind === "red_packet.returned") return money("notice.returned");
  const who = data.account_id === selfId ? money("notice.you") : nameOf(data.account_id);
  const whose = senderId === data.account_id ? money("notice.own") : senderId === selfId ? money("notice.yours") : senderId ? money("notice.of", { name: nameOf(senderId) }) : "";
  return money("notice.opened", { name: who, whose }) + (data.remaining_shares === 0 ? money("notice.last") : "");
}
