/** Pictures and videos on their way: looked at before, shown with progress, sent once the server has them. */
import { KefuError } from "../../client/kefu.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { kindTexts } from "./kind_texts.js";

const VIDEO_S = 15;
const POSTER_PX = 720;
export const ACCEPT = "image/jpeg,image/png,image/webp,image/gif,video/mp4,video/quicktime,video/webm";

/** @param {File} file @returns {"image" | "gif" | "video" | null} what the server will be asked to take it as; it looks itself */
function useOf(file) {
  if (file.type === "image/gif") return "gif";
  if (ACCEPT.split(",").includes(file.type)) return file.type.startsWith("video/") ? "video" : "image";
  return null;
}

export class Uploads {
  /**
   * @param {object} options
   * @param {string} options.lang
   * @param {() => import("/client/media.js").KefuMedia} options.media
   * @param {(draft: {kind: string, body: Record<string, any>}, conversationId: string) => boolean} options.onSend
   * @param {() => string} options.conversationId
   * @param {ParentNode & Node} options.root where the dialog is put
   * @param {boolean} [options.videos]
   * @param {((seconds: number) => {element: HTMLElement, read: () => Record<string, any> | null}) | null} [options.template] asks whether a video shall be a template
   */
  constructor({ lang, media, onSend, conversationId, root, videos = true, template = null }) {
    this._template = template;
    this._t = kindTexts(lang);
    this._media = media;
    this._send = onSend;
    this._conversationId = conversationId;
    this._root = root;
    this._accept = videos ? ACCEPT : ACCEPT.split(",").filter((type) => type.startsWith("image/")).join(",");
    /** The strip of what is under way. */
    this.tray = h("div", { class: "uploads", role: "status" });
    this._input = h("input", { type: "file", accept: this._accept, multiple: true, hidden: true });
    this._input.addEventListener("change", () => {
      void this.take([...this._input.files]);
      this._input.value = "";
    });
    /** The button that opens the picker. */
    this.button = h("button", { type: "button", class: "icon-button tool", title: this._t("attach"), "aria-label": this._t("attach"), on: { click: () => this._input.click() } }, icon("picture"), this._input);
  }

  /** Files that were dropped or pasted. @param {Element} target */
  listen(target) {
    target.addEventListener("paste", (/** @type {any} */ event) => this._take(event, event.clipboardData?.files));
    target.addEventListener("dragover", (event) => event.preventDefault());
    target.addEventListener("drop", (/** @type {any} */ event) => this._take(event, event.dataTransfer?.files));
  }

  /** @param {Event} event @param {FileList | undefined} files */
  _take(event, files) {
    if (!files?.length) return;
    event.preventDefault();
    void this.take([...files]);
  }

  /** Show files and ask whether to send them. @param {File[]} files @param {Record<string, any>} [more] of a template */
  async take(files, more) {
    const wanted = files.filter((file) => this._accept.includes(file.type) && useOf(file) !== null).slice(0, 9);
    if (wanted.length === 0) return this._complain(this._t("attach.type"));
    // To whom they were given: another conversation may be open when they have been looked at.
    const conversationId = this._conversationId();
    const items = wanted.map((file) => ({ file, use: /** @type {string} */ (useOf(file)), address: URL.createObjectURL(file), poster: /** @type {Blob | null} */ (null) }));
    let form = null;
    for (const item of items.filter(({ use }) => use === "video")) {
      const { seconds, poster } = await lookInto(item.address);
      if (seconds > VIDEO_S) return this._complain(this._t("attach.long", { n: seconds.toFixed(1) }));
      item.poster = poster;
      if (items.length === 1 && !more) form = this._template?.(seconds) ?? null;
    }
    const note = await this._look(items, { noted: items.length === 1 && items[0].use !== "gif" && !more, form });
    if (note === null) return items.forEach(({ address }) => URL.revokeObjectURL(address));
    const template = form?.read();
    const whole = template ? { template } : more;
    await Promise.all(items.map((item) => this._bring(item, conversationId || this._conversationId(), note, whole)));
    return undefined;
  }

  /** @param {Array<{file: File, use: string, address: string}>} items @param {{noted: boolean, form: {element: HTMLElement} | null}} how @returns {Promise<string | null>} the note, null when it is not to be sent */
  _look(items, { noted, form }) {
    const note = h("input", { type: "text", maxlength: 500, placeholder: this._t("attach.note"), "aria-label": this._t("attach.note") });
    const box = h("dialog", { class: "look", "aria-label": this._t("attach.title") },
      h("form", { method: "dialog" },
        h("h2", null, this._t("attach.title")),
        h("div", { class: "look-shown" }, ...items.map(({ use, address, file }) => use === "video"
          ? h("video", { src: address, controls: true, muted: true, playsinline: true }) : h("img", { src: address, alt: file.name }))),
        noted ? note : null,
        form?.element ?? null,
        h("footer", null,
          h("button", { class: "card-press plain", value: "no", type: "submit", formnovalidate: true }, this._t("attach.cancel")),
          h("button", { class: "card-press", value: "yes", type: "submit" }, this._t("attach.send")))));
    // A template has its title and its steps, and no note besides.
    form?.element.addEventListener("toggle", () => (note.hidden = /** @type {any} */ (form.element).open));
    this._root.appendChild(box);
    box.showModal();
    // Enter in the note sends: the first button of a form would be the one that cancels.
    note.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      box.close("yes");
    });
    return new Promise((resolve) => box.addEventListener("close", () => {
      box.remove();
      resolve(box.returnValue === "yes" ? note.value.trim() : null);
    }));
  }

  /** @param {{file: File, use: string, address: string, poster: Blob | null}} item @param {string} conversationId @param {string} note @param {Record<string, any>} [more] */
  async _bring(item, conversationId, note, more) {
    const off = new AbortController();
    const bar = h("progress", { max: 100, value: 0 });
    const say = h("span", { class: "upload-say" }, this._t("attach.progress", { n: 0 }));
    const shown = item.use === "video" ? h("video", { src: item.address, muted: true }) : h("img", { src: item.address, alt: item.file.name });
    const tile = h("div", { class: "upload" }, shown, say, bar,
      h("button", { type: "button", class: "upload-off", "aria-label": this._t("attach.remove"), on: { click: () => (off.abort(), this._end(tile, item)) } }, icon("close")));
    this.tray.append(tile);
    try {
      const progress = (/** @type {number} */ have, /** @type {number} */ all) => {
        const n = Math.round((100 * have) / all);
        bar.value = n;
        say.textContent = n === 100 ? this._t("attach.checking") : this._t("attach.progress", { n });
      };
      const media = this._media();
      const upload = await media.upload(item.file, /** @type {any} */ (item.use), { onProgress: progress, signal: off.signal });
      const poster = item.poster && !off.signal.aborted ? await media.upload(item.poster, "image", { signal: off.signal }).catch(() => null) : null;
      if (off.signal.aborted) return void media.abandonUpload(upload.id).catch(() => {});
      const body = { media_id: upload.id, ...(poster ? { poster_id: poster.id } : {}), ...(note && !more ? { note } : {}), ...more };
      this._send({ kind: more ? "video_template" : item.use, body }, conversationId);
      this._end(tile, item);
    } catch (error) {
      if (off.signal.aborted) return undefined;
      tile.classList.add("is-wrong");
      bar.remove();
      say.textContent = "";
      this._complain(error instanceof KefuError ? error.detail || error.code : String(error), tile);
    }
    return undefined;
  }

  /** @param {Element} tile @param {{address: string}} item */
  _end(tile, { address }) {
    tile.nextElementSibling?.matches(".upload-wrong") && tile.nextElementSibling.remove();
    tile.remove();
    URL.revokeObjectURL(address);
  }

  /** @param {string} text @param {Element} [tile] */
  _complain(text, tile) {
    const line = h("p", { class: "upload-wrong", role: "alert" }, text);
    if (tile) return tile.after(line);
    this.tray.append(line);
    setTimeout(() => line.remove(), 6000);
    return undefined;
  }
}

/** The length of a video and its first picture; a browser that cannot play it says nothing. @param {string} address @returns {Promise<{seconds: number, poster: Blob | null}>} */
async function lookInto(address) {
  const video = h("video", { muted: true, playsinline: true, preload: "auto" });
  video.muted = true;
  const ready = new Promise((resolve) => {
    for (const name of ["loadeddata", "error"]) video.addEventListener(name, resolve, { once: true });
    setTimeout(resolve, 4000);
  });
  video.src = address;
  await ready;
  const seconds = Number.isFinite(video.duration) ? video.duration : 0;
  if (!video.videoWidth) return { seconds, poster: null };
  const shrink = Math.min(1, POSTER_PX / Math.max(video.videoWidth, video.videoHeight));
  const canvas = h("canvas", { width: Math.round(video.videoWidth * shrink), height: Math.round(video.videoHeight * shrink) });
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return { seconds, poster: await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85)) };
}
