"""Invariant 4 as a state machine: whatever happens around it, each message has one turn and each turn one outcome."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bot.settings import BotSettings
from bot.worker import BotWorker
from messaging_core.api import (
    Core,
    Delivery,
    Unit,
    close,
    find_session,
    hand_back,
    list_events,
    request_agent,
    take,
)
from messaging_core.errors import CoreError
from messaging_core.settings import Settings
from tests.bot.worker import stories
from tests.bot.worker.deciders import Answer, Deciding, call_human, echo, keep_silent
from tests.bot.worker.test_failures import explode
from tests.bot.worker.world import Shop
from tests.messaging_core.integrations.helpers import quick, until
from tests.support.cast import make_cast
from tests.support.clock import FakeClock

SETTINGS = BotSettings(auto_reply=True, greeting="您好", deadline_ms=10_000)
HURRIED = BotSettings(auto_reply=True, greeting="您好", deadline_ms=50)
ANSWERS: dict[str, Answer] = {"echo": echo, "human": call_human, "silent": keep_silent, "explode": explode}
STEPS = {"take": take, "hand_back": hand_back, "close": close}

customer = st.sampled_from(("lin", "mi"))
agent = st.sampled_from(("qiao", "zhou"))
TURNS = st.integers(0, 12)
"""How often the loop turns before the next thing happens."""


class TurnMachine(RuleBasedStateMachine):
    """Two customers, two agents, one worker; the log and the bot's tables are compared at every rest."""

    def __init__(self, url: str, start_us: int) -> None:
        super().__init__()
        folder = Path(mkdtemp(prefix="kefu-turns-"))
        self.settings = quick(Settings(data=folder, database=url))
        self.clock = FakeClock(start_us)
        self.loop = asyncio.new_event_loop()
        self.decider = Deciding()
        self.chats: dict[str, int] = {}
        self.others: list[asyncio.Task[None]] = []

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Let the loop turn until something is done."""
        return self.loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        """Open the shop and both conversations."""

        async def work() -> None:
            core = Core(self.settings, clock=self.clock)
            await core.start()
            self.shop = await Shop(core, await make_cast(core), self.decider).open(SETTINGS)
            self.chats = {who: await self.shop.ask(who) for who in ("lin", "mi")}

        self.run(work())

    @rule(who=customer, count=st.integers(1, 3), turns=TURNS)
    def says(self, who: str, count: int, turns: int) -> None:
        """A burst; more may come before it is answered."""

        async def work() -> None:
            for number in range(count):
                self.clock.advance(seconds=0.001)
                await self.shop.say(self.chats[who], f"话{number}", who=who)
            await self.let_turn(turns)

        self.run(work())

    @rule(name=st.sampled_from(sorted(ANSWERS)))
    def decides(self, name: str) -> None:
        """From now on the decider answers so."""
        self.decider.answer = ANSWERS[name]

    @rule()
    def holds(self) -> None:
        """Decisions take long from now on."""
        self.decider.wait()

    @rule(turns=TURNS)
    def goes(self, turns: int) -> None:
        """Decisions under way come to their end."""
        self.decider.go()
        self.run(self.let_turn(turns))

    @rule(who=customer, by=agent, what=st.sampled_from(sorted(STEPS)), turns=TURNS)
    def at_the_desk(self, who: str, by: str, what: str, turns: int) -> None:
        """An agent takes over, hands back or closes, if he may."""

        async def work() -> None:
            session = await self.session(who)
            with contextlib.suppress(CoreError):
                await self.shop.core.run(lambda unit: STEPS[what](unit, self.shop.cast[by], session_id=session))
            await self.let_turn(turns)

        self.run(work())

    @rule(who=customer)
    def wants_a_human(self, who: str) -> None:
        """The customer presses the button."""

        async def work() -> None:
            session = await self.session(who)

            def action(unit: Unit) -> None:
                request_agent(unit, self.shop.cast[who], session_id=session, reason="button")

            with contextlib.suppress(CoreError):
                await self.shop.core.run(action)

        self.run(work())

    @rule(who=customer, back=st.integers(0, 5), turns=TURNS)
    def is_told_again(self, who: str, back: int, turns: int) -> None:
        """An event is handed over once more, beside what is under way, as by a node whose lease had run out.

        It too takes them in order: what comes after the first that waits has not been handed to anybody yet.
        """

        async def work() -> None:
            events = await self.shop.core.read(
                lambda connection: list_events(connection, self.chats[who], after_seq=0, to_seq=None, limit=10_000)
            )
            rows = await self.shop.rows("bot_turn_messages", conversation_id=self.chats[who])
            digested = max((row.seq for row in rows), default=0)
            wanted = [event for event in events if event.kind in ("message.sent", "session.opened")]
            told = [event for event in wanted if event.seq <= digested] + [e for e in wanted if e.seq > digested][:1]
            event = told[max(0, len(told) - 1 - back)]
            worker = self.shop.worker
            assert isinstance(worker, BotWorker)
            self.others.append(self.loop.create_task(worker.handle(Delivery(BotWorker.name, event))))
            self.shop.core.subscribers.wake_one(self.chats[who])
            await self.let_turn(turns)

        self.run(work())

    @rule()
    def restarts(self) -> None:
        """The server stops in the middle of whatever it does, and starts again."""

        async def work() -> None:
            await self.stop_others()
            await self.shop.core.close()
            core = Core(self.settings, clock=self.clock)
            await core.start()
            self.shop = await Shop(core, self.shop.cast, self.decider).open(None)

        self.run(work())

    @rule(who=customer)
    def is_late(self, who: str) -> None:
        """A decision misses its deadline."""

        async def work() -> None:
            await self.rest()
            self.decider.wait()
            await self.shop.put(HURRIED)
            await self.shop.say(self.chats[who], "快点", who=who)
            await self.all_have_turns()
            await self.shop.put(SETTINGS)
            self.decider.go()

        self.run(work())

    @rule()
    def rests(self) -> None:
        """Everything comes to its end; then nothing may be wrong."""
        self.run(self.rest())

    async def session(self, who: str) -> int:
        """Return a conversation's newest session."""
        return await self.shop.session_id(self.chats[who])

    async def let_turn(self, turns: int) -> None:
        """Let the loop turn a few times: so far others come before the next thing happens."""
        for _ in range(turns):
            await asyncio.sleep(0)

    async def rest(self) -> None:
        """Let every decision end, wait for every turn, and compare."""
        self.decider.go()
        await asyncio.gather(*self.others)
        self.others.clear()
        await self.all_have_turns()
        for conversation in self.chats.values():
            await stories.check_story(self.shop, conversation, greeting=SETTINGS.greeting)
            session = await self.shop.core.read(lambda c, id_=conversation: find_session(c, id_))  # type: ignore[misc]
            assert session is not None

    async def all_have_turns(self) -> None:
        """Wait until no customer waits for an outcome."""
        for conversation in self.chats.values():
            await until(lambda id_=conversation: stories.all_have_turns(self.shop, id_), what="an outcome for all")  # type: ignore[misc]

    async def stop_others(self) -> None:
        """End what was handed over beside the runner."""
        for task in self.others:
            task.cancel()
        await asyncio.gather(*self.others, return_exceptions=True)
        self.others.clear()

    def teardown(self) -> None:
        """Rest, compare and close."""
        if not self.chats:
            return

        async def work() -> None:
            try:
                await self.rest()
            finally:
                await self.stop_others()
                await self.shop.core.close()

        try:
            self.run(work())
        finally:
            self.loop.close()
