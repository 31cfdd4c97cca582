import { Outbox } from "/client/outbox.js";
import { CHAT, FakeStorage, LIN } from "./fakes.js";
import { ok, same, test } from "./harness.js";

const draft = (text, fields = {}) => ({ conversationId: CHAT, kind: "text", v: 1, body: { text }, ...fields });
const textsOf = (outbox) => outbox.of(CHAT).map(({ body }) => body.text);

test("the order of writing is kept even when the clock stands still or jumps back, and over a reload", () => {
  const storage = new FakeStorage();
  const times = [5000, 5000, 4000, 3000];
  const outbox = new Outbox({ storage, now: () => times.shift() });
  outbox.bind(LIN.id);
  for (const text of ["一", "二", "三", "四"]) outbox.add(draft(text));
  storage.items = new Map([...storage.items].reverse());
  const reloaded = new Outbox({ storage, now: () => 1 });
  reloaded.bind(LIN.id);
  reloaded.add(draft("五"));
  same(textsOf(reloaded), ["一", "二", "三", "四", "五"]);
});

test("one message of a conversation is under way at a time, others do not wait for it", () => {
  const outbox = new Outbox();
  const first = outbox.add(draft("一"));
  const second = outbox.add(draft("二"));
  const elsewhere = outbox.add(draft("别处", { conversationId: "2" }));
  same(outbox.next(CHAT).clientMsgId, first.clientMsgId);
  const sending = outbox.update(first, { status: "sending" });
  same(outbox.next(CHAT), null);
  same(outbox.next("2").clientMsgId, elsewhere.clientMsgId);
  outbox.update(sending, { status: "refused" });
  same(outbox.next(CHAT).clientMsgId, second.clientMsgId);
});

test("a lost connection puts what was under way back in its place", () => {
  const outbox = new Outbox();
  outbox.update(outbox.add(draft("一")), { status: "sending" });
  outbox.add(draft("二"));
  same(outbox.requeue(), [CHAT]);
  same(outbox.next(CHAT).body.text, "一");
});

test("what the server has acknowledged leaves the storage, what it refused stays", () => {
  const storage = new FakeStorage();
  const outbox = new Outbox({ storage });
  outbox.bind(LIN.id);
  outbox.update(outbox.add(draft("到了")), { status: "sent", seq: 1 });
  outbox.update(outbox.add(draft("不行")), { status: "refused" });
  same(storage.length, 1);
  same(textsOf(outbox), ["到了", "不行"]);
});

test("two tabs of one account do not lose each other's messages", () => {
  const storage = new FakeStorage();
  const [one, other] = [new Outbox({ storage }), new Outbox({ storage })];
  one.bind(LIN.id);
  other.bind(LIN.id);
  one.add(draft("这边"));
  other.add(draft("那边"));
  const third = new Outbox({ storage });
  third.bind(LIN.id);
  same(textsOf(third).sort(), ["这边", "那边"].sort());
});

test("nobody reads the messages of another account", () => {
  const storage = new FakeStorage();
  const lin = new Outbox({ storage });
  lin.bind(LIN.id);
  lin.add(draft("悄悄话"));
  const other = new Outbox({ storage });
  other.bind("99");
  same(textsOf(other), []);
});

test("what was written before the account was known is stored once it is", () => {
  const storage = new FakeStorage();
  const outbox = new Outbox({ storage });
  outbox.add(draft("早"));
  same(storage.length, 0);
  outbox.bind(LIN.id);
  same(storage.length, 1);
});

test("a broken item in the storage is reported and removed, the others are read", () => {
  const storage = new FakeStorage();
  const outbox = new Outbox({ storage });
  outbox.bind(LIN.id);
  outbox.add(draft("好的"));
  storage.items.set(`kefu.outbox.${LIN.id}.broken`, "{oops");
  storage.items.set(`kefu.outbox.${LIN.id}.wrong`, JSON.stringify({ clientMsgId: 7 }));
  storage.items.set("somebody.else", "{oops");
  const problems = [];
  const reloaded = new Outbox({ storage, onProblem: (error) => problems.push(error.code) });
  reloaded.bind(LIN.id);
  same(textsOf(reloaded), ["好的"]);
  same(problems, ["storage", "storage"]);
  same(storage.length, 2);
});

test("a full storage is reported, and the message is still there to be sent", () => {
  const storage = new FakeStorage();
  const problems = [];
  const outbox = new Outbox({ storage, onProblem: (error) => problems.push(error.code) });
  outbox.bind(LIN.id);
  storage.full = true;
  const entry = outbox.add(draft("满了"));
  same(problems, ["storage"]);
  ok(outbox.next(CHAT).clientMsgId === entry.clientMsgId);
});
