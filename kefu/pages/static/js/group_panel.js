/** The panel of a conversation: how one keeps it, and, in a group, how it is run. */
import { at } from "./act_texts.js";
import { titleOf } from "./describe.js";
import { confirmed } from "./dialogs.js";
import { byId, h } from "./dom.js";
import { botsSection } from "./group_bots.js";
import { WaitingLine } from "./group_door.js";
import { auditLine, linksSection } from "./group_links.js";
import { toastError } from "./notices.js";
import { own } from "./own_texts.js";
import { PinnedLine } from "./pins.js";

const HOUR_S = 3600;
const SILENCE_S = 600;

/** @typedef {import("/client/conversation_state.js").ConversationState} State */

export class GroupPanel {
  /**
   * @param {object} options
   * @param {import("/client/kefu.js").KefuClient} options.client
   * @param {import("./names.js").Names} options.names
   * @param {import("/client/kefu.js").KefuPeople} options.people
   * @param {() => string} options.conversationId
   */
  constructor({ client, names, people, conversationId }) {
    this._client = client;
    this._people = people;
    this._id = conversationId;
    this._body = h("div", { class: "dialog-body act-panel" });
    this._dialog = h("dialog", { class: "dialog sheet", id: "panel", "aria-label": at("settings") },
      h("header", { class: "dialog-head" }, h("h2", null, at("settings")),
        h("button", { type: "button", class: "button plain", on: { click: () => this._dialog.close() } }, at("close"))), this._body);
    document.body.append(this._dialog);
    const open = h("button", { type: "button", id: "show-panel", class: "icon-button", "aria-label": at("settings"), on: { click: () => void this.open() } }, "⋯");
    byId("show-members").after(open);
    this._notice = h("p", { class: "act-notice", id: "group-notice", hidden: true });
    document.querySelector("#thread > .head")?.after(this._notice);
    this._pins = new PinnedLine(client, names);
    this._waiting = new WaitingLine(client, () => void this.open());
    /** What was written into a field and not saved: it outlives a drawing of the panel, not its closing. @type {Map<string, string>} */
    this._written = new Map();
    this._dialog.addEventListener("close", () => {
      this._written.clear();
      this._waiting.again(client.conversation(this._id()));
    });
  }

  /** Show the notice and the pins of the open conversation. @param {State} state */
  draw(state) {
    const text = state.group?.notice ?? "";
    this._notice.hidden = text === "";
    this._notice.textContent = at("notice.line", { text });
    this._pins.draw(state);
    this._waiting.draw(state);
  }

  async open() {
    const state = this._client.conversation(this._id());
    if (state === null) return;
    // A body of its own for each showing: what an earlier one still fetches does not end up in it.
    const body = h("div", { class: "dialog-body act-panel" }, h("p", { class: "act-small" }, titleOf(state)), this._own(state));
    this._body.replaceWith(body);
    this._body = body;
    if (!this._dialog.open) this._dialog.showModal();
    if (state.kind === "group") await this._fill(state);
    else if (state.kind === "service" && state.role === "customer" && state.enterpriseId) await this._offers(state.enterpriseId).catch(toastError);
    else if (state.kind === "direct" && state.peer && state.peer.kind !== "system") await this._stand(state.peer).catch(toastError);
  }

  /** @param {State} state */
  _own(state) {
    const { own } = state;
    const box = (/** @type {string} */ field, /** @type {boolean} */ on) => {
      const input = h("input", { type: "checkbox", name: field, checked: on });
      input.addEventListener("change", () => this._do(this._client.http.keep(state.id, { [{ pin: "pinned", mute: "muted", archive: "archived" }[field] ?? field]: input.checked })));
      return h("label", { class: "act-check" }, input, at(`list.${field}`));
    };
    return h("section", null, box("pin", own.pinned_at !== null), box("mute", own.muted), box("archive", own.archived_msg_no !== null));
  }

  /** Whether one wants what a shop offers unasked. @param {string} shopId */
  async _offers(shopId) {
    const body = this._body;
    const input = h("input", { type: "checkbox", name: "offers", checked: await this._people.wantsOffers(shopId) });
    input.addEventListener("change", () => this._again(this._people.setOffers(shopId, input.checked)));
    body.append(h("section", null, h("h3", null, at("offers")), h("label", { class: "act-check" }, input, at("offers.want")), h("p", { class: "act-small" }, at("offers.more"))));
  }

  /** How one stands to the other side. @param {{id: string, name: string}} peer */
  async _stand({ id, name }) {
    const body = this._body;
    const people = this._people;
    const relation = await people.relation(id);
    const box = (/** @type {string} */ key, /** @type {boolean} */ on, /** @type {(on: boolean) => Promise<unknown>} */ put) => {
      const input = h("input", { type: "checkbox", name: key, checked: on });
      input.addEventListener("change", () => this._again(put(input.checked)));
      return h("label", { class: "act-check" }, input, own(`peer.${key}`));
    };
    body.append(h("section", null, h("h3", null, own("peer", { name })),
      box("follow", relation.following, (on) => (on ? people.follow(id) : people.unfollow(id))),
      relation.following ? box("special", relation.special, (on) => people.follow(id, on)) : "",
      box("whitelist", relation.whitelisted, (on) => people.list("whitelist", id, on)),
      box("blacklist", relation.blacklisted, (on) => people.list("blacklist", id, on))));
  }

  /** @param {State} state */
  async _fill(state) {
    const body = this._body;
    const { http } = this._client;
    try {
      const members = await this._client.loadMembers(state.id);
      const me = members.find(({ account_id: id }) => id === state.selfId);
      body.append(this._field("nickname", me?.nickname ?? "", (text) => http.setNickname(state.id, state.selfId, text)));
      if (!["owner", "admin"].includes(state.role)) return;
      const [{ group }, requests, log, links, bots] = await Promise.all([http.group(state.id), http.joinRequests(state.id), http.audit(state.id, { limit: 20 }),
        http.inviteLinks(state.id, { limit: 20 }), state.enterpriseId ? http.groupBots(state.id) : null]);
      const people = members.filter(({ account_id: id }) => !bots?.items.some((bot) => bot.account_id === id));
      const again = (/** @type {Promise<unknown>} */ command) => this._again(command);
      const parts = [this._settings(state, group), bots && botsSection(http, state.id, bots.items, group.bot_wait_s, again), linksSection(http, state.id, links.items, again), this._requests(state, requests.items), this._members(state, people), this._audit(log.items)];
      body.append(...parts.filter((part) => part !== null));
    } catch (error) {
      toastError(error);
    }
  }

  /** @param {string} key @param {string} value @param {(text: string) => Promise<unknown>} save */
  _field(key, value, save) {
    const input = h("input", { type: "text", name: key, value: this._written.get(key) ?? value, maxlength: 100, autocomplete: "off" });
    input.addEventListener("input", () => this._written.set(key, input.value));
    const keep = () => save(input.value.trim()).then(() => this._written.delete(key));
    return h("section", null, h("h3", null, at(key)), input,
      h("button", { type: "button", class: "act-wide", "data-save": key, on: { click: () => this._do(keep()) } }, at("save")));
  }

  /** @param {State} state @param {Record<string, any>} group */
  _settings(state, group) {
    const { http } = this._client;
    const toggle = (/** @type {string} */ key, /** @type {string} */ field) => {
      const input = h("input", { type: "checkbox", name: field, checked: group[field] });
      input.addEventListener("change", () => this._do(http.changeGroup(state.id, { [field]: input.checked })));
      return h("label", { class: "act-check" }, input, at(key));
    };
    const quiet = group.silenced_until !== null && new Date(group.silenced_until).getTime() > Date.now();
    return h("section", null, h("h3", null, at("group")),
      this._field("notice", group.notice, (notice) => http.changeGroup(state.id, { notice })),
      state.enterpriseId ? this._field("welcome", group.welcome, (welcome) => http.changeGroup(state.id, { welcome })) : null,
      state.enterpriseId ? toggle("announcement", "announcement_only") : null,
      toggle("approval", "join_approval"),
      h("button", { type: "button", class: "act-wide", "data-act": "silence", on: { click: () => this._again(http.silence(state.id, quiet ? 0 : HOUR_S)) } }, at(quiet ? "silence.end" : "silence.all")));
  }

  /** @param {State} state @param {any[]} items */
  _requests(state, items) {
    const decide = (/** @type {string} */ id, /** @type {boolean} */ accept) => this._again(this._client.http.decideJoinRequest(state.id, id, accept));
    return items.length === 0 ? null : h("section", null, h("h3", null, at("requests")), ...items.map((each) => h("div", { class: "act-member" },
      h("span", null, each.name, each.words ? ` · ${each.words}` : ""), h("span", { class: "act-buttons" },
        h("button", { type: "button", "data-accept": each.account_id, on: { click: () => decide(each.account_id, true) } }, at("accept")),
        h("button", { type: "button", on: { click: () => decide(each.account_id, false) } }, at("refuse"))))));
  }

  /** @param {State} state @param {readonly any[]} members */
  _members(state, members) {
    const { http } = this._client;
    const rank = { owner: 2, admin: 1 };
    const below = members.filter(({ role }) => (rank[state.role] ?? 0) > (rank[role] ?? 0));
    return h("section", null, h("h3", null, at("members")), ...below.map((each) => {
      const id = each.account_id;
      const silenced = each.silenced_until && new Date(each.silenced_until).getTime() > Date.now();
      const name = each.nickname || each.name;
      const act = (/** @type {string} */ key, /** @type {() => Promise<unknown>} */ run, sure = false) => h("button", {
        type: "button", "data-act": `${key}:${id}`, on: { click: async () => (!sure || (await confirmed(at(`${key}.sure`, { name })))) && this._again(run()) },
      }, at(key));
      const owner = state.role === "owner";
      return h("div", { class: "act-member" }, h("span", null, each.nickname ? `${each.nickname}（${each.name}）` : each.name), h("span", { class: "act-buttons" },
        act(silenced ? "member.speak" : "member.silence", () => http.silence(state.id, silenced ? 0 : SILENCE_S, id)),
        owner ? act(each.role === "admin" ? "member.plain" : "member.admin", () => http.setMemberRole(state.id, id, each.role === "admin" ? "member" : "admin")) : null,
        owner ? act("member.owner", () => http.setMemberRole(state.id, id, "owner"), true) : null,
        act("member.ban", () => http.ban(state.id, id), true)));
    }));
  }

  /** @param {any[]} items */
  _audit(items) {
    return h("section", null, h("h3", null, at("audit")), h("ol", null, ...items.map((entry) => h("li", null, auditLine(entry)))));
  }

  /** @param {Promise<unknown>} command */
  _do(command) {
    command.catch(toastError);
  }

  /** Do it and show the panel as it is then, unless it was closed meanwhile. @param {Promise<unknown>} command */
  _again(command) {
    command.then(() => (this._dialog.open ? this.open() : undefined)).catch(toastError);
  }
}
