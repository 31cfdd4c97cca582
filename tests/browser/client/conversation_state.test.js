import {
  alertOf, applyCursor, applyEvent, applyOwn, fromSummary, isGap, mergeSummary, prependHistory, unfold, unreadOf,
} from "/client/kefu.js";
import { AT, LIN, QIAO, change, message, summary } from "./fakes.js";
import { ok, same, test } from "./harness.js";

const start = (fields) => fromSummary(summary(fields), LIN.id);

test("the same event twice gives the same state back", () => {
  const once = applyEvent(start(), message(1));
  ok(applyEvent(once, message(1)) === once);
});

test("an event behind a gap changes nothing and is recognised", () => {
  const state = start();
  ok(isGap(state, message(2)));
  ok(applyEvent(state, message(2)) === state);
});

test("a tombstone advances to its to_seq and shows nothing", () => {
  const state = applyEvent(start(), change(1, "hidden", { to_seq: 6 }));
  same([state.lastSeq, state.timeline.length], [6, 0]);
  same(applyEvent(state, message(7)).timeline.length, 1);
});

test("a tombstone that overlaps what is held advances over the rest", () => {
  const state = applyEvent(start({ last_seq: 4 }), change(3, "hidden", { to_seq: 6 }));
  same(state.lastSeq, 6);
});

test("what had waited was written before what came meanwhile, and reads nothing of it", () => {
  const released = { from: LIN, msgNo: 4, released: true };
  const behind = applyEvent(start({ last_seq: 3, last_msg_no: 3, read_msg_no: 1 }), message(4, released));
  same([behind.readMsgNo, unreadOf(behind)], [1, 3]);
  const read = applyEvent(start({ last_seq: 3, last_msg_no: 3, read_msg_no: 3 }), message(4, released));
  same([read.readMsgNo, unreadOf(read)], [4, 0]);
  const theirs = applyEvent(applyCursor(start({ last_seq: 3, last_msg_no: 3 }), QIAO.id, 1), message(4, { ...released, from: QIAO }));
  same(theirs.cursors[QIAO.id], 1);
});

test("how loud a message is: its class says it, but for do-not-disturb, and one's own is silent", () => {
  const loud = (fields, sound) => alertOf({ ...message(1, fields), ...sound }, LIN.id);
  same([loud({}), loud({}, { alert: "badge" }), loud({ class: "marketing" }), loud({ class: "system" })], ["ring", "badge", "folded", "banner"]);
  same([loud({ from: LIN }), alertOf(change(1, "conversation.renamed", {}), LIN.id)], [null, null]);
});

test("whoever writes too fast is folded until the time that his messages say", () => {
  let state = applyEvent(start(), message(1));
  same(state.own.folded, false);
  state = applyEvent(applyEvent(state, message(2, { folded_ms: 60_000 })), message(3, { folded_ms: 30_000 }));
  state = applyEvent(state, message(4, { from: LIN, folded_ms: 90_000 }));
  const until = Date.parse(AT) + 60_000;
  same([state.own.folded, state.own.folded_until], [true, new Date(until).toISOString()]);
  ok(unfold(state, until - 1) === state);
  same([unfold(state, until).own.folded, unfold(state, until).own.folded_until], [false, null]);
  const muted = applyOwn(state, { ...state.own, version: 1, muted: true, folded: false, folded_until: null });
  same([muted.own.muted, muted.own.folded], [true, true]);
  const visitor = applyEvent(start({ kind: "service", enterprise_id: "50", role: "customer" }), message(1, { folded_ms: 60_000 }));
  same([visitor.own.folded, visitor.own.folded_until], [false, null]);
});

test("an offer is folded for whom it is for, until something else is said or it is taken back", () => {
  const shop = (role) => start({ kind: "service", enterprise_id: "50", role });
  const folded = (role, ...events) => events.reduce(applyEvent, shop(role)).own.folded;
  const offer = message(1, { class: "marketing" });
  same([folded("customer", offer), folded("agent", offer), folded("customer", offer, message(2))], [true, false, false]);
  const { class: _, ...plain } = offer.message;
  const recall = { ...change(2, "message.recalled"), message: { ...plain, kind: "recalled", body: { by: QIAO.id } } };
  same(folded("customer", offer, recall), false);
});

test("unread counts messages, not events, and writing is reading", () => {
  let state = start({ last_seq: 3, last_msg_no: 2, read_msg_no: 1 });
  same(unreadOf(state), 1);
  state = applyEvent(state, change(4, "conversation.renamed", { title: "茶友" }));
  same(unreadOf(state), 1);
  state = applyEvent(state, message(5, { msgNo: 3 }));
  same(unreadOf(state), 2);
  state = applyEvent(state, message(6, { msgNo: 4, from: LIN }));
  same(unreadOf(state), 0);
});

test("a read cursor never moves back", () => {
  const state = applyCursor(start({ last_msg_no: 9, read_msg_no: 7 }), LIN.id, 5);
  same(state.readMsgNo, 7);
  const other = applyCursor(applyCursor(state, QIAO.id, 6), QIAO.id, 4);
  same(other.cursors, { [QIAO.id]: 6 });
});

test("a summary that is older than the state changes nothing but the read cursor", () => {
  const state = applyEvent(start({ title: "旧" }), change(1, "conversation.renamed", { title: "新" }));
  const merged = mergeSummary(state, summary({ title: "旧", last_seq: 0, read_msg_no: 0 }));
  same(merged.title, "新");
});

test("while missed events are applied, the last message stays the one that the summary told", () => {
  const last = message(3).message;
  const state = mergeSummary(start(), summary({ last_seq: 3, last_msg_no: 3, last_message: last }));
  same(applyEvent(state, message(1)).lastMessage, last);
});

test("a join that the summary already counts is not counted twice", () => {
  const state = mergeSummary(start({ member_count: 2 }), summary({ last_seq: 1, member_count: 3 }));
  same(applyEvent(state, change(1, "member.joined", { account_id: "9", name: "小米", role: "member" })).memberCount, 3);
});

test("who is removed is no member any more, and is one again when he returns", () => {
  let state = applyEvent(start(), change(1, "member.left", { account_id: LIN.id, reason: "removed" }));
  same(state.isMember, false);
  state = mergeSummary(state, summary({ last_seq: 5, joined_seq: 5 }));
  same(state.isMember, true);
});

test("applying the missed events to a stale state equals fetching afresh", () => {
  for (let seed = 1; seed <= 300; seed += 1) checkStaleEqualsFresh(seed);
});

/** One random history, cut at a random place. */
function checkStaleEqualsFresh(seed) {
  const random = generator(seed);
  const { events, summaries } = randomHistory(random, 5 + Math.floor(random() * 40));
  const end = events.length;
  const cut = Math.floor(random() * (end + 1));
  const all = (state) => prependHistory(state, events, 1);
  const apply = (state, list) => list.reduce(applyEvent, state);
  const fresh = all(fromSummary(summaries[end], LIN.id));
  // Missed, with some of it twice, as after a reconnect.
  const again = events.slice(Math.max(0, cut - 3));
  const stale = apply(all(fromSummary(summaries[cut], LIN.id)), again);
  const told = apply(mergeSummary(all(fromSummary(summaries[cut], LIN.id)), summaries[end]), again);
  const replayed = apply(mergeSummary(fromSummary(summaries[0], LIN.id), summaries[end]), events);
  for (const [name, state] of Object.entries({ stale, told, replayed })) {
    same({ ...state, summarySeq: 0 }, { ...fresh, summarySeq: 0 }, `seed ${seed}, cut ${cut} of ${end}: ${name}`);
  }
}

/** Events, and the summary that the server would give after each of them, kept by other code than the client's. */
function randomHistory(random, length) {
  const events = [];
  const now = { title: "茶友群", members: new Set([LIN.id, QIAO.id]), msgNo: 0, read: 0, last: null, role: "member",
    sent: [], called: new Set(), events };
  const snapshot = (seq) => summary({
    kind: "group", peer: null, title: now.title, last_seq: seq, last_msg_no: now.msgNo, read_msg_no: now.read,
    member_count: now.members.size, last_message: now.last, role: now.role,
    mentions: [...now.called].filter((msgNo) => msgNo > now.read),
  });
  const summaries = [snapshot(0)];
  for (let seq = 1; seq <= length; seq += 1) {
    events.push(randomEvent(random, now, seq));
    summaries.push(snapshot(seq));
  }
  return { events, summaries };
}

function randomEvent(random, now, seq) {
  const dice = random();
  const someone = String(20 + Math.floor(random() * 4));
  if (dice < 0.1) {
    now.title = `群 ${seq}`;
    return change(seq, "conversation.renamed", { title: now.title });
  }
  if (dice < 0.25 && !now.members.has(someone)) {
    now.members.add(someone);
    return change(seq, "member.joined", { account_id: someone, name: `成员${someone}`, role: "member" });
  }
  if (dice < 0.35 && now.members.delete(someone)) return change(seq, "member.left", { account_id: someone, reason: "left" });
  if (dice < 0.4) {
    now.role = now.role === "member" ? "admin" : "member";
    return change(seq, "member.role_changed", { account_id: LIN.id, role: now.role });
  }
  if (dice < 0.45) return change(seq, "hidden", { to_seq: seq });
  if (dice < 0.6 && now.sent.length > 0) return changeOf(random, now, seq);
  now.msgNo += 1;
  const from = random() < 0.4 ? LIN : QIAO;
  if (from === LIN) now.read = now.msgNo;
  const event = message(seq, { from, msgNo: now.msgNo });
  if (from !== LIN && random() < 0.3) {
    event.message.mentions = [LIN.id];
    now.called.add(now.msgNo);
  }
  now.last = event.message;
  now.sent.push(event);
  return event;
}

/** A recall or a reaction: an event that brings an earlier message as it is from now on. */
function changeOf(random, now, seq) {
  const about = now.sent[Math.floor(random() * now.sent.length)];
  const recalled = random() < 0.5;
  const { mentions, reactions, ...plain } = about.message;
  const after = recalled
    ? { ...plain, kind: "recalled", body: { by: QIAO.id } }
    : { ...about.message, reactions: { "👍": [QIAO.id, String(seq)] } };
  // As the server replays it: every event about a message brings it as it is by then.
  for (const event of now.events) if (event.message?.seq === about.seq) event.message = after;
  if (recalled) now.called.delete(after.msg_no);
  if (now.last.seq === after.seq) now.last = after;
  return { ...change(seq, recalled ? "message.recalled" : "message.reacted"), message: after };
}

/** Mulberry32: the same numbers for the same seed. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
