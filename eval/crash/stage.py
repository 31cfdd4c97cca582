"""A run while it goes on: the servers, the people before them, and what breaks."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from eval.crash.churn import Churn
from eval.crash.crowd import Crowd
from eval.crash.faults import Findings
from eval.crash.gate import Gate, Side
from eval.crash.node import Node
from eval.crash.person import Person
from eval.crash.plan import Plan
from eval.crash.tap import Record
from eval.crash.waiting import until

Answer = TypeVar("Answer")
Say: TypeAlias = Callable[[str], None]
Trouble: TypeAlias = "Callable[[Stage], Coroutine[Any, Any, None]]"
_STRAIGHT = 5  # every fifth client connects without a gate: a dead server refuses it at the port
_LONG_S = 3600.0
_ASK_S = 0.1


class Stage:
    """Everything of one run. `rng` is for the scenario; the people have generators of their own.

    Args:
        windows: how many sends of a conversation a client has on the wire at once, by turns.
    """

    def __init__(
        self, plan: Plan, nodes: list[Node], crowd: Crowd, *, windows: Sequence[int], folder: Path, say: Say
    ) -> None:
        self.plan = plan
        self.nodes = nodes
        self.crowd = crowd
        self.say = say
        self.rng = random.Random(f"{plan.seed}/scenario")
        self.counts: Counter[str] = Counter()
        """What the scenario broke, and how often."""
        self.found = Findings()
        """Faults that the scenario sees by itself."""
        self.talking = True
        self.gates: list[Gate] = []
        self.people: list[Person] = []
        self.churns: list[Churn] = []
        self._folder = folder
        self._windows = windows
        self._moved = (0, time.monotonic())

    @property
    def waiting(self) -> int:
        """Return how many messages are neither acknowledged nor refused."""
        return sum(len(person.client.outbox) for person in self.people)

    @property
    def sent(self) -> int:
        """Return how many messages were sent so far; those that were refused for good do not count."""
        return sum(person.said - len(person.witness.refused) for person in self.people)

    @property
    def acknowledged(self) -> int:
        """Return how many messages were acknowledged so far."""
        return self.sent - self.waiting

    async def reached(self, messages: float) -> None:
        """Wait until so many are acknowledged: however long a restart takes, work goes on between two breaks."""
        await until(lambda: self.acknowledged >= messages or self._over(), timeout_s=_LONG_S)

    async def becomes(self, ask: Callable[[], Awaitable[Answer]], wanted: Answer, *, timeout_s: float) -> bool:
        """Ask again and again; return whether the wanted answer came in time."""
        deadline = time.monotonic() + timeout_s
        while await ask() != wanted:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_ASK_S)
        return True

    async def enter(self) -> None:
        """Connect everybody."""
        straight = len(self.nodes) == 1
        for number, who in enumerate(self.crowd.people):
            rng = random.Random(f"{self.plan.seed}/{number}")
            url = self.nodes[0].url
            if not straight or number % _STRAIGHT:
                gate = Gate(Record(who.account_id), ports=[node.port for node in self.nodes], rng=rng)
                await gate.open()
                self.gates.append(gate)
                url = f"http://127.0.0.1:{gate.port}"
            rooms = self.crowd.rooms_of(number)
            person = Person(
                who,
                url=url,
                rooms=rooms,
                first={room.conversation_id for room in rooms if number in room.members},
                folder=self._folder,
                rng=rng,
                window=self._windows[number % len(self._windows)],
            )
            await person.enter()
            self.people.append(person)

    async def play(self, trouble: Trouble) -> None:
        """Have everybody talk while `trouble` breaks things; return when both are done."""
        pause_s = self.plan.clients * 2.7 / self.plan.per_second  # a burst is 2.7 messages on average
        drops = asyncio.create_task(self._drop(), name="drops")
        rooms = [room for room in self.crowd.rooms if room.guests]
        self.churns = [
            Churn(
                self.crowd,
                room,
                url=self.nodes[0].url,
                rng=random.Random(f"{self.plan.seed}/churn/{number}"),
                over=lambda: not self.talking,
            )
            for number, room in enumerate(rooms)
        ]
        try:
            async with asyncio.TaskGroup() as group:
                for churn in self.churns:
                    group.create_task(churn.run())
                group.create_task(self._perform(trouble, pause_s))
        finally:
            self.talking = False
            drops.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await drops

    async def _perform(self, trouble: Trouble, pause_s: float) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for person in self.people:
                    group.create_task(person.talk(self._draw, pause_s=pause_s))
                group.create_task(trouble(self))
        finally:
            self.talking = False

    def _draw(self, wanted: int) -> int | None:
        """Return how many messages somebody may send now, at most `wanted`; None when the run has them all."""
        return None if self._over() else min(wanted, self.plan.messages - self.sent)

    def _over(self) -> bool:
        """Return whether all messages are acknowledged, or nothing has moved for too long (a fault to be counted)."""
        now_s, done = time.monotonic(), self.acknowledged
        if done != self._moved[0]:
            self._moved = (done, now_s)
        return done >= self.plan.messages or now_s - self._moved[1] > self.plan.settle_s

    async def _drop(self) -> None:
        rng = random.Random(f"{self.plan.seed}/drops")
        while self.gates and self.plan.drops_per_s:
            await asyncio.sleep(rng.expovariate(self.plan.drops_per_s))
            rng.choice(self.gates).cut(rng.choice(list(Side)), after_bytes=rng.choice((0, rng.randrange(1, 600))))

    async def close(self) -> None:
        """Send everybody home."""
        for person in self.people:
            await person.leave()
        for gate in self.gates:
            await gate.close()
