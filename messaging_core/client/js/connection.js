/**
 * Staying connected: opens a link, says hello, notices when it is dead, and opens the next one.
 *
 * @typedef {object} ConnectionStatus
 * @property {"idle" | "connecting" | "online" | "waiting" | "stopped"} phase
 * @property {"websocket" | "poll"} transport
 * @property {number} attempt 0 while online
 * @property {number | null} retryAt milliseconds since 1970, while waiting
 * @property {KefuError | null} reason why it is waiting or stopped, where the server said so
 */
import { KefuError } from "./errors.js";
import { checkServerFrame, clientFrame, readServerFrame } from "./frames.js";
import { openPollLink } from "./poll_link.js";
import { browserTimers, openWebSocketLink } from "./websocket_link.js";

export const TUNING = Object.freeze({
  /** First wait after a lost connection; doubles up to `maxWaitMs`. Each wait is shortened at random by up to half. */
  minWaitMs: 500,
  maxWaitMs: 30_000,
  /** Silence after which the server is asked whether it is still there, and how long it may take to answer. */
  silenceMs: 25_000,
  answerMs: 10_000,
  /** So many WebSockets in a row that never opened, although HTTP gets through: use long-polling. */
  failuresBeforePoll: 3,
  /** How long to poll before a WebSocket is tried again. */
  pollLifetimeMs: 600_000,
});

const FATAL_CLOSE_CODES = new Map([[4400, "unsupported_protocol"], [4401, "unauthenticated"]]);

export class Connection {
  /**
   * @param {object} options
   * @param {import("./http.js").KefuHttp} options.http
   * @param {() => Record<string, any>} options.hello the fields of `hello`
   * @param {(frame: Record<string, any>) => void} options.onFrame every valid frame, `welcome` included
   * @param {(status: ConnectionStatus) => void} options.onStatus
   * @param {(error: KefuError) => void} options.onProblem a frame from the server that makes no sense
   * @param {typeof globalThis.WebSocket | null} [options.WebSocket] null to poll from the start
   * @param {import("./websocket_link.js").Timers} [options.timers]
   * @param {() => number} [options.random]
   * @param {Partial<typeof TUNING>} [options.tuning]
   */
  constructor({
    http, hello, onFrame, onStatus, onProblem, WebSocket = globalThis.WebSocket, timers = browserTimers,
    random = Math.random, tuning = {},
  }) {
    this._http = http;
    this._hello = hello;
    this._onFrame = onFrame;
    this._onStatus = onStatus;
    this._onProblem = onProblem;
    this._WebSocket = WebSocket;
    this._timers = timers;
    this._random = random;
    this._tuning = { ...TUNING, ...tuning };
    /** @type {import("./websocket_link.js").Link | null} */
    this._link = null;
    /** @type {ConnectionStatus} */
    this.status = { phase: "idle", transport: "websocket", attempt: 0, retryAt: null, reason: null };
    this._neverOpened = 0;
    this._httpWorks = false;
    this._askedForWaitMs = 0;
    this._timer = null;
    this._heartbeat = null;
    /** @type {KefuError | null} */
    this._reason = null;
    this._fatal = false;
  }

  get online() {
    return this.status.phase === "online";
  }

  start() {
    if (this.status.phase === "idle" || this.status.phase === "stopped") this._open(0);
  }

  stop() {
    this._halt(null);
  }

  /** Something changed (network is back, page is visible): wait no longer, wait little next time, ask a silent link. */
  poke() {
    if (this.status.phase === "waiting") this._open(1);
    else if (this.status.phase === "connecting") this._set({ ...this.status, attempt: 0 });
    else if (this.online) this._ask();
  }

  /** The device says that it has no network: a link that looks alive is not. */
  drop() {
    if (this._link === null) return;
    this._link.close();
    this._closed({ opened: true, code: 1006 });
  }

  /**
   * @param {Record<string, any>} frame
   * @returns {boolean} false when not online; nothing is kept
   */
  send(frame) {
    if (!this.online || this._link === null) return false;
    this._link.send(frame);
    return true;
  }

  /** @param {number} attempt */
  _open(attempt) {
    this._timers.clearTimeout(this._timer);
    this._reason = null;
    this._fatal = false;
    this._askedForWaitMs = 0;
    const poll = this._WebSocket === null || (this._isBlocked() && this._httpWorks);
    this._set({ phase: "connecting", transport: poll ? "poll" : "websocket", attempt, retryAt: null, reason: null });
    const on = {
      frame: (/** @type {any} */ frame) => this._receive(frame),
      closed: (/** @type {{opened: boolean, code: number}} */ end) => this._closed(end),
    };
    const hello = () => clientFrame("hello", this._hello());
    const timers = this._timers;
    this._listen();
    this._link = poll
      ? openPollLink({ http: this._http, cursors: () => this._hello().cursors, on, timers, lifetimeMs: this._tuning.pollLifetimeMs })
      : openWebSocketLink({ url: socketUrl(this._http.baseUrl), hello, on, WebSocket: /** @type {any} */ (this._WebSocket), timers });
  }

  /** @param {any} raw text, or an object that is already parsed */
  _receive(raw) {
    let frame;
    try {
      frame = typeof raw === "string" ? readServerFrame(raw) : checkServerFrame(raw);
    } catch (error) {
      this._onProblem(/** @type {KefuError} */ (error));
      return;
    }
    this._listen();
    if (frame === null) return;
    if (frame.type === "closing") this._takeLeave(frame);
    if (frame.type === "error" && !this.online) this._reason = KefuError.fromWire(frame);
    if (frame.type === "welcome") {
      if (this.status.transport === "websocket") [this._neverOpened, this._httpWorks] = [0, false];
      this._set({ ...this.status, phase: "online", attempt: 0, reason: null });
    }
    this._onFrame(frame);
  }

  /** @param {Record<string, any>} frame */
  _takeLeave(frame) {
    this._reason = KefuError.fromWire(frame);
    this._fatal = !frame.resume;
    this._askedForWaitMs = frame.retry_after_ms ?? 0;
  }

  /** @param {{opened: boolean, code: number}} end */
  _closed({ opened, code }) {
    this._link = null;
    this._timers.clearTimeout(this._heartbeat);
    if (this._fatal || FATAL_CLOSE_CODES.has(code)) {
      this._halt(this._reason ?? new KefuError(FATAL_CLOSE_CODES.get(code) ?? "unauthenticated"));
      return;
    }
    this._countFailure(opened);
    const attempt = this.status.attempt + 1;
    const wait = Math.max(this._backoff(attempt), this._askedForWaitMs + this._random() * this._tuning.minWaitMs);
    this._timer = this._timers.setTimeout(() => this._open(attempt), wait);
    this._set({ ...this.status, phase: "waiting", attempt, retryAt: this._timers.now() + wait, reason: this._reason });
  }

  _isBlocked() {
    return this._neverOpened >= this._tuning.failuresBeforePoll;
  }

  /** @param {boolean} opened */
  _countFailure(opened) {
    // A poll that has had its time, or failed, gives the WebSocket one turn.
    if (this.status.transport === "poll") this._neverOpened = this._tuning.failuresBeforePoll - 1;
    else this._neverOpened = opened ? 0 : this._neverOpened + 1;
    if (this._isBlocked() && !this._httpWorks) this._probe();
    else if (!opened && this.status.transport === "poll") this._httpWorks = false;
  }

  /** Is it the WebSocket that does not get through, or is the server down? Only the first is a reason to poll. */
  _probe() {
    const turn = () => {
      this._httpWorks = true;
      this._neverOpened = this._tuning.failuresBeforePoll - 1;
    };
    this._http.me().then(turn, (error) => {
      if (!(error instanceof KefuError)) throw error;
      // A refusal came from the server too; an error page of a proxy did not.
      if (error.code !== "network" && error.status < 500) turn();
    });
  }

  /** @param {number} attempt */
  _backoff(attempt) {
    const { minWaitMs, maxWaitMs } = this._tuning;
    const longest = Math.min(maxWaitMs, minWaitMs * 2 ** Math.min(attempt - 1, 20));
    return longest * (1 - this._random() / 2);
  }

  /** @param {KefuError | null} reason */
  _halt(reason) {
    this._timers.clearTimeout(this._timer);
    this._timers.clearTimeout(this._heartbeat);
    this._link?.close();
    this._link = null;
    this._set({ ...this.status, phase: "stopped", retryAt: null, reason });
  }

  /** A frame came: the link lives. */
  _listen() {
    this._timers.clearTimeout(this._heartbeat);
    this._heartbeat = this._timers.setTimeout(() => this._ask(), this._tuning.silenceMs);
  }

  _ask() {
    this._timers.clearTimeout(this._heartbeat);
    this._heartbeat = this._timers.setTimeout(() => this.drop(), this._tuning.answerMs);
    this.send(clientFrame("ping"));
  }

  /** @param {ConnectionStatus} status */
  _set(status) {
    this.status = Object.freeze(status);
    this._onStatus(this.status);
  }
}

/** @param {string} baseUrl */
function socketUrl(baseUrl) {
  return `${baseUrl.replace(/^http/, "ws")}/v1/ws`;
}
