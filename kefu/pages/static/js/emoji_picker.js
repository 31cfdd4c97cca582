/** Where emoji are picked: common ones go into the text, those of a brand's pack are sent at once. */
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { kindTexts } from "./kind_texts.js";

const COMMON = [
  ..."😀😄😁😆😅🤣😂🙂😉😊😍😘🤗🤔😐😏🙄😴😋😎🥳😭😢😡😱😳🥺😇🤝👍👎👏🙏💪👌✌️👋🤞❤️🧡💛💚💙💜💔✨🎉🎁🌹🌸🍵☕🍰🍎🔥⭐🌙☀️💯✅❌❓❗",
].join("");
const ONE = new RegExp("\\p{RGI_Emoji}", "gv");

/** @param {string} text @returns {boolean} whether it is exactly one emoji */
export function isOneEmoji(text) {
  const found = text.match(ONE);
  return found?.length === 1 && found[0] === text;
}

export class EmojiPicker {
  /**
   * @param {object} options
   * @param {string} options.lang
   * @param {() => import("/client/media.js").KefuMedia} options.media
   * @param {(emoji: string) => void} options.onPick
   * @param {(draft: {kind: string, body: Record<string, any>}) => boolean} options.onSend
   */
  constructor({ lang, media, onPick, onSend }) {
    this._t = kindTexts(lang);
    this._media = media;
    this._on = { pick: onPick, send: onSend };
    this._tabs = h("div", { class: "emoji-tabs", role: "tablist" });
    this._grid = h("div", { class: "emoji-grid" });
    this.element = h("div", { class: "emoji-picker", id: "emoji-picker", popover: "auto", role: "dialog", "aria-label": this._t("emoji") }, this._tabs, this._grid);
    this.button = h("button", { type: "button", class: "icon-button", popovertarget: "emoji-picker", "aria-label": this._t("emoji"), title: this._t("emoji"), "aria-haspopup": "dialog" }, icon("smile"));
    this.element.addEventListener("toggle", (/** @type {any} */ { newState }) => newState === "open" && void this._open());
  }

  async _open() {
    this._draw([], "");
    const { items } = await this._media().emojiPacks().catch(() => ({ items: [] }));
    this._draw(items, "");
  }

  /** @param {any[]} packs @param {string} chosen the id of a pack, empty for the common ones */
  _draw(packs, chosen) {
    const tab = (/** @type {string} */ id, /** @type {string} */ name) => h("button", { type: "button", role: "tab", "aria-selected": String(id === chosen), on: { click: () => this._draw(packs, id) } }, name);
    this._tabs.replaceChildren(tab("", this._t("emoji.all")), ...packs.map((pack) => tab(pack.id, pack.name)));
    const pack = packs.find(({ id }) => id === chosen);
    this._grid.className = `emoji-grid${pack ? " brand" : ""}`;
    if (pack) return this._grid.replaceChildren(...pack.emoji.map((/** @type {any} */ one) => this._brand(pack, one)));
    const common = COMMON.match(ONE) ?? [];
    return this._grid.replaceChildren(...common.map((emoji) => h("button", { type: "button", on: { click: () => this._on.pick(emoji) } }, emoji)));
  }

  /** @param {any} pack @param {any} one */
  _brand(pack, one) {
    const shown = h("img", { alt: one.name, loading: "lazy" });
    this._media().link(one.media_id).then((found) => found && (shown.src = found.thumb_url ?? found.url), () => {});
    const send = () => this._on.send({ kind: "brand_emoji", body: { pack_id: pack.id, emoji_id: one.id } }) && this.element.hidePopover();
    return h("button", { type: "button", title: one.name, on: { click: send } }, shown);
  }
}
