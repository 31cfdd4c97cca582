import { CHAT, LIN, QIAO, AT, ack, bench, message, settle, summary, texts, welcome } from "./fakes.js";
import { ok, same, test } from "./harness.js";

/** The answer to a poll without cursors: 99 is a conversation beyond the first hundred. */
const everything = () => ({ frames: [{ type: "conversation", conversation: summary() }], cursors: { [CHAT]: 0, 99: 7 } });

test("the token travels in the first frame and never in the URL", () => {
  const { client, online } = bench();
  const socket = online(summary());
  same(socket.url, "wss://chat.example/v1/ws");
  same([socket.sent[0].type, socket.sent[0].token], ["hello", "kf_s_ZXhhbXBsZQ"]);
  same([client.status.phase, client.account.name], ["online", LIN.name]);
});

test("reconnects wait longer each time, up to a limit, never the same for all clients", async () => {
  const waits = async (random) => {
    const { client, socket, timers } = bench({ random: () => random, tuning: { failuresBeforePoll: 99 } });
    client.connect();
    const all = [];
    while (all.length < 9) {
      socket().cut();
      all.push(client.status.retryAt - timers.now());
      await timers.advance(all.at(-1));
    }
    return all;
  };
  const longest = await waits(0);
  same(longest, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  ok((await waits(0.99)).every((wait, index) => wait >= longest[index] / 2 && wait < longest[index] + 500));
});

test("who asks for it does not wait, and waits little again even when that try was under way in vain", async () => {
  const { client, socket, timers } = bench({ random: () => 0, tuning: { failuresBeforePoll: 99 } });
  client.connect();
  for (let tries = 0; tries < 6; tries += 1) {
    socket().cut();
    await timers.advance(client.status.retryAt - timers.now());
  }
  client.poke(); // a try is under way
  socket().cut();
  same(client.status.retryAt - timers.now(), 500);
  client.poke();
  socket().cut();
  same(client.status.retryAt - timers.now(), 1000);
});

test("a welcome starts the waiting from the beginning", () => {
  const { client, socket, online, timers } = bench();
  client.connect();
  socket().cut();
  client.poke();
  online().cut();
  same(client.status.retryAt - timers.now(), 500);
});

test("closing with resume: comes back after the time that the server asked for, and not before", async () => {
  const { online, sockets, timers, seen } = bench();
  const socket = online(summary());
  socket.bring({ type: "closing", code: "server_stopping", resume: true, retry_after_ms: 5000, detail: "服务正在重启。" });
  socket.cut(1012);
  same(seen("status").at(-1).reason.detail, "服务正在重启。");
  await timers.advance(4900);
  same(sockets.length, 1);
  await timers.advance(200);
  same(sockets.length, 2);
});

test("closing without resume ends it, with the reason, and no timer is left", () => {
  const { client, online, timers } = bench();
  const socket = online(summary());
  socket.bring({ type: "closing", code: "token_revoked", resume: false, detail: "登录已失效。" });
  socket.cut(1006);
  same([client.status.phase, client.status.reason.code, timers.pending], ["stopped", "token_revoked", 0]);
});

test("a refused token stops and tells what the server said", () => {
  const { client, socket, timers } = bench();
  client.connect();
  socket().open();
  socket().bring({ type: "error", code: "unauthenticated", status: 401, detail: "令牌无效。" });
  socket().cut(4401);
  same([client.status.phase, client.status.reason.detail, timers.pending], ["stopped", "令牌无效。", 0]);
});

test("too many connections: waits and comes back", () => {
  const { client, socket } = bench();
  client.connect();
  socket().open();
  socket().bring({ type: "error", code: "too_many_connections", status: 429, detail: "连接太多。" });
  socket().cut(4429);
  same([client.status.phase, client.status.reason.code], ["waiting", "too_many_connections"]);
});

test("a silent connection is asked, and given up when it does not answer", async () => {
  const { client, online, sockets, timers } = bench();
  const socket = online(summary());
  await timers.advance(26_000);
  same(socket.frames("ping").length, 1);
  socket.bring({ type: "pong", at: AT });
  await timers.advance(20_000);
  same([sockets.length, client.status.phase], [1, "online"]);
  await timers.advance(16_000);
  ok(socket.closed && sockets.length === 2, "it was not given up");
});

test("a server that accepts and never welcomes is given up", async () => {
  const { client, socket, sockets, timers } = bench();
  client.connect();
  socket().open();
  await timers.advance(40_000);
  ok(sockets.length >= 2);
});

test("a frame of a link that was given up changes nothing", () => {
  const { client, online, sockets } = bench();
  online(summary());
  client.drop();
  client.poke();
  sockets[0].bring(message(1));
  same(texts(client), []);
});

test("without WebSockets it polls, sends, and reads by HTTP; later it tries the WebSocket again", async () => {
  const bye = { type: "synced", conversation_id: CHAT, seq: 0 };
  const polls = [];
  const { client, socket, sockets, timers, requests, routes } = bench({ tuning: { pollLifetimeMs: 60_000 } });
  Object.assign(routes, {
    "GET /v1/me": () => ({ account: LIN }),
    "POST /v1/poll": ({ body }) => (body.wait_ms === 0 ? everything()
      : new Promise((resolve) => polls.push({ body, answer: (...frames) => resolve({ frames, cursors: { 99: 8 } }) }))),
    [`POST /v1/conversations/${CHAT}/messages`]: ({ body }) => ({ ...ack({ conversation_id: CHAT, ...body }, 2), type: undefined }),
    [`PUT /v1/conversations/${CHAT}/read`]: () => ({}),
  });
  client.connect();
  for (let failure = 0; failure < 4; failure += 1) {
    socket().cut();
    await settle();
    client.poke();
  }
  await settle();
  same([client.status.phase, client.status.transport], ["online", "poll"]);
  same(polls[0].body.cursors, { [CHAT]: 0, 99: 7 });
  polls[0].answer(message(1));
  await settle();
  client.markRead(CHAT);
  const { clientMsgId } = client.send(CHAT, { body: { text: "走 HTTP" } });
  await settle();
  same(client.outgoing(CHAT).map(({ status }) => status), ["sent"]);
  polls[1].answer(message(2, { from: LIN, text: "走 HTTP", clientMsgId }));
  await settle();
  same([texts(client), client.outgoing(CHAT).length], [["m1", "走 HTTP"], 0]);
  same(polls[2].body.cursors, { [CHAT]: 2, 99: 8 });
  same(requests.filter(({ method }) => method === "PUT").map(({ body }) => body.msg_no), [1]);
  await timers.advance(61_000);
  polls[2].answer(bye);
  await settle();
  client.poke();
  same([client.status.transport, sockets.length], ["websocket", 5]);
  socket().open();
  socket().bring(welcome([summary({ last_seq: 2, last_msg_no: 2, read_msg_no: 2 })]));
  same([client.status.phase, client.status.transport], ["online", "websocket"]);
});

test("a server that was down is no reason to poll: when it is back, the WebSocket gets its turn", async () => {
  const { client, socket, sockets, routes, requests } = bench();
  client.connect();
  for (let failure = 0; failure < 6; failure += 1) {
    socket().cut();
    await settle();
    client.poke();
  }
  same([client.status.transport, sockets.length], ["websocket", 7]);
  routes["GET /v1/me"] = () => ({ account: LIN });
  socket().cut();
  await settle();
  client.poke();
  same([client.status.transport, sockets.length], ["websocket", 8]);
  socket().open();
  socket().bring(welcome());
  same([client.status.phase, requests.every(({ path }) => path === "/v1/me")], ["online", true]);
});

test("polling with a refused token stops", async () => {
  const { client, routes } = bench({ WebSocket: null });
  const refuse = () => ({ httpStatus: 401, status: 401, code: "unauthenticated", detail: "令牌无效。" });
  Object.assign(routes, { "GET /v1/me": refuse, "POST /v1/poll": refuse });
  client.connect();
  await settle();
  same([client.status.phase, client.status.reason.code], ["stopped", "unauthenticated"]);
});

test("a send whose HTTP answer is lost is sent again under the same id", async () => {
  const { client, routes, requests } = bench({ WebSocket: null });
  let lost = true;
  Object.assign(routes, {
    "GET /v1/me": () => ({ account: LIN }),
    "POST /v1/poll": ({ body }) => (body.wait_ms === 0 ? everything() : new Promise(() => {})),
    [`POST /v1/conversations/${CHAT}/messages`]: ({ body }) => {
      if (lost) throw new TypeError("network");
      return ack({ conversation_id: CHAT, ...body }, 1, { duplicate: true });
    },
  });
  client.connect();
  await settle();
  client.send(CHAT, { body: { text: "一" } });
  await settle();
  same(client.status.phase, "waiting");
  lost = false;
  client.poke();
  await settle();
  await settle();
  const ids = requests.filter(({ path }) => path.endsWith("/messages")).map(({ body }) => body.client_msg_id);
  same([ids.length, new Set(ids).size], [2, 1]);
  same(client.outgoing(CHAT).map(({ status }) => status), ["sent"]);
});

test("typing is told at most every three seconds, and its end after five without a key", async () => {
  const { client, online, timers } = bench();
  const socket = online(summary());
  for (let key = 0; key < 8; key += 1) {
    client.signals.typing(CHAT);
    await timers.advance(500);
  }
  await timers.advance(6000);
  same(socket.frames("typing").map(({ on }) => on), [true, true, false]);
});

test("somebody's typing is forgotten when the news stops, and when the message comes", async () => {
  const { client, online, timers } = bench();
  const socket = online(summary());
  const typing = { type: "typing", conversation_id: CHAT, account_id: QIAO.id, on: true };
  socket.bring(typing);
  same(client.signals.typers(CHAT), [QIAO.id]);
  await timers.advance(9000);
  same(client.signals.typers(CHAT), []);
  socket.bring(typing, message(1));
  same(client.signals.typers(CHAT), []);
});

test("presence is asked for again after a reconnect, and unknown in between", () => {
  const { client, online, seen } = bench();
  const socket = online(summary());
  client.signals.watch([QIAO.id]);
  client.signals.watch([QIAO.id]);
  same(socket.frames("watch").length, 1);
  socket.bring({ type: "presence", account_id: QIAO.id, online: true, at: AT });
  same(client.signals.presence(QIAO.id).online, true);
  socket.cut();
  same(client.signals.presence(QIAO.id), null);
  same(seen("presence").map(({ online: each }) => each), [true, null]);
  client.poke();
  same(online(summary()).frames("watch").map((frame) => frame.account_ids), [[QIAO.id]]);
});

test("close leaves no timer and no open socket", () => {
  const { client, online, timers } = bench();
  const socket = online(summary());
  client.signals.typing(CHAT);
  client.send(CHAT, { body: { text: "一" } });
  socket.bring(ack(socket.frames("send")[0], 1), { type: "typing", conversation_id: CHAT, account_id: QIAO.id, on: true });
  client.close();
  same([timers.pending, socket.closed], [0, true]);
});
