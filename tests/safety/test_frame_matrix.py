"""Object-level authorisation on the WebSocket: every frame, every actor, on objects of every kind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from messaging_core.settings import Limits
from messaging_core.transport.frames import FRAME_TYPES
from tests.safety.conftest import NewCore
from tests.safety.frame_rows import FRAME_ROWS
from tests.safety.live import Frame, Live, Wire, join, serve
from tests.safety.row import OK, Row, fill
from tests.safety.world import ACTORS, NOWHERE, World, said

pytestmark = pytest.mark.asyncio(loop_scope="module")
_CONNECTED = tuple(actor for actor in ACTORS if actor not in ("anonymous", "revoked", "expired", "site_key"))


async def test_every_frame_has_a_row() -> None:
    missing = sorted(set(FRAME_TYPES) - {row.of for row in FRAME_ROWS.values()})
    assert not missing, (
        f"these frames say nowhere who may use them: {missing}; add a Row for each kind of object they are asked for "
        "to tests/safety/frame_rows.py (and an example to protocol.md)"
    )


async def test_every_row_has_a_frame() -> None:
    gone = sorted({row.of for row in FRAME_ROWS.values()} - set(FRAME_TYPES))
    assert not gone, f"no frame of the protocol answers to these rows of tests/safety/frame_rows.py any more: {gone}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(new_core: NewCore) -> AsyncIterator[Live]:
    core = new_core(limits=Limits(frames_per_s=1e6, frames_burst=1_000_000))
    async with serve(core) as running:
        yield running


def outcome(answer: Frame | None) -> str:
    """Return `ok`, or the refusal as rows name it; None is the silence of a frame that is not answered."""
    if answer is None or answer["type"] != "error":
        return OK
    assert {"type", "code", "status", "detail", "data"} <= set(answer)
    return f"forbidden:{answer['data']['reason']}" if answer["code"] == "forbidden" else str(answer["code"])


async def ask(wire: Wire, row: Row, world: World, *, missing: str = "") -> Frame | None:
    """Say the row's frame and return what answers it."""
    fields = fill(row.body, world, missing=missing)
    if row.of in ("read", "typing"):  # they are answered only when refused
        await wire.say({"type": row.of, "ref": "r", **fields})
        return next((frame for frame in await wire.late_answers() if frame.get("ref") == "r"), None)
    if row.of == "watch":
        await wire.say({"type": "watch", "ref": "w", **fields})
        while (answer := await wire.hear())["type"] not in ("presence", "error"):
            pass
        return answer
    return await wire.ask({"type": row.of, **fields})


@pytest.mark.parametrize("name", [name for name, row in FRAME_ROWS.items() if row.of != "hello"])
async def test_row(name: str, live: Live, world: World) -> None:
    row = FRAME_ROWS[name]
    got: dict[str, str] = {}
    for actor in _CONNECTED:
        async with await join(live, world.tokens[actor]) as wire:
            answer = await ask(wire, row, world)
            got[actor] = outcome(answer)
            if got[actor] != OK and row.of == "sync":
                assert all("龙井" not in str(frame) for frame in wire.seen if frame["type"] != "welcome")
            if actor in row.outsiders():
                for hidden in row.hides.split():
                    nowhere = await ask(wire, row, world, missing=hidden)
                    assert _shape(answer, world) == _shape(nowhere, world), f"{actor} can tell whether {hidden} exists"
    assert got == {actor: row.expected(actor) for actor in _CONNECTED}
    assert live.bugs == 0


@pytest.mark.parametrize("name", [name for name, row in FRAME_ROWS.items() if row.of == "hello"])
async def test_hello_row(name: str, live: Live, world: World) -> None:
    row = FRAME_ROWS[name]
    got: dict[str, str] = {}
    for actor in ACTORS:
        async with await Wire.open(live) as wire:
            answer = await wire.hello(world.tokens.get(actor, "nobody"), cursors={world.ids["direct"]: 0})
            got[actor] = outcome(answer)
            if got[actor] != OK:
                assert await wire.closed() == 4401
                assert len(wire.seen) == 1
    assert got == {actor: row.expected(actor) for actor in ACTORS}


@pytest.mark.parametrize("conversation", ["direct", "group", "service", "visit"])
async def test_cursors_in_hello_bring_events_to_members_only(conversation: str, live: Live, world: World) -> None:
    members = FRAME_ROWS[f"sync on {conversation}"].allowed.split()
    for actor in _CONNECTED:
        async with await join(live, world.tokens[actor], cursors={world.ids[conversation]: 0}) as wire:
            id_ = world.ids[conversation]
            answer = await wire.hear_until(**({"type": "synced"} if actor in members else {"code": "not_a_member"}))
            assert id_ == answer.get("conversation_id") or id_ == answer["data"]["conversation_id"]
            seen = str([frame for frame in wire.seen if frame["type"] == "event"])
            assert (said(conversation) in seen) == (actor in members)


def _shape(answer: Frame | None, world: World) -> Any:
    text = str({key: value for key, value in (answer or {}).items() if key not in ("ref", "at")})
    for id_ in (NOWHERE, *sorted((id_ for id_ in world.ids.values() if len(id_) > 10), key=len, reverse=True)):
        text = text.replace(id_, "ID")
    return text
