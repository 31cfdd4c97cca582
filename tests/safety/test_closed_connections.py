"""Connections that are gone leave nothing behind that only a full collection of garbage would find."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from tests.safety.conftest import NewCore
from tests.safety.live import Live, join, serve
from tests.safety.test_limits import until
from tests.safety.world import World


@pytest.fixture
def without_collector() -> Iterator[None]:
    """Nothing is collected in this test: what goes, goes because nobody holds it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def watch(live: Live) -> list[weakref.ref[Any]]:
    """Return references to all connections that the server has now, which do not hold them."""
    return [weakref.ref(connection) for connection in live.server.server_state.connections]


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("how", ["closed", "broken off"])
async def test_a_connection_that_ends_is_forgotten_whole(new_core: NewCore, world: World, how: str) -> None:
    async with serve(new_core()) as live:
        wire = await join(live, world.tokens["mi"])
        assert await wire.answers() == []
        held = watch(live)
        assert held and all(one() is not None for one in held)
        if how == "closed":
            await wire.connection.close()
        else:
            wire.connection.transport.abort()
        await until(lambda: not live.server.server_state.connections)
        await until(lambda: all(one() is None for one in held))
