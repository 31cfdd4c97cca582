/**
 * The examples of protocol.md against the client: `produce` makes a real client send exactly the example's frame,
 * `accept` gives it the example and says what it understood. Both fail for a type that nobody has taught them.
 */
import { CHAT, QIAO, bench, message, summary, welcome } from "./fakes.js";
import { same } from "./harness.js";

/** How to bring a client to send a frame like the example. @type {Record<string, (example: any) => Promise<any> | any>} */
const PRODUCERS = {
  hello: (example) => {
    const [id, seq] = Object.entries(example.cursors)[0];
    const { client, online, socket } = bench({ token: example.token, lang: example.lang, name: example.client });
    online(summary({ id, last_seq: seq })).cut();
    client.poke();
    socket().open();
    return socket();
  },
  send: (example) => connected(({ client }) => client.send(example.conversation_id, {
    kind: example.kind, v: example.v, body: example.body, clientMsgId: example.client_msg_id,
    assignmentVersion: example.assignment_version,
    quote: quoteOf(example),
  })),
  read: (example) => connected(({ client, socket }) => {
    socket().bring(message(example.msg_no));
    client.markRead(example.conversation_id);
  }, { last_seq: example.msg_no - 1 }),
  typing: (example) => connected(({ client }) => client.signals.typing(example.conversation_id)),
  watch: (example) => connected(({ client }) => client.signals.watch(example.account_ids)),
  sync: (example) => connected(({ socket }) => socket().bring(message(example.after_seq + 2)), { last_seq: example.after_seq }),
  ping: () => connected(({ timers }) => timers.advance(26_000)),
};

/** What a client must know after the example. @type {Record<string, (example: any) => any>} */
const CONSUMERS = {
  welcome: (example) => {
    const { client } = given([example], { welcomed: false });
    const [state] = client.conversations();
    const [told] = example.conversations;
    same([client.status.phase, client.account, state.peer], ["online", example.account, told.peer]);
    same([state.lastSeq, state.lastMsgNo - state.readMsgNo, state.lastMessage], [told.last_seq, told.unread, told.last_message]);
  },
  synced: (example) => {
    const { socket } = given([example], { last_seq: example.seq });
    same(socket().frames("sync"), []);
  },
  ack: (example) => {
    const wire = given([]);
    wire.client.send(example.conversation_id, { body: { text: "龙井还有货吗？" }, clientMsgId: example.client_msg_id });
    wire.socket().bring(example);
    same(wire.client.outgoing(example.conversation_id).map(({ status, seq }) => [status, seq]), [[example.status, example.seq]]);
  },
  event: (example) => {
    const { client, seen } = given([example], { id: example.conversation_id, last_seq: example.seq - 1, kind: "group", session: {} });
    const state = client.conversation(example.conversation_id);
    same(state.lastSeq, example.data?.to_seq ?? example.seq);
    if (example.message?.seq === example.seq) same(seen("message").map((each) => each.message), [example.message]);
    if (example.message?.folded_ms) same([state.own.folded, seen("message")[0].alert], [true, example.alert]);
    if (example.kind === "member.joined") same(state.memberCount, 3);
    if (example.kind.startsWith("session.")) same([state.session.id, state.session.agent_name], [example.data.session_id, example.data.agent_name]);
  },
  conversation: (example) => {
    const { client } = given([example]);
    const state = client.conversation(example.conversation.id);
    same([state.title, state.lastSeq], [example.conversation.title, example.conversation.last_seq]);
  },
  cursor: (example) => {
    const { client } = given([example], { last_msg_no: example.msg_no });
    same(client.conversation(CHAT).cursors, { [example.account_id]: example.msg_no });
  },
  own: (example) => {
    const { client } = given([example], { id: example.conversation_id });
    same(client.conversation(example.conversation_id).own, example.own);
  },
  waiting: (example) => {
    same(given([example]).seen("waiting"), [{ conversationId: example.conversation_id, count: example.count }]);
  },
  typing: (example) => same(given([example]).client.signals.typers(example.conversation_id), [example.account_id]),
  presence: (example) => {
    const { online, at } = example;
    same(given([example]).client.signals.presence(QIAO.id), { online, at });
  },
  pending: (example) => {
    const wire = given([]);
    wire.client.send(example.conversation_id, { body: { text: "在吗" }, clientMsgId: example.client_msg_id });
    wire.socket().bring(example);
    same(wire.client.outgoing(example.conversation_id).map(({ status, rule }) => [status, rule]), [[example.status, example.rule]]);
    same(wire.seen("refused").map(({ error }) => error.data.rule), [example.rule]);
  },
  pong: (example) => same(given([example]).client.status.phase, "online"),
  error: (example) => {
    const wire = given([]);
    wire.client.send(example.data.conversation_id, { body: { text: "在吗" }, clientMsgId: example.data.client_msg_id });
    wire.socket().bring(example);
    same(wire.seen("refused").map(({ error }) => [error.code, error.status, error.detail]), [[example.code, example.status, example.detail]]);
  },
  closing: (example) => {
    const { client, socket, timers } = given([example]);
    socket().cut(4408);
    same([client.status.phase, client.status.retryAt - timers.now()], ["waiting", example.retry_after_ms]);
    same(client.status.reason.detail, example.detail);
  },
};

/** What the example answers and whom it calls, as `send` takes it. */
function quoteOf({ reply_to, mentions, mention_all }) {
  return reply_to === undefined && mentions === undefined ? undefined : { reply_to, mentions, mention_all };
}

/** @param {any} example a client frame of protocol.md */
export async function produce(example) {
  const producer = PRODUCERS[example.type];
  if (producer === undefined) throw new Error(`no test makes the client send ${example.type}`);
  const socket = await producer(example);
  const frame = socket.frames(example.type).at(-1);
  // A ref is the client's own choice.
  const plain = ({ ref, ...rest }) => rest;
  same(plain(frame), plain(example));
}

/** @param {any} example a server frame of protocol.md */
export async function accept(example) {
  const consumer = CONSUMERS[example.type];
  if (consumer === undefined) throw new Error(`no test gives the client ${example.type}`);
  await consumer(example);
}

/** Do something with a connected client and return its socket. */
async function connected(act, fields = {}) {
  const wire = bench();
  wire.online(summary(fields));
  await act(wire);
  return wire.socket();
}

/** A connected client to which the server has sent these frames, without a complaint from it. */
function given(frames, { welcomed = true, ...fields } = {}) {
  const wire = bench();
  wire.client.connect();
  wire.socket().open();
  if (welcomed) wire.socket().bring(welcome([summary(fields)]));
  wire.socket().bring(...frames);
  same(wire.seen("problem").map(({ code, detail }) => [code, detail]), []);
  return wire;
}
