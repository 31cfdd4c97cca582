/**
 * The one error of this client.
 *
 * `code` is one of the codes of protocol.md, or one that only a client can know:
 * `network` (no answer), `offline` (not connected), `storage` (the browser keeps nothing), `bad_server_frame`.
 */
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** A sentence with its times as the reader's clock shows them. @param {string} said */
export function inLocalTime(said) {
  return said.replace(TIME, (at) => new Date(at).toLocaleString(undefined, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
}

export class KefuError extends Error {
  /**
   * @param {string} code
   * @param {string} [detail] a sentence for people, in the language that the client asked for
   * @param {{status?: number, data?: Record<string, any>, cause?: unknown}} [options]
   */
  constructor(code, detail = "", { status = 0, data = {}, cause } = {}) {
    super(detail || code, cause === undefined ? undefined : { cause });
    this.name = "KefuError";
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.data = data;
  }

  /** Milliseconds after which the server would like to be asked again, or null. */
  get retryAfterMs() {
    const value = this.data.retry_after_ms;
    return typeof value === "number" && value >= 0 ? value : null;
  }

  /** Whether the same request may succeed later without being changed. */
  get transient() {
    return this.retryAfterMs !== null || this.status === 429 || this.status === 503 || this.code === "network";
  }

  /**
   * Read an `error` frame or a problem-details body: both have the same fields.
   * @param {Record<string, any>} body
   */
  static fromWire(body) {
    const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
    return new KefuError(text(body.code) || "internal", inLocalTime(text(body.detail) || text(body.title)), {
      status: typeof body.status === "number" ? body.status : 0,
      data: body.data !== null && typeof body.data === "object" ? body.data : {},
    });
  }
}
