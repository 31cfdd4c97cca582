"""Ids: unique and growing, whatever the clock does."""

from __future__ import annotations

import threading

from kefu.base.ids import NODES, IdFactory
from messaging_core.api import Core, create_group
from messaging_core.settings import Settings
from tests.support.cast import make_cast
from tests.support.clock import FakeClock


def test_ids_grow_while_the_clock_stands_still_and_steps_back(clock: FakeClock) -> None:
    ids = IdFactory(clock=clock)
    made = [ids.new() for _ in range(10_000)]
    clock.advance(seconds=-3600)
    made += [ids.new() for _ in range(10_000)]
    clock.advance(seconds=7200)
    made += [ids.new() for _ in range(10)]
    assert made == sorted(set(made))
    assert max(made) < 1 << 63


def test_nodes_never_make_the_same_id_in_the_same_millisecond(clock: FakeClock) -> None:
    factories = [IdFactory(clock=clock, node=node) for node in (0, 1, NODES - 1)]
    made = [factory.new() for factory in factories for _ in range(5_000)]
    assert len(set(made)) == len(made)


def test_threads_never_get_the_same_id(clock: FakeClock) -> None:
    ids = IdFactory(clock=clock)
    made: list[list[int]] = [[] for _ in range(4)]

    def take(place: int) -> None:
        made[place] += [ids.new() for _ in range(5_000)]

    threads = [threading.Thread(target=take, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id_ for part in made for id_ in part}) == 20_000


async def test_ids_stay_unique_over_restarts_that_find_the_clock_set_back(settings: Settings, clock: FakeClock) -> None:
    settings = settings.model_copy(update={"node": 0})
    core = Core(settings, clock=clock)
    await core.start()
    lin = (await make_cast(core))["lin"]
    made: list[int] = []
    for _ in range(3):
        for _ in range(3):
            made.append(await core.run(lambda unit: create_group(unit, lin, title="群", member_ids=[])))
            made.append(core.tools.ids.new())  # as a message takes one, which no start can look up
        await core.close()
        clock.advance(seconds=-600)
        core = Core(settings, clock=clock)
        await core.start()
    await core.close()
    assert made == sorted(set(made))
