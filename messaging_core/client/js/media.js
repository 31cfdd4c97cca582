/**
 * Uploads with progress and resuming, addresses for `<img>` and `<video>`, emoji packs, cards and links.
 *
 * @typedef {import("./http.js").KefuHttp} KefuHttp
 * @typedef {{mime: string, bytes: number, width: number, height: number, duration_ms: number | null}} Measured
 * @typedef {{id: string, use: string, state: "uploading" | "ready" | "refused", bytes: number, offset: number,
 *            part_bytes: number, reason: string | null, media: Measured | null}} Upload
 * @typedef {{id: string, url: string, thumb_url: string | null, expires_at: string}} MediaLink
 */
import { KefuError } from "./errors.js";
import { randomId } from "./ids.js";

const PART = 262144;
const TRIES = 5;
/** Addresses are asked for anew this long before they end. */
const EARLY_MS = 30000;

export class KefuMedia {
  /** @param {KefuHttp} http */
  constructor(http) {
    this._http = http;
    /** @type {Map<string, {link: MediaLink, until: number}>} */
    this._links = new Map();
    /** @type {Map<string, Promise<MediaLink | null>>} */
    this._asked = new Map();
    /** @type {Array<{id: string, resolve: (link: MediaLink | null) => void, reject: (error: unknown) => void}>} */
    this._wanted = [];
  }

  /**
   * Upload a file in parts. What is lost on the way is brought again, a few times with growing pauses.
   * @param {Blob} file
   * @param {"image" | "gif" | "video" | "emoji"} use
   * @param {object} [options]
   * @param {(have: number, all: number) => void} [options.onProgress]
   * @param {string} [options.resume] the id of an upload that was begun before
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Upload>} ready; a refusal is thrown
   */
  async upload(file, use, { onProgress, resume, signal } = {}) {
    let upload = resume ? await this.uploadState(resume) : await this.beginUpload(use, file.size, signal);
    let failed = 0;
    while (upload.state === "uploading") {
      const part = file.slice(upload.offset, upload.offset + Math.min(PART, upload.part_bytes));
      try {
        upload = await this.addPart(upload.id, upload.offset, part, signal);
        failed = 0;
      } catch (error) {
        if (!(error instanceof KefuError) || signal?.aborted) throw error;
        if (error.code !== "offset_mismatch") {
          failed += 1;
          if (!error.transient || failed >= TRIES) throw error;
          await pause(error.retryAfterMs ?? 500 * 2 ** failed);
        }
        upload = await this.uploadState(upload.id);
      }
      onProgress?.(upload.offset, upload.bytes);
    }
    return upload;
  }

  /** @param {string} use @param {number} bytes @param {AbortSignal} [signal] @returns {Promise<Upload>} */
  async beginUpload(use, bytes, signal) {
    const body = { use, bytes };
    return (await this._http.request("POST", "/v1/uploads", { body, signal, idempotencyKey: randomId() })).upload;
  }

  /** @param {string} id @returns {Promise<Upload>} */
  async uploadState(id) {
    return (await this._http.request("GET", `/v1/uploads/${id}`)).upload;
  }

  /** @param {string} id @param {number} offset @param {Blob} part @param {AbortSignal} [signal] @returns {Promise<Upload>} */
  async addPart(id, offset, part, signal) {
    return (await this._http.request("PATCH", `/v1/uploads/${id}`, { query: { offset }, content: part, signal })).upload;
  }

  /** Forget an upload that no message shows. @param {string} id */
  abandonUpload(id) {
    return this._http.request("DELETE", `/v1/uploads/${id}`);
  }

  /**
   * The address of an upload for a page, null for one that may not be seen. Questions of one moment go together.
   * @param {string} id
   * @returns {Promise<MediaLink | null>}
   */
  link(id) {
    const known = this._links.get(id);
    if (known && known.until > Date.now()) return Promise.resolve(known.link);
    const asked = this._asked.get(id);
    if (asked) return asked;
    const answer = new Promise((resolve, reject) => {
      this._wanted.push({ id, resolve, reject });
      if (this._wanted.length === 1) queueMicrotask(() => this._ask());
    }).finally(() => this._asked.delete(id));
    this._asked.set(id, /** @type {Promise<MediaLink | null>} */ (answer));
    return /** @type {Promise<MediaLink | null>} */ (answer);
  }

  async _ask() {
    const wanted = this._wanted.splice(0, 100);
    if (this._wanted.length) queueMicrotask(() => this._ask());
    try {
      const { items } = await this._http.request("POST", "/v1/media/links", { body: { ids: wanted.map(({ id }) => id) } });
      for (const { id, resolve } of wanted) {
        const found = items.find((/** @type {MediaLink} */ item) => item.id === id) ?? null;
        resolve(found && this._keep(found));
      }
    } catch (error) {
      for (const { reject } of wanted) reject(error);
    }
  }

  /** @param {MediaLink} found */
  _keep(found) {
    const link = {
      ...found,
      url: this._http.baseUrl + found.url,
      thumb_url: found.thumb_url && this._http.baseUrl + found.thumb_url,
    };
    this._links.set(found.id, { link, until: Date.parse(found.expires_at) - EARLY_MS });
    return link;
  }

  /** @returns {Promise<{items: any[], next_cursor: string | null}>} the packs that everybody may send */
  emojiPacks() {
    return this._http.request("GET", "/v1/emoji-packs");
  }

  /** @param {string} conversationId @param {number} seq @param {string} button @returns {Promise<{act: string, url: string, say: string}>} */
  pressButton(conversationId, seq, button) {
    return this._http.request("POST", `/v1/conversations/${conversationId}/messages/${seq}/press`, { body: { button } });
  }

  /**
   * @param {string} conversationId
   * @param {number} seq
   * @param {{button: string, answers: Record<string, string>, consent: boolean}} details
   * @returns {Promise<{lead: any}>}
   */
  leaveDetails(conversationId, seq, details) {
    return this._http.request("POST", `/v1/conversations/${conversationId}/messages/${seq}/lead`, { body: details });
  }

  /** @param {string} url @returns {Promise<{preview: {title: string, description: string, site: string} | null}>} */
  linkPreview(url) {
    return this._http.request("POST", "/v1/link-previews", { body: { url } });
  }
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
