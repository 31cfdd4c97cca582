"""Coming in while a new connection is still being told what it missed elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import pytest_asyncio

from messaging_core.api import Core, add_members, create_group, open_direct, remove_member
from messaging_core.delivery.link import Block, Link
from messaging_core.settings import Settings
from tests.messaging_core.test_sending import send
from tests.support.cast import Cast, make_cast
from tests.support.clock import FakeClock

_PAGE = 2


class SlowReader:
    """A carrier that lets something happen when the first full page was sent."""

    def __init__(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.frames: list[dict[str, object]] = []
        self._meanwhile: Callable[[], Awaitable[None]] | None = meanwhile

    def write(self, block: Block) -> int:
        self.frames += [msgspec.json.decode(frame) for frame in block.frames]
        return 0

    async def drained(self) -> None:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            await meanwhile()

    def close(self, code: int) -> None:
        """The core was stopped."""

    def seqs(self, conversation_id: int) -> list[object]:
        return [
            frame["seq"]
            for frame in self.frames
            if frame["type"] == "event" and frame["conversation_id"] == str(conversation_id)
        ]


@pytest_asyncio.fixture
async def paging_core(settings: Settings, clock: FakeClock) -> AsyncIterator[Core]:
    """A core that reads events in small pages."""
    delivery = settings.delivery.model_copy(update={"replay_page": _PAGE})
    running = Core(settings.model_copy(update={"delivery": delivery}), clock=clock)
    await running.start()
    yield running
    await running.close()


async def test_who_is_let_in_again_while_another_conversation_is_replayed_hears_of_it(paging_core: Core) -> None:
    core = paging_core
    cast: Cast = await make_cast(core)
    lin, mi = cast["lin"], cast["mi"]
    direct = await core.run(lambda unit: open_direct(unit, lin, account_id=mi.account_id))
    for number in range(2 * _PAGE):
        await send(core, lin, direct, f"c{number}")
    group = await core.run(lambda unit: create_group(unit, lin, title="茶友群", member_ids=[mi.account_id]))
    await core.run(lambda unit: remove_member(unit, lin, conversation_id=group, account_id=mi.account_id))

    async def let_in_again() -> None:
        await core.run(lambda unit: add_members(unit, lin, conversation_id=group, account_ids=[mi.account_id]))

    carrier = SlowReader(let_in_again)
    link = Link(actor=mi, carrier=carrier, session_id=1, lang="zh", lag_limit=1 << 20)
    opening = await core.catch_up.open(link, {direct: 0, group: 1})
    await core.catch_up.replay(link, opening)
    await send(core, lin, group, "c")
    assert carrier.seqs(group) == [2, 3, 4], "left, came in again, and the message"


async def test_what_is_read_on_another_device_between_the_summary_and_going_live_is_told(paging_core: Core) -> None:
    core = paging_core
    cast: Cast = await make_cast(core)
    lin, mi = cast["lin"], cast["mi"]
    direct = await core.run(lambda unit: open_direct(unit, lin, account_id=mi.account_id))
    for number in range(2 * _PAGE):
        await send(core, lin, direct, f"c{number}")
    told = asyncio.Event()
    core.hub.tap(lambda _conversation_id, _frame: told.set())

    async def read_elsewhere() -> None:
        for msg_no in (2, 3):
            told.clear()
            core.mark_read(direct, mi.account_id, msg_no)
            await told.wait()

    carrier = SlowReader(read_elsewhere)
    link = Link(actor=mi, carrier=carrier, session_id=1, lang="zh", lag_limit=1 << 20)
    opening = await core.catch_up.open(link, {direct: 0})
    assert opening.summaries[0].read_msg_no == 0
    await core.catch_up.replay(link, opening)
    cursors = [frame["msg_no"] for frame in carrier.frames if frame["type"] == "cursor"]
    assert cursors == [3], "the last place, once"
    assert [frame["type"] for frame in carrier.frames][-2:] == ["cursor", "synced"]


async def test_what_is_read_elsewhere_while_a_gap_is_closed_is_told(paging_core: Core) -> None:
    core = paging_core
    cast: Cast = await make_cast(core)
    lin, mi = cast["lin"], cast["mi"]
    direct = await core.run(lambda unit: open_direct(unit, lin, account_id=mi.account_id))
    for number in range(2 * _PAGE):
        await send(core, lin, direct, f"c{number}")
    told = asyncio.Event()
    core.hub.tap(lambda _conversation_id, _frame: told.set())

    async def read_elsewhere() -> None:
        core.mark_read(direct, mi.account_id, 2)
        await told.wait()

    carrier = SlowReader(read_elsewhere)
    link = Link(actor=mi, carrier=carrier, session_id=1, lang="zh", lag_limit=1 << 20)
    await core.catch_up.replay(link, await core.catch_up.open(link, {}))
    assert carrier.frames == []
    await core.catch_up.sync(link, direct, 0)
    cursors = [frame["msg_no"] for frame in carrier.frames if frame["type"] == "cursor"]
    assert cursors == [2]
