import { CHAT, FakeStorage, LIN, ack, bench, message, refusal, summary, texts } from "./fakes.js";
import { ok, same, test, throwsCode } from "./harness.js";

const say = (client, text, fields = {}) => client.send(CHAT, { body: { text }, ...fields });
const statuses = (client) => client.outgoing(CHAT).map(({ status }) => status);

test("a message written offline leaves after the welcome, under the id it had from the start", () => {
  const { client, online } = bench();
  const socket = online(summary());
  socket.cut();
  const entry = say(client, "在吗");
  same(statuses(client), ["waiting"]);
  client.poke();
  const next = online(summary());
  same(next.frames("send").map((frame) => frame.client_msg_id), [entry.clientMsgId]);
});

test("a lost acknowledgement: sent again under the same id, shown once", () => {
  const { client, online } = bench();
  const socket = online(summary());
  const { clientMsgId } = say(client, "在吗");
  same(socket.frames("send").length, 1);
  socket.cut();
  client.poke();
  const next = online(summary({ last_seq: 1, last_msg_no: 1, read_msg_no: 1 }));
  const [send] = next.frames("send");
  same(send.client_msg_id, clientMsgId);
  next.bring(message(1, { from: LIN, text: "在吗", clientMsgId }), ack(send, 1, { duplicate: true }));
  same([texts(client), statuses(client)], [["在吗"], []]);
});

test("an acknowledgement before its event: shown as sent, then once in the timeline", () => {
  const { client, online } = bench();
  const socket = online(summary());
  const { clientMsgId } = say(client, "在吗");
  socket.bring(ack(socket.frames("send")[0], 1));
  same(statuses(client), ["sent"]);
  socket.bring(message(1, { from: LIN, text: "在吗", clientMsgId }));
  same([texts(client), statuses(client)], [["在吗"], []]);
});

test("an event that does not follow its acknowledgement is asked for", async () => {
  const { client, online, timers } = bench();
  const socket = online(summary());
  say(client, "在吗");
  socket.bring(ack(socket.frames("send")[0], 1));
  await timers.advance(5000);
  same(socket.frames("sync").map((frame) => frame.after_seq), [0]);
});

test("messages leave one by one in the order of writing", () => {
  const { client, online } = bench();
  const socket = online(summary());
  for (const text of ["一", "二", "三"]) say(client, text);
  same(socket.frames("send").map(({ body }) => body.text), ["一"]);
  socket.bring(ack(socket.frames("send")[0], 1));
  socket.bring(ack(socket.frames("send")[1], 2));
  same(socket.frames("send").map(({ body }) => body.text), ["一", "二", "三"]);
});

test("refused for now: waits as long as the server says, and nothing overtakes", async () => {
  const { client, online, timers, seen } = bench();
  const socket = online(summary());
  say(client, "一");
  say(client, "二");
  socket.bring(refusal(socket.frames("send")[0], "rate_limited", 429, { retry_after_ms: 4000 }));
  await timers.advance(3900);
  same(socket.frames("send").length, 1);
  await timers.advance(200);
  same(socket.frames("send").map(({ body }) => body.text), ["一", "一"]);
  same(seen("refused").length, 0);
});

test("a storage that stays away is asked less and less often", async () => {
  const { client, online, timers } = bench();
  const socket = online(summary());
  say(client, "一");
  const waits = [];
  for (let round = 0; round < 4; round += 1) {
    const count = socket.frames("send").length;
    socket.bring(refusal(socket.frames("send")[count - 1], "storage_unavailable", 503));
    const from = timers.now();
    while (socket.frames("send").length === count && timers.now() - from < 60_000) await timers.advance(250);
    waits.push(timers.now() - from);
  }
  same(waits, [1000, 2000, 4000, 8000]);
});

test("refused for good: said once, kept for its writer, and the next message goes on", () => {
  const { client, online, seen } = bench();
  const socket = online(summary());
  const first = say(client, "一");
  say(client, "二");
  socket.bring(refusal(socket.frames("send")[0], "not_a_member", 403));
  same(seen("refused").map(({ error }) => [error.code, error.detail]), [["not_a_member", "refused: not_a_member"]]);
  same(statuses(client), ["refused", "sending"]);
  client.resend(first.clientMsgId);
  socket.bring(ack(socket.frames("send")[1], 1));
  same(socket.frames("send").map(({ body }) => body.text), ["一", "二", "一"]);
});

test("a refused message can be discarded, one under way cannot", () => {
  const { client, online } = bench();
  const socket = online(summary());
  const entry = say(client, "一");
  same(client.discard(entry.clientMsgId), false);
  socket.bring(refusal(socket.frames("send")[0], "not_a_member", 403));
  same(client.discard(entry.clientMsgId), true);
  same(statuses(client), []);
});

test("unsent messages survive a reload, in order", () => {
  const storage = new FakeStorage();
  const before = bench({ storage });
  before.online(summary()).cut();
  say(before.client, "一");
  say(before.client, "二");
  before.client.close();
  const after = bench({ storage });
  const socket = after.online(summary());
  socket.bring(ack(socket.frames("send")[0], 1));
  socket.bring(ack(socket.frames("send")[1], 2));
  same(socket.frames("send").map(({ body }) => body.text), ["一", "二"]);
  same(storage.length, 0);
});

test("a message that another tab has sent already disappears from this outbox", () => {
  const storage = new FakeStorage();
  const here = bench({ storage });
  const socket = here.online(summary());
  const { clientMsgId } = say(here.client, "一");
  socket.bring(message(1, { from: LIN, text: "一", clientMsgId }));
  same([texts(here.client), statuses(here.client), storage.length], [["一"], [], 0]);
});

test("held for review: kept in sight, not sent again", () => {
  const { client, online } = bench();
  const socket = online(summary());
  say(client, "一");
  socket.bring(ack(socket.frames("send")[0], 1, { status: "held", seq: null, msg_no: null }));
  socket.cut();
  client.poke();
  const next = online(summary());
  same([statuses(client), next.frames("send").length], [["held"], 0]);
});

test("what cannot be sent at all is refused at once and not queued", () => {
  const { client, online } = bench();
  online(summary());
  throwsCode(() => say(client, "长".repeat(5001)), "message_too_long");
  throwsCode(() => client.send(CHAT, { kind: "blob", body: { data: "x".repeat(70_000) } }), "too_large");
  throwsCode(() => client.send("not-an-id", { body: { text: "x" } }), "invalid_request");
  throwsCode(() => say(client, "x", { clientMsgId: "x".repeat(65) }), "invalid_request");
  throwsCode(() => say(client, "x", { clientMsgId: "中文" }), "invalid_request");
  same(statuses(client), []);
});

test("5,000 characters outside the basic plane are 5,000 characters", () => {
  const { client, online } = bench();
  online(summary());
  ok(say(client, "😀".repeat(5000)).clientMsgId);
});
