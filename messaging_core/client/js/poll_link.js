/**
 * The way without WebSockets: the same frames by HTTP, for networks whose proxies swallow the upgrade.
 *
 * It looks like a WebSocket link from outside: what the server would have pushed comes from `POST /v1/poll`, what the
 * client would have sent becomes a command, and the answers come back as the frames that a socket would have brought.
 * Typing and presence are not offered by HTTP: they may be lost by definition, so they are left out.
 *
 * @typedef {import("./websocket_link.js").Link} Link
 * @typedef {import("./websocket_link.js").LinkEvents} LinkEvents
 */
import { KefuError } from "./errors.js";

const WAIT_MS = 20_000;
const EVENTS_PAGE = 100;

/**
 * @param {object} options
 * @param {import("./http.js").KefuHttp} options.http
 * @param {() => Record<string, number>} options.cursors the last `seq` applied, by conversation
 * @param {LinkEvents} options.on
 * @param {import("./websocket_link.js").Timers} options.timers
 * @param {number} options.lifetimeMs after this the link ends, so that a WebSocket is tried again
 * @returns {Link}
 */
export function openPollLink({ http, cursors, on, timers, lifetimeMs }) {
  const abort = new AbortController();
  const bestBefore = timers.now() + lifetimeMs;
  let opened = false;

  async function run() {
    const [{ account }, first] = await Promise.all([http.me(), http.poll({ cursors: {}, wait_ms: 0 }, abort.signal)]);
    if (abort.signal.aborted) return;
    // Conversations beyond the first hundred have a cursor from here, and their summary when something happens in them.
    let known = first.cursors;
    on.frame(welcome(account, first));
    opened = true;
    while (!abort.signal.aborted && timers.now() < bestBefore) {
      const { frames, cursors: reached } = await http.poll({ cursors: { ...known, ...cursors() }, wait_ms: WAIT_MS }, abort.signal);
      known = { ...known, ...reached };
      for (const frame of frames) if (!abort.signal.aborted) on.frame(frame);
    }
  }

  /** @param {number} code */
  function end(code) {
    if (abort.signal.aborted) return;
    abort.abort();
    on.closed({ opened, code });
  }

  run().then(() => end(1000), (error) => {
    if (abort.signal.aborted) return;
    if (error instanceof KefuError && error.code !== "network") on.frame(errorFrame(error));
    end(error instanceof KefuError && (error.status === 401 || error.code === "account_banned") ? 4401 : 1006);
  });

  return {
    close: () => abort.abort(),
    send(frame) {
      answer(http, frame).then((frames) => {
        for (const each of frames) if (!abort.signal.aborted) on.frame(each);
      }, (error) => {
        if (abort.signal.aborted) return;
        // Without an answer nobody knows what became of it: end the link, so that everything open is sent again.
        if (error instanceof KefuError && error.code !== "network") on.frame(errorFrame(error, frame));
        else end(1006);
      });
    },
  };
}

/**
 * The welcome that a socket would have brought, from a poll without cursors.
 * @param {import("./frames.js").Account} account
 * @param {{frames: any[], cursors: Record<string, number>}} first
 */
function welcome(account, { frames, cursors }) {
  const conversations = frames.filter(({ type }) => type === "conversation").map(({ conversation }) => conversation);
  return {
    type: "welcome", protocol: 1, session_id: "0", account, at: new Date().toISOString(), features: [], limits: {},
    conversations, more: Object.keys(cursors).length > conversations.length,
  };
}

/**
 * Carry out a client frame by HTTP.
 * @param {import("./http.js").KefuHttp} http
 * @param {Record<string, any>} frame
 * @returns {Promise<Record<string, any>[]>} what a socket would have answered
 */
async function answer(http, { type, ref, ...fields }) {
  switch (type) {
    case "send": {
      const { conversation_id: conversationId, ...message } = fields;
      return [{ ...(await http.sendMessage(conversationId, message)), type: "ack", ref }];
    }
    case "read":
      await http.markRead(fields.conversation_id, fields.msg_no);
      return [];
    case "sync":
      return missed(http, fields.conversation_id, fields.after_seq, ref);
    case "ping":
      return [{ type: "pong", ref, at: new Date().toISOString() }];
    default:
      return [];
  }
}

/**
 * @param {import("./http.js").KefuHttp} http
 * @param {string} conversationId
 * @param {number} afterSeq
 * @param {string | undefined} ref
 */
async function missed(http, conversationId, afterSeq, ref) {
  const frames = [];
  let seq = afterSeq;
  for (;;) {
    const { items, last_seq: lastSeq } = await http.events(conversationId, { after_seq: seq, limit: EVENTS_PAGE });
    frames.push(...items.map((item) => ({ ...item, type: "event" })));
    const end = items.at(-1);
    if (end !== undefined) seq = end.kind === "hidden" ? end.data?.to_seq ?? end.seq : end.seq;
    if (end === undefined || seq >= lastSeq) return [...frames, { type: "synced", ref, conversation_id: conversationId, seq }];
  }
}

/**
 * @param {KefuError} error
 * @param {Record<string, any>} [frame] the frame that it answers
 */
function errorFrame({ code, status, detail, data }, { ref, conversation_id, client_msg_id } = {}) {
  return { type: "error", ref, code, status, detail, data: { conversation_id, client_msg_id, ...data } };
}
