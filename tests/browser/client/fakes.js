/** A clock, sockets, HTTP and a storage that do exactly what a test tells them. */
import { KefuClient } from "/client/kefu.js";

export const LIN = { id: "731000000000000010", kind: "personal", name: "林小姐" };
export const QIAO = { id: "731000000000000011", kind: "personal", name: "老乔" };
export const CHAT = "731000000000000001";
export const AT = "2026-11-22T08:00:00.000000Z";

/** Let everything that is already resolved run. */
export const settle = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = resolve;
  port2.postMessage(null);
});

export class FakeTimers {
  constructor() {
    this.time = Date.parse(AT);
    this._next = 1;
    this._due = new Map();
    this.now = () => this.time;
    this.setTimeout = (run, ms) => {
      this._due.set(this._next, { run, at: this.time + ms });
      return this._next++;
    };
    this.clearTimeout = (handle) => void this._due.delete(handle);
  }

  /** Move the clock, running what falls due on the way, in order. */
  async advance(ms) {
    const end = this.time + ms;
    for (;;) {
      await settle();
      const due = [...this._due].filter(([, { at }]) => at <= end).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
      if (due === undefined) break;
      const [handle, { run, at }] = due;
      this._due.delete(handle);
      this.time = Math.max(this.time, at);
      run();
    }
    this.time = end;
  }

  get pending() {
    return this._due.size;
  }
}

export class FakeStorage {
  constructor() {
    this.items = new Map();
    this.full = false;
  }

  get length() {
    return this.items.size;
  }

  key(index) {
    return [...this.items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.items.get(key) ?? null;
  }

  setItem(key, value) {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    this.items.set(key, value);
  }

  removeItem(key) {
    this.items.delete(key);
  }
}

/** Make a WebSocket class of which every instance is held in `sockets`. */
function fakeSockets() {
  const sockets = [];
  class FakeSocket {
    constructor(url) {
      this.url = url;
      this.sent = [];
      this.closed = false;
      sockets.push(this);
    }

    send(text) {
      this.sent.push(JSON.parse(text));
    }

    close() {
      this.closed = true;
    }

    /** The server's side. */
    open() {
      this.onopen?.({});
    }

    bring(...frames) {
      for (const frame of frames) this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
    }

    cut(code = 1006) {
      this.onclose?.({ code });
    }

    frames(type) {
      return this.sent.filter((frame) => frame.type === type);
    }
  }
  return { sockets, FakeSocket };
}

/**
 * A client with everything under control. `routes` maps "METHOD /path" to a function of ({query, body}).
 * @param {Record<string, any>} [options] of KefuClient, and `routes`
 */
export function bench({ routes = {}, ...options } = {}) {
  const timers = new FakeTimers();
  const { sockets, FakeSocket } = fakeSockets();
  const requests = [];
  const fetch = async (url, { method, body, headers, signal }) => {
    const { pathname, searchParams } = new URL(url);
    const request = { method, path: pathname, query: Object.fromEntries(searchParams), body: body && JSON.parse(body), headers, signal };
    requests.push(request);
    const route = routes[`${method} ${pathname}`];
    if (route === undefined) throw new TypeError(`no route ${method} ${pathname}`);
    const { httpStatus: status = 200, ...answer } = await route(request);
    // Not a Response: reading its body takes real time, and nothing here may wait for that.
    return { ok: status < 400, status, headers: new Headers(), text: async () => JSON.stringify(answer) };
  };
  const client = new KefuClient({
    baseUrl: "https://chat.example", token: "kf_s_ZXhhbXBsZQ", fetch, WebSocket: FakeSocket, timers, random: () => 0, ...options,
  });
  const log = [];
  for (const name of ["status", "welcome", "conversation", "message", "outbox", "refused", "typing", "presence", "waiting", "problem"]) {
    client.on(name, (detail) => log.push({ name, detail }));
  }
  const seen = (name) => log.filter((each) => each.name === name).map(({ detail }) => detail);
  const socket = () => sockets[sockets.length - 1];
  /** Connect and be welcomed with these conversations. */
  const online = (...conversations) => {
    if (client.status.phase === "idle") client.connect();
    socket().open();
    socket().bring(welcome(conversations));
    return socket();
  };
  return { client, timers, sockets, socket, online, requests, routes, seen };
}

export function welcome(conversations = [], fields = {}) {
  return {
    type: "welcome", protocol: 1, session_id: "900", account: LIN, at: AT, features: ["presence"],
    limits: { frame_bytes: 65536, text_chars: 5000, welcome_conversations: 100 }, conversations, more: false, ...fields,
  };
}

export function summary(fields = {}) {
  return {
    id: CHAT, kind: "direct", title: "", enterprise_id: null, created_at: AT, role: "member", joined_seq: 1, last_seq: 0,
    last_msg_no: 0, read_msg_no: 0, unread: 0, member_count: 2, peer: QIAO, last_message: null, session: null, ...fields,
  };
}

export function message(seq, { from = QIAO, text = `m${seq}`, msgNo = seq, clientMsgId = `c-${seq}`, ...more } = {}) {
  return {
    type: "event", conversation_id: CHAT, seq, kind: "message.sent", v: 1, at: AT, actor_id: from.id,
    message: {
      id: String(800 + seq), client_msg_id: clientMsgId, sender_id: from.id, origin: "person", kind: "text", v: 1,
      body: { text }, seq, msg_no: msgNo, at: AT, ...more,
    },
  };
}

export function change(seq, kind, data, fields = {}) {
  return { type: "event", conversation_id: CHAT, seq, kind, v: 1, at: AT, actor_id: QIAO.id, data, ...fields };
}

export function ack(send, seq, fields = {}) {
  return {
    type: "ack", ref: send.ref, status: "sent", conversation_id: send.conversation_id, client_msg_id: send.client_msg_id,
    message_id: String(800 + seq), seq, msg_no: seq, at: AT, duplicate: false, ...fields,
  };
}

export function refusal(send, code, status, data = {}) {
  const { conversation_id, client_msg_id } = send;
  return { type: "error", ref: send.ref, code, status, detail: `refused: ${code}`, data: { conversation_id, client_msg_id, ...data } };
}

/** The texts of a conversation's timeline. */
export function texts(client, conversationId = CHAT) {
  return client.conversation(conversationId).timeline.flatMap(({ message: each }) => (each ? [each.body.text] : []));
}
