import { AT, CHAT, LIN, QIAO, bench, change, message, settle, summary, texts, welcome } from "./fakes.js";
import { ok, same, test } from "./harness.js";

test("live events are applied and told once each, in order", () => {
  const { client, online, seen } = bench();
  online(summary()).bring(message(1), message(1), message(2));
  same(texts(client), ["m1", "m2"]);
  same(seen("message").map(({ message: { seq } }) => seq), [1, 2]);
});

test("a gap is asked for once, and nothing behind it is shown before it is filled", () => {
  const { client, online } = bench();
  const socket = online(summary());
  socket.bring(message(3), message(4));
  same(texts(client), []);
  const [sync, ...more] = socket.frames("sync");
  same([sync.after_seq, more.length], [0, 0]);
  socket.bring(message(1), message(2), message(3), message(4), { type: "synced", conversation_id: CHAT, seq: 4, ref: sync.ref });
  same(texts(client), ["m1", "m2", "m3", "m4"]);
});

test("an event that slipped past a running sync is asked for again", () => {
  const { client, online } = bench();
  const socket = online(summary());
  socket.bring(message(2), message(3), message(1), message(2), { type: "synced", conversation_id: CHAT, seq: 2 });
  same(socket.frames("sync").map((frame) => frame.after_seq), [0, 2]);
  socket.bring(message(3), { type: "synced", conversation_id: CHAT, seq: 3 });
  same(texts(client), ["m1", "m2", "m3"]);
});

test("a sync that brings nothing is reported and not repeated for ever", () => {
  const { online, seen } = bench();
  const socket = online(summary());
  socket.bring(message(5), { type: "synced", conversation_id: CHAT, seq: 5 });
  same(socket.frames("sync").length, 1);
  same(seen("problem").map(({ code }) => code), ["bad_server_frame"]);
});

test("a refused sync may be tried again with the next event", () => {
  const { online } = bench();
  const socket = online(summary());
  socket.bring(message(2));
  socket.bring({ type: "error", ref: socket.frames("sync")[0].ref, code: "overloaded", status: 503, detail: "" });
  socket.bring(message(3));
  same(socket.frames("sync").length, 2);
});

test("a reconnect tells the last seq of every conversation, and what was missed follows", () => {
  const { client, online, socket } = bench();
  online(summary({ last_seq: 4, last_msg_no: 4, read_msg_no: 4 })).bring(message(5));
  socket().cut();
  client.poke();
  const next = online(summary({ last_seq: 7, last_msg_no: 7, read_msg_no: 4 }));
  same(next.frames("hello")[0].cursors, { [CHAT]: 5 });
  next.bring(message(6), message(7), { type: "synced", conversation_id: CHAT, seq: 7 });
  same(texts(client), ["m5", "m6", "m7"]);
  same(next.frames("sync").length, 0);
});

test("reading is told once, kept locally at once, and told again when the server missed it", () => {
  const { client, online } = bench();
  const socket = online(summary());
  socket.bring(message(1), message(2));
  client.markRead(CHAT);
  client.markRead(CHAT);
  same(socket.frames("read").map((frame) => frame.msg_no), [2]);
  same(client.conversation(CHAT).readMsgNo, 2);
  socket.cut();
  client.poke();
  const next = online(summary({ last_seq: 2, last_msg_no: 2, read_msg_no: 0 }));
  same(next.frames("read").map((frame) => frame.msg_no), [2]);
});

test("the other side's cursor is held, and the own one follows another device", () => {
  const { client, online } = bench();
  const socket = online(summary());
  socket.bring(message(1), message(2, { from: LIN }));
  socket.bring({ type: "cursor", conversation_id: CHAT, account_id: QIAO.id, msg_no: 2, at: AT });
  same(client.conversation(CHAT).cursors, { [QIAO.id]: 2 });
  socket.bring(message(3), { type: "cursor", conversation_id: CHAT, account_id: LIN.id, msg_no: 3, at: AT });
  same(client.conversation(CHAT).readMsgNo, 3);
});

test("a conversation that appears is a snapshot: events go on from its end, before it is history", async () => {
  const { client, online, routes } = bench();
  routes[`GET /v1/conversations/${CHAT}/events`] = () => ({ items: [message(1), message(2)], last_seq: 3 });
  const socket = online();
  socket.bring({ type: "conversation", conversation: summary({ last_seq: 2, last_msg_no: 2, read_msg_no: 0 }) }, message(3));
  const state = client.conversation(CHAT);
  same([texts(client), state.lastMsgNo - state.readMsgNo, socket.frames("sync").length], [["m3"], 3, 0]);
  await client.loadOlder(CHAT);
  same(texts(client), ["m1", "m2", "m3"]);
});

test("a conversation that begins with a message is heard once, and one's own or an old one is not", () => {
  const { online, seen } = bench();
  const begun = (/** @type {any} */ last, fields = {}) => ({ type: "conversation", conversation: summary({
    last_seq: last.seq, last_msg_no: 1, unread: 1, last_message: last.message, alert: "banner", ...fields,
  }) });
  online().bring(begun(message(2)), begun(message(2)), begun(message(2, { from: LIN }), { id: "77", alert: null }), begun(message(2), { id: "78", joined_seq: 5 }));
  same(seen("message").map(({ conversationId, message: { seq }, alert }) => [conversationId, seq, alert]), [[CHAT, 2, "banner"]]);
});

test("a group that was left and joined again goes on where it was held, over what was missed", () => {
  const { client, online } = bench();
  const socket = online(summary({ kind: "group", peer: null }));
  socket.bring(message(1), change(2, "member.left", { account_id: LIN.id, reason: "left" }));
  socket.bring({ type: "conversation", conversation: summary({ kind: "group", peer: null, joined_seq: 7, last_seq: 7, last_msg_no: 4, read_msg_no: 4 }) });
  same(socket.frames("sync").map((frame) => frame.after_seq), [2]);
  socket.bring(change(3, "hidden", { to_seq: 6 }), change(7, "member.joined", { account_id: LIN.id, name: LIN.name, role: "member" }));
  const state = client.conversation(CHAT);
  same([state.isMember, state.lastSeq, state.memberCount], [true, 7, 2]);
});

test("a conversation that the server does not know for this account is dropped", () => {
  const { client, online, seen } = bench();
  const socket = online(summary());
  socket.bring({ type: "error", code: "not_a_member", status: 403, detail: "", data: { conversation_id: CHAT } });
  same([client.conversation(CHAT), seen("conversation").at(-1).change, seen("problem").length], [null, "gone", 0]);
});

test("a refused sign of typing or reading takes no conversation away", () => {
  const { client, online, seen } = bench();
  const socket = online(summary({ last_seq: 1, last_msg_no: 1 }));
  client.signals.typing(CHAT);
  client.markRead(CHAT);
  for (const { ref } of [...socket.frames("typing"), ...socket.frames("read")]) {
    socket.bring({ type: "error", ref, code: "not_a_member", status: 403, detail: "", data: { conversation_id: CHAT } });
  }
  same([client.conversation(CHAT)?.id, seen("problem").map(({ code }) => code)], [CHAT, ["not_a_member", "not_a_member"]]);
});

test("an event of a conversation beyond the welcome fetches its summary", async () => {
  const { client, online, requests, routes } = bench();
  routes[`GET /v1/conversations/${CHAT}`] = () => ({ conversation: summary({ last_seq: 9, last_msg_no: 9, read_msg_no: 4 }) });
  const socket = online();
  socket.bring(message(9), message(10));
  await settle();
  same(requests.length, 1);
  const state = client.conversation(CHAT);
  same([state.lastSeq, state.lastMsgNo - state.readMsgNo], [10, 6]);
});

test("a cursor ahead of the server drops the copy and fetches it again", async () => {
  const { client, online, routes } = bench();
  routes[`GET /v1/conversations/${CHAT}`] = () => ({ conversation: summary({ last_seq: 2, last_msg_no: 2 }) });
  const socket = online(summary({ last_seq: 40, last_msg_no: 40 }));
  socket.bring({ type: "error", code: "cursor_ahead", status: 409, detail: "", data: { conversation_id: CHAT, seq: 2 } });
  await settle();
  same([client.conversation(CHAT).lastSeq, client.conversation(CHAT).lastMsgNo], [2, 2]);
});

test("history comes page by page, without a hole and without a double", async () => {
  const { client, online, requests, routes } = bench();
  routes[`GET /v1/conversations/${CHAT}/events`] = ({ query }) => {
    const after = Number(query.after_seq);
    const items = Array.from({ length: Math.min(Number(query.limit), 20) }, (_, index) => message(after + 1 + index));
    return { items: items.filter(({ seq }) => seq <= 120), last_seq: 120 };
  };
  online(summary({ last_seq: 120, last_msg_no: 120 }));
  const [one, shared] = await Promise.all([client.loadOlder(CHAT), client.loadOlder(CHAT)]);
  same([one, shared], [true, true]);
  while (await client.loadOlder(CHAT));
  same(client.conversation(CHAT).timeline.map(({ seq }) => seq), Array.from({ length: 120 }, (_, index) => index + 1));
  const asked = requests.map(({ query }) => query.after_seq);
  same(new Set(asked).size, asked.length, "a page was asked for twice");
});

test("a page of history that comes after the conversation was fetched anew is thrown away", async () => {
  const { client, online, routes } = bench();
  let answer = () => {};
  routes[`GET /v1/conversations/${CHAT}/events`] = () => new Promise((resolve) => (answer = resolve));
  routes[`GET /v1/conversations/${CHAT}`] = () => ({ conversation: summary({ last_seq: 2, last_msg_no: 2 }) });
  const socket = online(summary({ last_seq: 40, last_msg_no: 40 }));
  const load = client.loadOlder(CHAT);
  socket.bring({ type: "error", code: "cursor_ahead", status: 409, detail: "", data: { conversation_id: CHAT, seq: 2 } });
  await settle();
  answer({ items: Array.from({ length: 40 }, (_, index) => message(index + 1)), last_seq: 40 });
  same(await load, false);
  same(client.conversation(CHAT).timeline, []);
});

test("history stops at the join: what was before is one tombstone, fetched in one request", async () => {
  const { client, online, requests, routes } = bench();
  routes[`GET /v1/conversations/${CHAT}/events`] = ({ query }) => {
    const after = Number(query.after_seq);
    return { items: after < 5000 ? [change(after + 1, "hidden", { to_seq: 5000 })] : [message(5001)], last_seq: 5001 };
  };
  online(summary({ kind: "group", peer: null, joined_seq: 5001, last_seq: 5001, last_msg_no: 5001, read_msg_no: 5000 }));
  while (await client.loadOlder(CHAT));
  same(texts(client), ["m5001"]);
  ok(requests.length <= 3, `${requests.length} requests`);
});

test("members are fetched with their cursors, and events keep the list right", async () => {
  const { client, online, routes } = bench();
  routes[`GET /v1/conversations/${CHAT}/members`] = ({ query }) => (query.cursor
    ? { items: [{ account_id: QIAO.id, name: QIAO.name, role: "member", read_msg_no: 3 }], next_cursor: null }
    : { items: [{ account_id: LIN.id, name: LIN.name, role: "owner", read_msg_no: 4 }], next_cursor: "next" });
  const socket = online(summary({ kind: "group", peer: null, last_seq: 4, last_msg_no: 4, read_msg_no: 4 }));
  await client.loadMembers(CHAT);
  same(client.conversation(CHAT).cursors, { [QIAO.id]: 3 });
  socket.bring(change(5, "member.joined", { account_id: "12", name: "小米", role: "member" }));
  socket.bring(change(6, "member.role_changed", { account_id: "12", role: "admin" }));
  socket.bring(change(7, "member.left", { account_id: QIAO.id, reason: "left" }));
  same(client.members(CHAT).map(({ name, role }) => [name, role]), [["林小姐", "owner"], ["小米", "admin"]]);
});

test("who comes and goes while the members are fetched is in the list, or not, as it is now", async () => {
  const { client, online, routes } = bench();
  const row = (/** @type {{id: string, name: string}} */ { id, name }) => ({ account_id: id, name, role: "member", read_msg_no: 0 });
  routes[`GET /v1/conversations/${CHAT}/members`] = ({ query }) => (query.cursor
    ? { items: [row(QIAO)], next_cursor: null } : { items: [row(LIN)], next_cursor: "next" });
  const socket = online(summary({ kind: "group", peer: null, last_seq: 4, last_msg_no: 4, read_msg_no: 4 }));
  const loading = client.loadMembers(CHAT);
  socket.bring(change(5, "member.joined", { account_id: "12", name: "小米", role: "member" }));
  socket.bring(change(6, "member.left", { account_id: QIAO.id, reason: "left" }));
  same((await loading).map(({ name }) => name), ["林小姐", "小米"]);
  same(client.members(CHAT).map(({ name }) => name), ["林小姐", "小米"]);
});

test("frames that make no sense are reported and the connection goes on", () => {
  const { client, online, seen } = bench();
  const socket = online(summary());
  socket.bring("{oops", { kind: "no type" }, { type: "event", conversation_id: CHAT, seq: "1" }, { type: "from.the.future" });
  socket.bring({ ...message(1), message: undefined }, change(1, "hidden", {}));
  socket.bring(message(1));
  same(seen("problem").map(({ code }) => code), Array(5).fill("bad_server_frame"));
  same(texts(client), ["m1"]);
});

test("unknown fields and unknown event kinds are no problem", () => {
  const { client, online, seen } = bench();
  const socket = online({ ...summary(), mood: "calm" });
  socket.bring(change(1, "message.pinned", { colour: "red" }), { ...message(2, { msgNo: 1 }), extra: 1 });
  same([client.conversation(CHAT).lastSeq, seen("problem").length], [2, 0]);
});

test("a second hello's welcome with fewer conversations forgets nothing", () => {
  const { client, online, socket } = bench();
  online(summary()).bring(message(1));
  socket().cut();
  client.poke();
  socket().open();
  socket().bring(welcome([], { more: true }), message(2), { type: "synced", conversation_id: CHAT, seq: 2 });
  same(texts(client), ["m1", "m2"]);
});

test("what is folded because somebody writes too fast unfolds by itself, by the server's clock", async () => {
  const { client, online, timers, seen } = bench();
  timers.time += 7_000; // this device's clock is ahead
  const socket = online(summary());
  socket.bring(message(1, { folded_ms: 6_000 }));
  await timers.advance(4_000);
  socket.bring(message(2, { folded_ms: 8_000 }));
  same(client.conversation(CHAT).own.folded, true);
  await timers.advance(3_999);
  same(client.conversation(CHAT).own.folded, true);
  await timers.advance(1);
  same([client.conversation(CHAT).own.folded, seen("conversation").at(-1)], [false, { conversationId: CHAT, change: "unfolded" }]);
});
