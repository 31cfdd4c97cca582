/** The list of conversations: what is new where, and who is there. */
import { hasOlder, isArchived, unreadOf } from "/client/kefu.js";
import { at as said } from "./act_texts.js";
import { avatar } from "./avatar.js";
import { oneLine, titleOf, typingText, watchedIn } from "./describe.js";
import { byId, h, reconcile } from "./dom.js";
import { toastError } from "./notices.js";
import { t } from "./texts.js";
import { listTime } from "./time.js";

const NEAR_END_PX = 400;

/** @typedef {import("/client/conversation_state.js").ConversationState} State */

export class ListView {
  /**
   * @param {object} options
   * @param {import("/client/kefu.js").KefuClient} options.client
   * @param {import("./names.js").Names} options.names
   * @param {import("./drafts.js").Drafts} options.drafts
   * @param {(conversationId: string) => void} options.onChoose
   * @param {(title: string) => void} options.onTitle
   */
  constructor({ client, names, drafts, onChoose, onTitle }) {
    this._client = client;
    this._names = names;
    this._drafts = drafts;
    this._onChoose = onChoose;
    this._onTitle = onTitle;
    this._rows = byId("conversations");
    this._search = byId("search");
    this._kept = new Map();
    this._chosen = "";
    /** Which part of the list is shown. @type {"main" | "archived" | "folded"} */
    this._box = "main";
    this._boxes = h("div", { class: "act-boxes", id: "boxes", hidden: true });
    this._rows.before(this._boxes);
    this._ready = false;
    /** The place from which the list goes on, null at its end. @type {{cursor: string | null} | null} */
    this._rest = null;
    this._rows.addEventListener("scroll", () => void this._loadMore(), { passive: true });
    this._search.addEventListener("input", () => this.refresh());
    this._rows.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this._walk(event));
  }

  /** @param {string} conversationId */
  choose(conversationId) {
    this._chosen = conversationId;
    this.refresh();
  }

  /** A welcome has come: an empty list is empty, not loading. @param {{more: boolean}} welcome */
  ready({ more }) {
    this._ready = true;
    this._rest = more ? { cursor: null } : null;
  }

  /** The reader nears the end of the list: fetch what comes after it. */
  async _loadMore() {
    const { scrollHeight, scrollTop, clientHeight } = this._rows;
    const rest = this._rest;
    if (rest === null || scrollHeight - scrollTop - clientHeight > NEAR_END_PX) return;
    this._rest = null;
    try {
      const cursor = await this._client.loadConversations(rest.cursor);
      this._rest = cursor === null ? null : { cursor };
    } catch (error) {
      this._rest = rest;
      toastError(error);
      return;
    }
    this.refresh();
    // The first pages are those that the welcome brought already.
    await this._loadMore();
  }

  refresh() {
    const all = this._client.conversations();
    const wanted = this._search.value.trim().toLowerCase();
    this._drawBoxes(all);
    const shown = all.filter((state) => boxOf(state) === this._box && titleOf(state).toLowerCase().includes(wanted));
    const rows = shown.map((state) => this._row(state));
    reconcile(this._rows, this._kept, rows, { key: (row) => row.id, mark: (row) => JSON.stringify(row), make: (row) => this._element(row) });
    byId("list-empty").hidden = all.length > 0 || !this._ready;
    const nothing = byId("list-nothing");
    nothing.hidden = all.length === 0 || shown.length > 0;
    nothing.firstElementChild.textContent = t(wanted === "" ? "chat.nothing.here" : "chat.nothing.found");
    byId("search-box").hidden = all.length < 4 && wanted === "";
    const unread = all.filter((state) => boxOf(state) === "main" && !state.own.muted).reduce((sum, state) => sum + unreadOf(state), 0);
    this._onTitle(`${unread > 0 ? `(${unread}) ` : ""}${this._client.account?.name ?? t("chat.title")} · Kefu`);
  }

  /** The parts of the list, once there is something in more than one. @param {State[]} all */
  _drawBoxes(all) {
    const filled = ["main", "archived", "folded"].filter((box) => box === "main" || all.some((state) => boxOf(state) === box));
    if (!filled.includes(this._box)) this._box = "main";
    this._boxes.hidden = filled.length === 1;
    this._boxes.replaceChildren(...filled.map((box) => h("button", {
      type: "button", "data-box": box, "aria-pressed": String(box === this._box), on: { click: () => { this._box = /** @type {any} */ (box); this.refresh(); } },
    }, [said(`box.${box}`), box === "main" ? 0 : countIn(all, box)].filter(Boolean).join(" "))));
  }

  /** Everything that a row shows. @param {State} state */
  _row(state) {
    const watched = watchedIn(state);
    return {
      id: state.id,
      title: titleOf(state),
      group: state.kind === "group",
      online: watched === null ? null : this._client.signals.presence(watched)?.online ?? null,
      time: listTime(state.lastMessage?.at ?? state.createdAt),
      at: state.lastMessage?.at ?? state.createdAt,
      chosen: state.id === this._chosen,
      unread: unreadOf(state),
      pinned: state.own.pinned_at !== null,
      muted: state.own.muted,
      ...this._preview(state),
    };
  }

  /** @param {State} state @returns {{tone: string, flag: string, line: string}} */
  _preview(state) {
    const typing = typingText(this._client, state, this._names.within(state.id));
    if (typing !== null) return { tone: "typing", flag: "", line: typing };
    const waiting = this._client.outgoing(state.id).filter(({ status }) => status !== "sent").at(-1);
    if (waiting) {
      const failed = waiting.status === "refused";
      return { tone: failed ? "failed" : "", flag: t(failed ? "chat.failed" : "chat.unsent"), line: oneLine(waiting.kind, waiting.body) };
    }
    if (state.mentions.length > 0 && state.lastMessage) {
      return { tone: "failed", flag: said("called"), line: oneLine(state.lastMessage.kind, state.lastMessage.body) };
    }
    const draft = state.id === this._chosen ? "" : this._drafts.of(state.id).trim();
    if (draft) return { tone: "draft", flag: t("chat.draft"), line: draft };
    const last = state.lastMessage;
    if (last !== null && state.own.folded_until !== null) return { tone: "", flag: said("folded.fast"), line: oneLine(last.kind, last.body) };
    if (last === null) return { tone: "", flag: "", line: hasOlder(state) || state.timeline.length > 0 ? "" : t("chat.hello") };
    const own = last.sender_id === state.selfId;
    const speaker = state.kind === "group" && last.sender_id ? `${own ? t("chat.you") : this._names.within(state.id)(last.sender_id)}: ` : "";
    return { tone: "", flag: "", line: speaker + oneLine(last.kind, last.body) };
  }

  /** @param {ReturnType<ListView["_row"]>} row */
  _element(row) {
    const presence = row.online === null ? null
      : h("span", { class: `dot ${row.online ? "dot-on" : "dot-off"}` }, h("span", { class: "sr-only" }, t(row.online ? "presence.online" : "presence.offline")));
    const badge = row.unread === 0 ? null
      : h("span", { class: `badge${row.muted ? " is-muted" : ""}`, "aria-label": t("chat.unread.count", { n: row.unread }) }, row.unread > 99 ? "99+" : String(row.unread));
    return h("li", null, h("button", {
      type: "button", class: `conversation${row.chosen ? " chosen" : ""}${row.pinned ? " is-pinned" : ""}`, "aria-current": row.chosen ? "true" : null, "data-id": row.id,
      on: { click: () => this._onChoose(row.id) },
    },
    h("span", { class: "face" }, avatar({ name: row.title, group: row.group }), presence),
    h("span", { class: "lines" },
      h("span", { class: "line" }, h("span", { class: "title" }, row.title), h("time", { datetime: row.at }, row.time)),
      h("span", { class: "line" },
        h("span", { class: `preview ${row.tone ? `preview-${row.tone}` : ""}` }, row.flag ? h("b", null, `${row.flag} `) : null, row.line), badge))));
  }

  /** Arrow keys walk through the rows. @param {KeyboardEvent} event */
  _walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const buttons = [...this._rows.querySelectorAll("button")];
    const next = buttons[buttons.indexOf(document.activeElement) + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  }
}

/** What is unread in a part of the list. @param {State[]} all @param {string} box */
function countIn(all, box) {
  return all.filter((state) => boxOf(state) === box).reduce((sum, state) => sum + unreadOf(state), 0);
}

/** In which part of the list a conversation lies. @param {State} state @returns {"main" | "archived" | "folded"} */
function boxOf(state) {
  return isArchived(state) ? "archived" : state.own.folded ? "folded" : "main";
}
