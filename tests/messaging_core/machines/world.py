"""The ground of the state machines: two nodes, four people, the model, and what must always hold."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import msgspec
from hypothesis.stateful import RuleBasedStateMachine

from kefu.base.clock import format_time
from messaging_core.api import Actor, SendRequest, create_account
from messaging_core.conversations.summary import Summary
from messaging_core.errors import CoreError
from messaging_core.kernel.unit import Unit
from messaging_core.messages import model as core_model
from messaging_core.messages.model import Waiting
from tests.messaging_core.machines import model, stored
from tests.messaging_core.machines.actions_model import Act, Send
from tests.messaging_core.machines.device import Copy, Device
from tests.messaging_core.machines.doing import AnyAction, apply, to_work
from tests.messaging_core.machines.model import Chat, Key, Outcome, Waits
from tests.messaging_core.machines.nodes import Bus, Connection, Node, calm, close_node, open_node, settle
from tests.messaging_core.machines.review_model import Decide
from tests.support.clock import FakeClock

T = TypeVar("T")
PEOPLE = 4


class World(RuleBasedStateMachine):
    """Runs each rule on one event loop, and compares everything with the model afterwards."""

    def __init__(self, url: str, start_us: int) -> None:
        super().__init__()
        self.url = url
        self.runner = asyncio.Runner()
        self.clock = FakeClock(start_us)
        self.bus = Bus()
        self.nodes: list[Node] = []
        self.people: list[Actor] = []
        self.reviewer: Actor
        self.chats: dict[int, Chat] = {}
        self.message_ids: dict[tuple[int, int], int] = {}
        self.offline: list[Device] = []
        self.seqs: dict[AnyAction, int] = {}
        self.cases: dict[tuple[int, Key, str], int] = {}
        """(conversation, message, kind) -> the reviewers' case."""
        self.lost_wakes = False
        """Whether any wake-up was lost in this story."""
        self.behind = [False, False]
        """Nodes that may have missed a wake-up since their last sweep."""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the machine's loop."""
        return self.runner.run(work)

    async def open(self) -> None:
        """Start two nodes with four people."""
        self.nodes = [await open_node(self.url, number=number, clock=self.clock, bus=self.bus) for number in (0, 1)]
        self.people = await self.nodes[0].core.run(self.make_people)
        account_id = await self.nodes[0].core.run(
            lambda unit: create_account(unit, None, name="审核员", kind="personal")
        )
        self.reviewer = Actor(account_id, "personal", "审核员", scopes=frozenset({"chat", "operator"}))

    def make_people(self, unit: Unit) -> list[Actor]:
        """Make the accounts of the story."""
        ids = [create_account(unit, None, name=f"茶友{n}", kind="personal") for n in range(PEOPLE)]
        return [Actor(account_id=id_, kind="personal", name=f"茶友{n}") for n, id_ in enumerate(ids)]

    def teardown(self) -> None:
        """Bring everything to rest, compare all with the model, and end."""
        try:
            self.run(self.end())
        finally:
            self.runner.close()

    async def end(self) -> None:
        """Sweep, compare everything a last time, close the nodes."""
        try:
            if self.people:
                for number in range(len(self.nodes)):
                    await self.sweep_node(number)
                await self.check()
                for conversation_id in self.chats:
                    await self.check_stored(conversation_id)
        finally:
            for node in self.nodes:
                await close_node(node)

    # --- doing -----------------------------------------------------------------------------------------------

    def pick(self, at: int) -> int:
        """Return one of the conversations."""
        return list(self.chats)[at % len(self.chats)]

    def id(self, who: int) -> int:
        """Return a person's account."""
        return self.people[who].account_id

    def connections(self) -> list[tuple[Node, Connection]]:
        """Return all live connections."""
        return [(node, connection) for node in self.nodes for connection in node.connections]

    def connect(self, on: int, device: Device) -> Connection:
        """Connect a device with the cursors it holds."""
        device.begin({conversation_id: len(chat.told) for conversation_id, chat in self.chats.items()})
        cursors = {conversation_id: held.cursor for conversation_id, held in device.copies.items()}
        actor = next(actor for actor in self.people if actor.account_id == device.account_id)
        return self.nodes[on].connect(actor, device, cursors)

    def disconnect(self, device: Device) -> None:
        """Lose a device's connection."""
        for node, connection in self.connections():
            if connection.device is device:
                node.disconnect(connection)

    async def act(self, on: int, conversation_id: int, action: AnyAction) -> None:
        """Do one thing and compare what is told with the model."""
        self.place(conversation_id, action)
        expected = apply(action, self.chats[conversation_id], self.clock.at_us)
        assert await self.do(on, conversation_id, action) == expected

    def place(self, conversation_id: int, action: AnyAction) -> None:
        """Settle which message an act is about, as its actor sees it before he acts."""
        if isinstance(action, Act):
            self.seqs[action] = action.seq(self.chats[conversation_id])

    async def at_once(self, conversation_id: int, pair: Sequence[AnyAction]) -> None:
        """Do two things at once, on two nodes: the result must be that of one order or the other."""
        for action in pair:
            self.place(conversation_id, action)
        told = await asyncio.gather(*[self.do(on, conversation_id, action) for on, action in enumerate(pair)])
        await self.adopt(conversation_id, pair, told)

    async def adopt(self, conversation_id: int, steps: Sequence[AnyAction], told: Sequence[Outcome]) -> None:
        """Find the order of steps that explains what each was told and what is stored now; the model goes that way."""
        before, database = self.chats[conversation_id], self.nodes[0].database
        events = await stored.read_log(database, conversation_id, after=before.last_seq)
        log = [stored.to_entry(event) for event in events]
        unsent = (await stored.read_unsent(database, [conversation_id])).messages[conversation_id]
        for order in itertools.permutations(range(len(steps))):
            after = before.copy()
            results = {number: apply(steps[number], after, self.clock.at_us) for number in order}
            explains = all(results[number] == told[number] for number in order)
            if explains and after.log[before.last_seq :] == log and after.unsent == unsent:
                self.chats[conversation_id] = after
                return
        raise AssertionError(f"no order of {steps} gives {told}, {log} and {unsent}")

    async def do(self, on: int, conversation_id: int, action: AnyAction) -> Outcome:
        """Do one thing through a node and return what it told."""
        core = self.nodes[on].core
        actor = next(one for one in (*self.people, self.reviewer) if one.account_id == action.actor)
        if isinstance(action, Send):
            request = text(actor, conversation_id, action.client_msg_id, action.text, version=action.version)
            return self.note(conversation_id, await core.send(request))
        about = self.seqs.get(action, 0)
        if isinstance(action, Decide):
            about = self.cases[conversation_id, action.key, action.kind]
        try:
            await core.run(to_work(actor, conversation_id, action, about=about))
        except CoreError as refusal:
            return Outcome(refused=refusal.code)
        return model.DONE

    def note(self, conversation_id: int, told: core_model.Outcome) -> Outcome:
        """Remember what was acknowledged: it must be stored under this id for ever."""
        if isinstance(told, CoreError):
            return Outcome(refused=told.code, rule=str(told.data.get("rule", "")))
        if isinstance(told, Waiting):
            waits = Waits(told.status, told.rule, told.until_us, told.at_us)
            return Outcome(waits=waits, duplicate=told.duplicate)
        known = self.message_ids.setdefault((conversation_id, told.seq), told.message_id)
        assert known == told.message_id, "the same place was acknowledged for two messages"
        return Outcome(seq=told.seq, msg_no=told.msg_no, duplicate=told.duplicate)

    async def mark_read(self, on: int, conversation_id: int, account: int, msg_no: int) -> None:
        """Move a read cursor, in the model too."""
        model.read(self.chats[conversation_id], account, msg_no)
        self.nodes[on].core.mark_read(conversation_id, account, msg_no)
        await calm(self.nodes)

    async def sweep_node(self, number: int) -> None:
        """Run a node's sweep to its end."""
        await self.nodes[number].core.sweep.once()
        await settle(self.nodes)
        self.behind[number] = False

    # --- comparing -------------------------------------------------------------------------------------------

    async def check(self) -> None:
        """Come to rest and compare every connected device, and every member's summary, with the model."""
        await settle(self.nodes)
        await self.check_unsent()
        accounts = [actor.account_id for actor in self.people]
        fresh = await stored.read_summaries(
            self.nodes[0].database, accounts, list(self.chats), self.nodes[0].core.moment()
        )
        members = {(account, key) for key, chat in self.chats.items() for account in chat.present()}
        assert fresh.keys() == members
        for (account, key), summary in fresh.items():
            stored.check_summary(summary, self.chats[key], self.chats[key].members[account])
        for number, node in enumerate(self.nodes):
            for connection in node.connections:
                self.check_seen(connection.device)
                if not self.behind[number]:
                    self.check_device(connection, fresh)

    async def check_unsent(self) -> None:
        """Compare what waits with the model, and have every sender of a released message hear its number."""
        found = await stored.read_unsent(self.nodes[0].database, list(self.chats))
        for conversation_id, chat in self.chats.items():
            assert found.messages[conversation_id] == chat.unsent, f"{found.messages[conversation_id]}\n{chat.unsent}"
            for (sender, key), (words, seq, msg_no) in chat.sent.items():
                if (conversation_id, seq) not in self.message_ids:
                    told = await self.do(seq % 2, conversation_id, Send(sender, key, words))
                    assert told == Outcome(seq=seq, msg_no=msg_no, duplicate=True)
        for (conversation_id, message, kind), (case_id, state) in found.cases.items():
            assert self.chats[conversation_id].cases[message, kind] == state
            assert self.cases.setdefault((conversation_id, message, kind), case_id) == case_id, "it has two cases"

    def check_told(self, device: Device) -> None:
        """See that a device heard what became of its account's waiting messages, and of nobody else's."""
        expected = [
            (str(conversation_id), key[1], waits.status, waits.rule, waits.until and format_time(waits.until))
            for conversation_id, chat in self.chats.items()
            for key, waits in chat.told[device.told_before.get(conversation_id, 0) :]
            if key[0] == device.account_id
        ]
        names = ("conversation_id", "client_msg_id", "status", "rule", "until")
        heard = [tuple(frame[name] for name in names) for frame in device.pending]
        assert sorted(heard, key=str) == sorted(expected, key=str)

    def check_seen(self, device: Device) -> None:
        """See that a device was sent only what its account may see, and that it is what was said."""
        assert not device.wrongs, device.wrongs
        self.check_told(device)
        for conversation_id, held in device.copies.items():
            chat = self.chats[conversation_id]
            member = chat.members.get(device.account_id)
            assert member is not None, "a conversation came to somebody who never was a member"
            for seq, frame in held.events.items():
                assert member.may_see(seq), f"{seq} reached somebody who was no member then"
                assert as_seen(frame, chat, device.account_id), f"{frame} is not {chat.log[seq - 1]}"
            starts = {first for first, _ in member.spells}
            for seq in held.hidden:
                assert seq + 1 in held.hidden or seq + 1 in starts, "a tombstone ends where nobody came in"
            for seq in held.private:
                entry = chat.log[seq - 1]
                assert entry.kind == "message.deleted"
                assert entry.actor != device.account_id
            assert set(held.events) | held.hidden | held.private >= set(range(held.start + 1, held.cursor + 1))

    def check_device(self, connection: Connection, fresh: stored.Summaries) -> None:
        """Compare what a device has with what it should have."""
        device = connection.device
        for conversation_id, chat in self.chats.items():
            member, held = chat.members.get(device.account_id), device.copies.get(conversation_id)
            if held is None:
                assert member is None or not member.present, "a conversation did not come"
                continue
            assert member is not None
            ends = [chat.last_seq if member.present else member.spells[-1][1]]
            if self.lost_wakes and not member.present:
                # Whoever came and went unheard of between two sweeps learns of it when he connects again.
                ends += [last for _, last in member.spells]
            assert held.cursor in ends, f"{device.account_id} has {held.cursor} of {ends}"
            assert device.asked_again or not held.repeated, "something came twice"
            if member.present:
                self.check_copy(device, held, fresh[device.account_id, conversation_id])
        missing = [key for key in connection.cursors if key in device.copies and key not in device.synced]
        assert not missing, f"no synced for {missing}"

    def check_copy(self, device: Device, held: Copy, fresh: Summary) -> None:
        """Compare a device's summary, made by applying events, with a fresh one."""
        if held.summary is None or held.summary_seq < held.cursor:
            return  # a tombstone lies between: a client fetches it again
        mine, now = dict(held.summary), msgspec.json.decode(msgspec.json.encode(fresh))
        if device.lossy:
            for key in ("read_msg_no", "unread"):
                mine.pop(key), now.pop(key)
        assert mine == now, f"{mine}\n{now}"

    async def check_stored(self, conversation_id: int) -> None:
        """Compare the stored log and messages with the model: acknowledged is stored, and nothing else."""
        chat, database = self.chats[conversation_id], self.nodes[0].database
        log = await stored.read_log(database, conversation_id)
        assert [stored.to_entry(event) for event in log] == chat.log
        rows = await stored.read_messages(database, conversation_id)
        sent = enumerate(chat.log, start=1)
        assert rows == {seq: entry.message for seq, entry in sent if entry.kind == "message.sent"}
        assert sorted(row.msg_no for row in rows.values()) == list(range(1, chat.last_msg_no + 1))
        for event in log:
            assert self.message_ids.get((conversation_id, event.seq)) == event.message_id


def text(
    actor: Actor, conversation_id: int, client_msg_id: str, words: str, *, version: int | None = None
) -> SendRequest:
    """Return a text on its way."""
    return SendRequest(
        actor=actor,
        conversation_id=conversation_id,
        client_msg_id=client_msg_id,
        kind="text",
        v=1,
        body=msgspec.json.encode({"text": words}),
        settle=lambda _request, _outcome: None,
        assignment_version=version,
    )


def as_seen(frame: dict[str, Any], chat: Chat, account: int) -> bool:
    """Return whether a frame is what the log says now, or said when it was sent, or a tombstone of one's own."""
    seen, seq = as_entry(frame), frame["seq"]
    if seen.message is not None and (account, seen.message.msg_no) in chat.deleted and frame["message"]["body"] == {}:
        now = chat.log[seq - 1].message
        assert now is not None
        return frame["message"]["kind"] == "deleted" and now.sender == seen.message.sender
    return seen == chat.log[seq - 1] or seen in chat.past.get(seq, [])


def as_entry(frame: dict[str, Any]) -> model.Entry:
    """Return an event frame as the model writes it."""
    return stored.entry(frame["kind"], frame["actor_id"], frame.get("data") or {}, frame.get("message"))
