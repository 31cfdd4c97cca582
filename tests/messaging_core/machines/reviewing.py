"""The rules of messages that wait for a reviewer: they have no number, nobody sees them, and each has one end."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.messaging_core.machines.actions_model import Remove, Send
from tests.messaging_core.machines.devices import Connecting, node_number, place
from tests.messaging_core.machines.doing import AnyAction
from tests.messaging_core.machines.model import LISTED, Key
from tests.messaging_core.machines.review_model import Appeal, Decide, TakeBack

VERDICTS = {"held": ("release", "confirm"), "appeal": ("grant", "reject")}

yes = st.sampled_from((True, True, False))
"""Whether a reviewer is on the sender's side, as he mostly is."""


class Reviewing(Connecting):
    """Invariant 2 of what is held: a number at its release, or none."""

    def anybody_of(self, conversation_id: int, at: int) -> int:
        """Return somebody who is or was in a conversation."""
        accounts = list(self.chats[conversation_id].members)
        return accounts[at % len(accounts)]

    def unsent(self) -> list[tuple[int, Key]]:
        """Return what waits, and what has ended without a number."""
        return [(conversation_id, key) for conversation_id, chat in self.chats.items() for key in chat.unsent]

    def decision(self, which: int, *, well: bool) -> tuple[int, Decide]:
        """Return a verdict on an open case, or on one of the last that are not."""
        known = sorted(self.cases, key=lambda case: self.cases[case])
        open_ones = [case for case in known if self.chats[case[0]].cases[case[1:]] == "open"]
        some = open_ones + [case for case in known if case not in open_ones][-2:]
        conversation_id, key, kind = some[which % len(some)]
        return conversation_id, Decide(self.reviewer.account_id, key, kind, VERDICTS[kind][0 if well else 1])

    @rule(
        on=node_number,
        at=place,
        who=place,
        key=st.sampled_from(("h1", "h2", "h3")),
        text=st.sampled_from((LISTED, LISTED, LISTED + "，日结", "龙井")),
        twice=st.booleans(),
    )
    def writes_what_is_held(self, on: int, at: int, who: int, key: str, text: str, twice: bool) -> None:
        """Write what a reviewer must see first, once or on both nodes at once."""
        conversation_id = self.pick(at)
        send = Send(self.anybody_of(conversation_id, who), key, text)

        async def work() -> None:
            if twice:
                await self.at_once(conversation_id, [send, send])
            else:
                await self.act(on, conversation_id, send)
            await self.check()

        self.run(work())

    @precondition(lambda self: self.unsent())
    @rule(
        on=node_number,
        which=place,
        what=st.sampled_from(("repeat", "reuse", "take back", "appeal", "appeal")),
    )
    def sender_asks(self, on: int, which: int, what: str) -> None:
        """The sender says the same again, or something else under its id, takes it back, or appeals."""
        found = self.unsent()
        conversation_id, key = found[which % len(found)]

        async def work() -> None:
            await self.act(on, conversation_id, self.of_sender(conversation_id, key, what))
            await self.check()

        self.run(work())

    def of_sender(self, conversation_id: int, key: Key, what: str) -> AnyAction:
        """Return what a sender does about a message of his that waits, or has waited."""
        if what == "take back":
            return TakeBack(*key)
        if what == "appeal":
            return Appeal(*key)
        if what == "leave":
            return Remove(key[0], key[0])
        chat = self.chats[conversation_id]
        text = chat.unsent[key].text if key in chat.unsent else chat.sent[key][0]
        return Send(*key, text if what == "repeat" else text + "呀")

    @precondition(lambda self: self.cases)
    @rule(on=node_number, which=place, well=yes)
    def decides(self, on: int, which: int, well: bool) -> None:
        """A reviewer decides, also what has been decided."""
        conversation_id, decision = self.decision(which, well=well)

        async def work() -> None:
            await self.act(on, conversation_id, decision)
            await self.check()

        self.run(work())

    @precondition(lambda self: self.cases)
    @rule(
        which=place,
        well=yes,
        other=st.sampled_from(("release", "confirm", "take back", "repeat", "appeal", "leave")),
    )
    def decides_while(self, which: int, well: bool, other: str) -> None:
        """A reviewer decides on one node; on the other another does, or the sender acts."""
        conversation_id, decision = self.decision(which, well=well)
        second: AnyAction
        if other in ("release", "confirm"):
            second = self.decision(which, well=other == "release")[1]
        elif other == "leave" and self.chats[conversation_id].kind != "group":
            second = TakeBack(*decision.key)
        else:
            second = self.of_sender(conversation_id, decision.key, other)

        async def work() -> None:
            await self.at_once(conversation_id, [decision, second])
            await self.check()

        self.run(work())
