"""The state machine of conversations: people send, come, go, read; devices connect anywhere in the log; two nodes."""

from __future__ import annotations

import asyncio

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from messaging_core.api import create_group, open_direct
from tests.messaging_core.machines import model
from tests.messaging_core.machines.actions_model import Act, Action, Add, Remove, Rename, Send, SetRole
from tests.messaging_core.machines.device import Copy, Device
from tests.messaging_core.machines.devices import node_number, place
from tests.messaging_core.machines.nodes import GROUP_LIMIT, calm
from tests.messaging_core.machines.reviewing import Reviewing
from tests.messaging_core.machines.world import PEOPLE

person = st.integers(0, PEOPLE - 1)
client_id = st.sampled_from(["c1", "c2", "c3"])
words = st.sampled_from(["龙井", "普洱"])
step = st.tuples(
    node_number,
    st.sampled_from(
        ["leave", "removed", "added", "send", "recall", "delete", "rename", "made", "read", "sync", "sweep", "nothing"]
    ),
    st.integers(0, 3),
)


class ConversationMachine(Reviewing):
    """Invariants 1, 2 and 3 of the messenger, against a model in plain Python."""

    @initialize(connected=st.sets(person))
    def begin(self, connected: set[int]) -> None:
        """Start with a group of three and some connected devices."""

        async def work() -> None:
            await self.open()
            await self.make_group(0, [1, 2], "茶友群")
            for who in sorted(connected):
                self.connect(who % 2, Device(self.id(who)))
            await self.check()

        self.run(work())

    async def make_group(self, creator: int, others: list[int], title: str, *, on: int = 0) -> int:
        """Make a group, in the model too."""
        ids, actor = [self.id(other) for other in others], self.people[creator]
        chat = model.create(
            "group", title=title, creator=actor.account_id, others=ids, now=self.clock.at_us, limit=GROUP_LIMIT
        )
        made = await self.nodes[on].core.run(lambda unit: create_group(unit, actor, title=title, member_ids=ids))
        self.chats[made] = chat
        return made

    def of(self, at: int, rank: int) -> int:
        """Return somebody in a conversation, the highest in rank first, outsiders last."""
        chat = self.chats[self.pick(at)]
        order = {"owner": 0, "admin": 1, "member": 2}

        def key(who: int) -> tuple[int, int]:
            member = chat.place(self.id(who))
            return (order[member.role] if member is not None else 3, who)

        return sorted(range(PEOPLE), key=key)[rank]

    # --- what people do --------------------------------------------------------------------------------------

    @rule(creator=person, others=st.sets(person, max_size=3), title=words, on=node_number)
    def new_group(self, creator: int, others: set[int], title: str, on: int) -> None:
        """Make a group."""

        async def work() -> None:
            await self.make_group(creator, sorted(others - {creator}), title, on=on)
            await self.check()

        self.run(work())

    @rule(one=person, other=person, on=node_number)
    def new_direct(self, one: int, other: int, on: int) -> None:
        """Open a direct conversation; the second time it is the same."""
        if one == other:
            return
        ids = {self.id(one), self.id(other)}
        known = [key for key, chat in self.chats.items() if chat.kind == "direct" and set(chat.members) == ids]
        actor, peer = self.people[one], self.id(other)

        async def work() -> None:
            found = await self.nodes[on].core.run(lambda unit: open_direct(unit, actor, account_id=peer))
            assert (found == known[0]) if known else (found not in self.chats)
            if not known:
                self.chats[found] = model.create(
                    "direct", title="", creator=actor.account_id, others=[peer], now=self.clock.at_us
                )
            await self.check()

        self.run(work())

    @rule(on=node_number, at=place, sends=st.lists(st.tuples(person, client_id, words), min_size=1, max_size=5))
    def send(self, on: int, at: int, sends: list[tuple[int, str, str]]) -> None:
        """Send a few messages at once, through one node: one group commit, or several."""
        conversation_id = self.pick(at)
        wanted = [Send(self.id(who), key, text) for who, key, text in sends]
        expected = [send.apply(self.chats[conversation_id], self.clock.at_us) for send in wanted]

        async def work() -> None:
            told = await asyncio.gather(*[self.do(on, conversation_id, send) for send in wanted])
            assert told == expected
            await self.check()

        self.run(work())

    @rule(on=node_number, at=place, rank=person, to=person)
    def leave_or_remove(self, on: int, at: int, rank: int, to: int) -> None:
        """Leave a group, or remove somebody, with the right to or without."""
        self.change(on, at, Remove(self.id(self.of(at, rank)), self.id(self.of(at, to))))

    @rule(on=node_number, at=place, rank=person, to=st.lists(person, min_size=1, max_size=3))
    def add(self, on: int, at: int, rank: int, to: list[int]) -> None:
        """Add several, some of them in it already."""
        self.change(on, at, Add(self.id(self.of(at, rank)), tuple(self.id(who) for who in to)))

    @rule(on=node_number, at=place, rank=person, to=person, role=st.sampled_from(["owner", "admin", "member"]))
    def set_role(self, on: int, at: int, rank: int, to: int, role: str) -> None:
        """Appoint, dismiss, hand over."""
        self.change(on, at, SetRole(self.id(self.of(at, rank)), self.id(to), role))

    @rule(
        on=node_number,
        at=place,
        rank=person,
        what=st.sampled_from(["recall", "edit", "like", "unlike", "delete"]),
        which=st.integers(0, 7),
    )
    def act_on_message(self, on: int, at: int, rank: int, what: str, which: int) -> None:
        """Recall, edit, react to or delete for oneself some message, with the right to or without."""
        self.change(on, at, Act(self.id(self.of(at, rank)), what, which))

    @rule(at=place, rank=person, to=person, what=st.sampled_from(["recall", "edit", "like"]), which=st.integers(0, 7))
    def race_of_acts(self, at: int, rank: int, to: int, what: str, which: int) -> None:
        """Recall a message on one node while something else is done to it on the other."""
        conversation_id = self.pick(at)
        pair: list[Action] = [
            Act(self.id(self.of(at, rank)), "recall", which),
            Act(self.id(to), what, which),
        ]

        async def work() -> None:
            await self.at_once(conversation_id, pair)
            await self.check()

        self.run(work())

    @rule(on=node_number, at=place, rank=person, title=words)
    def rename(self, on: int, at: int, rank: int, title: str) -> None:
        """Give another title."""
        self.change(on, at, Rename(self.id(self.of(at, rank)), title))

    def change(self, on: int, at: int, action: Action) -> None:
        """Do one thing and compare everything."""

        async def work() -> None:
            await self.act(on, self.pick(at), action)
            await self.check()

        self.run(work())

    @rule(on=node_number, at=place, rank=person, msg_no=st.integers(0, 12))
    def read(self, on: int, at: int, rank: int, msg_no: int) -> None:
        """Move a read cursor, also where one is no member or beyond the end."""

        async def work() -> None:
            await self.mark_read(on, self.pick(at), self.id(self.of(at, rank)), msg_no)
            await self.check()

        self.run(work())

    @rule(at=place, rank=person, to=person, key=client_id, text=words, remove=st.booleans())
    def race(self, at: int, rank: int, to: int, key: str, text: str, remove: bool) -> None:
        """Do two things at once on two nodes: the result must be that of one order or the other."""
        conversation_id, account = self.pick(at), self.id(to)
        other: Action = Remove(self.id(self.of(at, rank)), account) if remove else Send(account, key, "红茶")
        pair: list[Action] = [Send(account, key, text), other]

        async def work() -> None:
            await self.at_once(conversation_id, pair)
            await self.check()

        self.run(work())

    # --- devices ---------------------------------------------------------------------------------------------

    @rule(on=node_number, who=person, at=place, beyond=st.integers(1, 3))
    def connect_wrongly(self, on: int, who: int, at: int, beyond: int) -> None:
        """Connect with a cursor that is ahead of the log, or of a conversation one never was in."""
        conversation_id, device = self.pick(at), Device(self.id(who))
        chat = self.chats[conversation_id]
        ahead = chat.last_seq + beyond
        device.copies[conversation_id] = Copy(ahead, None, 0, ahead)

        async def work() -> None:
            self.connect(on, device)
            await self.check()
            wrong = "cursor_ahead" if device.account_id in chat.members else "not_a_member"
            assert [told["code"] for told in device.told] == [wrong]
            self.disconnect(device)

        self.run(work())

    @rule(on=node_number, at=place, rank=person, missed=st.integers(0, 3), offline=st.booleans())
    def leave_and_return(self, on: int, at: int, rank: int, missed: int, offline: bool) -> None:
        """Leave, miss what is said, and come back: what was said meanwhile is not for him."""
        conversation_id, who = self.pick(at), self.of(at, rank)
        own, chat = self.id(who), self.chats[conversation_id]
        device = Device(own)

        async def work() -> None:
            self.connect(on, device)
            await self.check()
            if offline:
                self.disconnect(device)
            await self.act(on, conversation_id, Remove(own, own))
            first = self.id(self.of(at, 0))
            for _ in range(missed):
                await self.act(on, conversation_id, Send(first, f"m{chat.last_seq}", "黑茶"))
            await self.act(on, conversation_id, Add(first, (own,)))
            if offline:
                self.connect(1 - on, device)
            await self.check()

        self.run(work())

    # --- what may go wrong between ---------------------------------------------------------------------------

    @rule(
        on=node_number,
        at=place,
        rank=person,
        resume=st.booleans(),
        hold_bus=st.booleans(),
        lose_wakes=st.booleans(),
        before=st.integers(0, 3),
        steps=st.lists(step, min_size=1, max_size=4),
    )
    def connect_in_a_storm(
        self,
        on: int,
        at: int,
        rank: int,
        resume: bool,
        hold_bus: bool,
        lose_wakes: bool,
        before: int,
        steps: list[tuple[int, str, int]],
    ) -> None:
        """Connect while reads come back late, wake-ups are late or lost, and the membership changes all the while."""
        who = self.of(at, rank)
        waiting = [device for device in self.offline if device.account_id == self.id(who)]
        device = waiting[0] if resume and waiting else Device(self.id(who))
        if device in self.offline:
            self.offline.remove(device)

        async def work() -> None:
            database = self.nodes[on].database
            database.holding, self.bus.holding, self.bus.losing = True, hold_bus, lose_wakes
            connection = self.connect(on, device)
            for _, link in self.connections():
                link.device.lossy = True  # a read cursor may pass those by who are not live yet
            await self.let_go(on, before)
            for number, what, reads in steps:
                await self.storm_step(number, what, at, who)
                if what == "sync" and connection.ready:
                    self.sync(on, device, self.pick(at))
                await self.let_go(on, reads)
            database.release()
            self.bus.holding = self.bus.losing = False
            self.bus.deliver()
            if lose_wakes:
                self.lost_wakes, self.behind = True, [True, True]
            await self.check()

        self.run(work())

    async def let_go(self, on: int, count: int) -> None:
        """Let some held reads come back, and everything happen that can."""
        for _ in range(count):
            await calm(self.nodes)
            self.nodes[on].database.let_go(0)
        await calm(self.nodes)

    async def storm_step(self, on: int, what: str, at: int, who: int) -> None:
        """Change something that concerns somebody who is just connecting."""
        conversation_id, own, first = self.pick(at), self.id(who), self.id(self.of(at, 0))
        key = f"s{self.chats[conversation_id].last_seq}"
        if what == "leave":
            await self.act(on, conversation_id, Remove(own, own))
        elif what == "removed":
            await self.act(on, conversation_id, Remove(first, own))
        elif what == "added":
            await self.act(on, conversation_id, Add(first, (own,)))
        elif what == "send":
            await self.act(on, conversation_id, Send(first, key, "白茶"))
        elif what in ("recall", "delete"):
            await self.act(on, conversation_id, Act(first if what == "recall" else own, what, 0))
        elif what == "rename":
            await self.act(on, conversation_id, Rename(first, key))
        elif what == "made":
            await self.make_group((who + 1) % PEOPLE, [who], "新群", on=on)
        elif what == "read":
            await self.mark_read(on, conversation_id, own, self.chats[conversation_id].last_msg_no)
        elif what == "sweep":
            self.nodes[on].spawn(self.nodes[on].core.sweep.once())
