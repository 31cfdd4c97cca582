/** What the composer can send besides text and goods: pictures, videos, emoji, links. */
import { KefuMedia } from "/client/kefu.js";
import { byId } from "./dom.js";
import { EmojiPicker, isOneEmoji } from "./emoji_picker.js";
import { kindStyles } from "./kind_styles.js";
import { kindTexts } from "./kind_texts.js";
import { toastError } from "./notices.js";
import { templateForm } from "./template_form.js";
import { lang } from "./texts.js";
import { Uploads } from "./uploads.js";

const LINK = /^https?:\/\/[^\s]+$/i;
const PREVIEW_MS = 3000;

export class Attach {
  /**
   * @param {object} options
   * @param {import("/client/kefu.js").KefuClient} options.client
   * @param {() => string} options.conversationId
   * @param {(draft: {kind?: string, body: Record<string, any>}, conversationId?: string) => boolean} options.onSend
   */
  constructor({ client, conversationId, onSend }) {
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, kindStyles];
    this.media = new KefuMedia(client.http);
    this._conversationId = conversationId;
    this._onSend = onSend;
    /** A link that waits for its preview. @type {(() => void) | null} */
    this._held = null;
    window.addEventListener("pagehide", () => this._release());
    const send = (/** @type {any} */ draft, /** @type {string | undefined} */ id) => this._send(draft, id);
    this.uploads = new Uploads({ lang, media: () => this.media, onSend: send, conversationId, root: document.body, template: (seconds) => templateForm(kindTexts(lang), seconds) });
    const text = byId("text");
    const picker = new EmojiPicker({
      lang,
      media: () => this.media,
      onPick: (emoji) => {
        text.setRangeText(emoji, text.selectionStart, text.selectionEnd, "end");
        text.dispatchEvent(new Event("input"));
      },
      onSend: send,
    });
    const form = byId("composer");
    form.before(this.uploads.tray);
    byId("goods-open").before(this.uploads.button, picker.button);
    form.append(picker.element);
    this.uploads.listen(byId("thread"));
  }

  /**
   * A text that is one emoji goes as an emoji, one that is an address as a link with its preview.
   * @param {{kind?: string, body: Record<string, any>}} draft
   */
  send(draft) {
    const text = draft.kind === undefined ? String(draft.body.text ?? "") : "";
    if (isOneEmoji(text)) return this._send({ ...draft, kind: "emoji", body: { emoji: text } });
    if (!LINK.test(text)) return this._send(draft);
    const conversationId = this._conversationId();
    this._release();
    const leave = () => this._onSend({ ...draft, kind: "link", body: { url: text } }, conversationId);
    this._held = leave;
    // The server fetches the preview before the link is sent; where that is off or slow, the link goes without.
    const late = new Promise((resolve) => setTimeout(resolve, PREVIEW_MS));
    void Promise.race([this.media.linkPreview(text).catch(() => null), late]).then(() => this._held === leave && this._release());
    return true;
  }

  /** @param {{kind?: string, body: Record<string, any>}} draft @param {string} [conversationId] */
  _send(draft, conversationId) {
    this._release();
    return this._onSend(draft, conversationId);
  }

  /** The link waits no longer: what is said after it shall not come before it, and the page may be closed. */
  _release() {
    const leave = this._held;
    this._held = null;
    leave?.();
  }

  /** What message_view needs to show our kinds. @param {string} conversationId @param {boolean} own */
  around(conversationId, own) {
    const remake = (/** @type {Record<string, any>} */ body) => this._remake(body);
    return { lang, base: location.origin, media: this.media, fail: toastError, remake: own ? null : remake, conversationId };
  }

  /** 拍同款: pick an own video for the other side's template. @param {Record<string, any>} body with the message's place */
  _remake({ from }) {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = "video/mp4,video/quicktime,video/webm";
    input.addEventListener("change", () => void this.uploads.take([...(input.files ?? [])], { same_as: from }));
    input.click();
  }
}
