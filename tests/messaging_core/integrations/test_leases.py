"""Two nodes on one PostgreSQL: one of them serves a conversation, and the other takes over when it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from messaging_core.api import Core, Delivery, Event
from messaging_core.errors import StorageUnavailable
from messaging_core.integrations import store
from messaging_core.kernel.database import Done, Work
from messaging_core.kernel.postgres import PostgresDatabase
from messaging_core.settings import Settings
from tests.messaging_core.integrations.helpers import Recorder, ask, quick, say, until
from tests.support.cast import Cast, make_cast
from tests.support.clock import FakeClock
from tests.support.postgres import TestPostgres
from tests.support.tables import migrate

SENT = frozenset({"message.sent"})


@pytest.fixture
def shared(postgres: TestPostgres, tmp_path: Path) -> Iterator[Settings]:
    """Settings of both nodes."""
    url = postgres.create()
    made = quick(Settings(data=tmp_path / "data", database=url))
    migrate(made)
    yield made
    postgres.drop(url)


@pytest_asyncio.fixture
async def nodes(shared: Settings, clock: FakeClock) -> AsyncIterator[tuple[Core, Core]]:
    """Two cores without a broker: only the sweep tells one of the other's commits."""
    both = [Core(shared.model_copy(update={"node": number}), clock=clock) for number in (1, 2)]
    for core in both:
        await core.start()
    yield both[0], both[1]
    for core in both:
        await core.close()


@pytest_asyncio.fixture
async def people(nodes: tuple[Core, Core]) -> Cast:
    """The cast, in the shared database."""
    return await make_cast(nodes[0])


async def test_a_long_handling_keeps_its_lease_and_the_other_node_stays_away(
    nodes: tuple[Core, Core], people: Cast, clock: FakeClock
) -> None:
    first, second = nodes
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def think(_delivery: Delivery) -> None:
        reached.set()
        await asyncio.wait_for(go_on.wait(), 20)

    slow, other = Recorder(kinds=SENT, before=think), Recorder(kinds=SENT)
    await first.subscribers.add(slow)
    await second.subscribers.add(other)
    conversation = await ask(first, people)
    seq = (await say(first, people["lin"], conversation, "慢慢想")).seq
    await asyncio.wait_for(reached.wait(), 10)
    for _ in range(3):
        clock.advance(seconds=20)
        await first.subscribers.sweep()
        await second.subscribers.sweep()
    go_on.set()
    await until(lambda: slow.got == [(conversation, seq)], what="the slow answer")
    assert other.got == []


async def test_a_node_that_died_is_replaced_when_its_lease_ends(
    nodes: tuple[Core, Core], people: Cast, clock: FakeClock
) -> None:
    first, second = nodes
    reached = asyncio.Event()

    async def hang(_delivery: Delivery) -> None:
        reached.set()
        await asyncio.Event().wait()

    await first.subscribers.add(Recorder(kinds=SENT, before=hang))
    heir = Recorder(kinds=SENT)
    await second.subscribers.add(heir)
    conversation = await ask(first, people)
    seq = (await say(first, people["lin"], conversation, "有人吗")).seq
    await asyncio.wait_for(reached.wait(), 10)  # from here on the first node does nothing: it is as good as dead
    clock.advance(seconds=31)
    await second.subscribers.sweep()
    await until(lambda: heir.got == [(conversation, seq)], what="the heir's turn")


async def test_a_node_that_stops_while_it_takes_a_lease_gives_that_back_too(
    nodes: tuple[Core, Core], people: Cast, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = nodes
    recorder, heir = Recorder(kinds=SENT), Recorder(kinds=SENT)
    await first.subscribers.add(recorder)
    conversation = await ask(first, people)
    seq = (await say(first, people["lin"], conversation, "在吗")).seq
    await until(lambda: recorder.got == [(conversation, seq)], what="the first message")
    clock.advance(seconds=31)  # the next message needs the lease anew

    database, runner = first.database, first.subscribers._runners[recorder.name]
    assert isinstance(database, PostgresDatabase)
    held: list[tuple[Work[Any], Done]] = []
    wake = runner.wake

    def hold_the_next_write(events: list[Event]) -> None:
        monkeypatch.setattr(database, "submit", lambda *job: held.append(job))
        wake(events)

    monkeypatch.setattr(runner, "wake", hold_the_next_write)
    seq = (await say(first, people["lin"], conversation, "还在吗")).seq
    await until(lambda: held, what="the claim is on its way")
    monkeypatch.undo()

    stopping = asyncio.create_task(first.subscribers.stop())
    await until(lambda: not runner._tasks, what="the serving is cut off")
    await asyncio.gather(*database._tasks)
    database.submit(*held[0])  # now the claim arrives
    await asyncio.gather(stopping, *database._tasks)
    await second.subscribers.add(heir)
    await until(lambda: heir.got == [(conversation, seq)], what="the heir's turn, without a wait")


async def test_an_outage_of_the_database_parks_nothing(nodes: tuple[Core, Core], people: Cast) -> None:
    """What fails because the database is away is tried again by the sweep, however often it failed."""
    core, away = nodes[0], [True]

    async def need_the_database(_delivery: Delivery) -> None:
        if away[0]:
            raise StorageUnavailable("the database is away")

    recorder = Recorder(kinds=SENT, before=need_the_database)
    await core.subscribers.add(recorder)
    conversation = await ask(core, people)
    seq = (await say(core, people["lin"], conversation, "在吗")).seq
    runner = core.subscribers._runners[recorder.name]
    await until(lambda: conversation in runner._owed, what="the failure")
    away[0] = False
    await core.subscribers.sweep()
    await until(lambda: recorder.got == [(conversation, seq)], what="the event after the outage")
    assert await core.read(store.count_parked) == 0
