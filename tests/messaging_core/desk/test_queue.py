"""The queue: order of arrival, capacity, assignment by itself, and agents who leave."""

from __future__ import annotations

import asyncio

import pytest

from messaging_core.api import Core, hand_back, take, transfer
from messaging_core.api import close as close_session
from messaging_core.delivery.link import Block, Link
from messaging_core.desk import actions, store
from messaging_core.errors import CoreError
from tests.messaging_core.desk.world import Shop
from tests.support.cast import Cast
from tests.support.clock import FakeClock


@pytest.fixture
def shop(core: Core, cast: Cast, clock: FakeClock) -> Shop:
    return Shop(core, cast, clock)


async def settled(core: Core) -> None:
    """Wait until the core's own work beside requests has ended."""
    while core._tasks:
        await asyncio.gather(*core._tasks)


async def test_who_waits_stands_in_order_of_arrival(shop: Shop) -> None:
    first = await shop.customer("甲", waits=False)
    for name in ("乙", "丙"):
        await shop.customer(name)
    shop.clock.advance(seconds=1)
    await shop.core.run(lambda unit: actions.request_agent(unit, shop.cast["qiao"], session_id=first, reason=""))
    assert await shop.queue() == ["乙", "丙", "甲"]


async def test_who_was_with_an_agent_keeps_his_place_in_time(shop: Shop) -> None:
    first = await shop.customer("甲")
    await shop.core.run(lambda unit: take(unit, shop.cast["qiao"], session_id=first))
    await shop.customer("乙")
    await shop.core.run(lambda unit: transfer(unit, shop.cast["qiao"], session_id=first, agent_id=None))
    assert await shop.queue() == ["甲", "乙"]


async def test_who_was_handed_to_the_bot_comes_last_when_he_asks_again(shop: Shop) -> None:
    first = await shop.customer("甲")
    await shop.customer("乙")
    await shop.core.run(lambda unit: take(unit, shop.cast["qiao"], session_id=first))
    await shop.core.run(lambda unit: hand_back(unit, shop.cast["qiao"], session_id=first))
    shop.clock.advance(seconds=1)
    await shop.core.run(lambda unit: actions.request_agent(unit, shop.cast["qiao"], session_id=first, reason=""))
    assert await shop.queue() == ["乙", "甲"]


async def test_everybody_in_the_queue_knows_his_place(shop: Shop) -> None:
    sessions = [await shop.session(await shop.customer(name)) for name in ("甲", "乙", "丙")]
    places = [await shop.core.read(lambda c, row=row: store.count_before(c, row)) for row in sessions]  # type: ignore[misc]
    assert places == [0, 1, 2]


async def test_nobody_takes_more_than_his_capacity(shop: Shop) -> None:
    await shop.capacity("qiao", 1)
    first, second = await shop.customer("甲"), await shop.customer("乙")
    await shop.core.run(lambda unit: take(unit, shop.cast["qiao"], session_id=first))
    with pytest.raises(CoreError, match="agent_full"):
        await shop.core.run(lambda unit: take(unit, shop.cast["qiao"], session_id=second))
    with pytest.raises(CoreError, match="agent_full"):
        await shop.core.run(
            lambda unit: actions.transfer(unit, shop.cast["boss"], session_id=first, agent_id=shop.cast.id("qiao"))
        )
    assert await shop.who_serves(second) is None


async def test_nothing_is_assigned_unless_the_enterprise_wants_it(shop: Shop) -> None:
    await shop.status("qiao", "online")
    await shop.customer("甲")
    await settled(shop.core)
    assert await shop.queue() == ["甲"]


async def test_the_agent_with_the_most_room_gets_the_next_one(shop: Shop) -> None:
    await shop.assigns_itself(capacity=2)
    await shop.capacity("zhou", 3)
    for who in ("qiao", "zhou"):
        await shop.status(who, "online")
    served = []
    for name in ("甲", "乙", "丙", "丁", "戊", "己"):
        session = await shop.customer(name)
        await settled(shop.core)
        served.append(await shop.who_serves(session))
    assert served == ["zhou", "qiao", "zhou", "qiao", "zhou", None]
    assert await shop.queue() == ["己"]


async def test_room_that_comes_free_goes_to_who_waits_longest(shop: Shop) -> None:
    await shop.assigns_itself(capacity=1)
    await shop.status("qiao", "online")
    first, second, _ = [await shop.customer(name) for name in ("甲", "乙", "丙")]
    await settled(shop.core)
    await shop.core.run(lambda unit: close_session(unit, shop.cast["qiao"], session_id=first))
    await settled(shop.core)
    assert await shop.who_serves(second) == "qiao"
    assert await shop.queue() == ["丙"]


async def test_who_is_away_gets_nothing_and_keeps_what_he_has(shop: Shop) -> None:
    await shop.assigns_itself()
    await shop.status("qiao", "online")
    first = await shop.customer("甲")
    await settled(shop.core)
    await shop.status("qiao", "away")
    await shop.customer("乙")
    await settled(shop.core)
    assert await shop.who_serves(first) == "qiao"
    assert await shop.queue() == ["乙"]


async def test_who_comes_to_work_gets_what_waits(shop: Shop) -> None:
    await shop.assigns_itself()
    waiting = await shop.customer("甲")
    await settled(shop.core)
    await shop.status("zhou", "online")
    await settled(shop.core)
    assert await shop.who_serves(waiting) == "zhou"


async def test_sessions_of_an_agent_who_is_gone_for_the_grace_time_return_to_the_queue(shop: Shop) -> None:
    await shop.assigns_itself(grace_s=30)
    await shop.status("qiao", "online")
    session = await shop.customer("甲")
    await settled(shop.core)
    shop.clock.advance(seconds=28)
    await shop.core.rota.sweep()
    assert await shop.who_serves(session) == "qiao"
    shop.clock.advance(seconds=3)
    await shop.core.rota.sweep()
    assert await shop.queue() == ["甲"]
    assert (await shop.seat("qiao")).status == "offline"
    assert [event.kind for event in shop.told][-2:] == ["member.left", "session.queued"]


async def test_an_agent_with_an_open_connection_is_not_gone(shop: Shop) -> None:
    await shop.status("qiao", "online")
    session = await shop.customer("甲")
    await shop.core.run(lambda unit: take(unit, shop.cast["qiao"], session_id=session))
    link = Link(actor=shop.cast["qiao"], carrier=Nowhere(), session_id=1, lang="zh", lag_limit=1_000_000)
    shop.core.hub.add_link(link)
    shop.clock.advance(seconds=3600)
    await shop.core.rota.sweep()
    assert await shop.who_serves(session) == "qiao"
    shop.core.hub.remove_link(link)
    shop.clock.advance(seconds=61)
    await shop.core.rota.sweep()
    assert await shop.who_serves(session) is None


async def test_who_goes_home_gives_up_his_sessions_after_the_grace_time(shop: Shop) -> None:
    session = await shop.customer("甲")
    await shop.core.run(lambda unit: take(unit, shop.cast["qiao"], session_id=session))
    await shop.status("qiao", "offline")
    shop.clock.advance(seconds=61)
    await shop.core.rota.sweep()
    assert await shop.queue() == ["甲"]


async def test_an_agent_who_never_said_that_he_works_is_not_watched(shop: Shop) -> None:
    session = await shop.customer("甲")
    await shop.core.run(lambda unit: take(unit, shop.cast["qiao"], session_id=session))
    shop.clock.advance(seconds=86_400)
    await shop.core.rota.sweep()
    assert await shop.who_serves(session) == "qiao"


async def test_many_sessions_at_once_never_exceed_anybodys_capacity(shop: Shop) -> None:
    await shop.assigns_itself(capacity=3)
    for who in ("qiao", "zhou"):
        await shop.status(who, "online")
    await asyncio.gather(*(shop.customer(f"客{number}") for number in range(10)))
    await asyncio.gather(*(shop.core.rota.assign(shop.cast.enterprise_id) for _ in range(3)))
    await settled(shop.core)
    assert {(await shop.seat(who)).load for who in ("qiao", "zhou")} == {3}
    assert len(await shop.queue()) == 4


class Nowhere:
    """A carrier that drops everything."""

    def write(self, block: Block) -> int:
        return 0

    async def drained(self) -> None:
        return

    def close(self, code: int) -> None:
        return
