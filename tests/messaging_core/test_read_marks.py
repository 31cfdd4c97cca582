"""A read mark that the storage refuses is not lost in silence: the reader is told, and can say it again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from messaging_core.api import Core, open_direct
from messaging_core.errors import CoreError
from messaging_core.settings import Settings
from tests.messaging_core.test_sending import send
from tests.support.cast import Cast, make_cast
from tests.support.tables import migrate


async def test_who_marks_as_read_hears_that_the_storage_refused_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    migrate(settings)
    core = Core(settings)
    await core.start()
    cast = await make_cast(core)
    conversation = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    await send(core, cast["lin"], conversation, "c1")
    told: asyncio.Future[CoreError] = asyncio.get_running_loop().create_future()
    await core.database.close()
    core.mark_read(conversation, cast.id("mi"), 1, refused=told.set_result)
    refusal = await asyncio.wait_for(told, 10)
    assert refusal.code == "storage_unavailable"
    assert refusal.data["retry_after_ms"] == 1000
    await core.close()


async def test_who_says_again_how_far_he_has_read_is_told_again(core: Core, cast: Cast) -> None:
    """The answer to the first time may have been lost after its commit; the others must hear of it all the same."""
    conversation = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    for number in range(3):
        await send(core, cast["lin"], conversation, f"c{number}")
    heard: asyncio.Queue[int] = asyncio.Queue()
    core.hub.tap(lambda _conversation, frame: heard.put_nowait(json.loads(frame)["msg_no"]))
    told = []
    for msg_no in (2, 2, 99, 99):
        core.mark_read(conversation, cast.id("mi"), msg_no)
        told.append(await asyncio.wait_for(heard.get(), 10))
    core.mark_read(conversation, cast.id("mi"), 1)
    core.mark_read(conversation, cast.id("mi"), 3)
    told.append(await asyncio.wait_for(heard.get(), 10))
    assert told == [2, 2, 3, 3, 3], "what lies behind it is no news"
