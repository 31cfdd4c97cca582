"""What the bench needs of a server under test, and the simplest of them: the bare relay."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from eval.load.processes import Watched, free_port, listens, spawn, stop, wait_until
from eval.load.relay_wire import RelayWire
from eval.load.world import Pager, Wire, World


class Archive(Protocol):
    """A wire over which a group's stored messages can be read."""

    async def open_pager(self, world: World, room: str) -> Pager:
        """Connect user 0 as a reader of `room`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Target:
    """One running server.

    `direct` and `groups` may differ where acknowledged direct sends need another sign-in.
    `ours` marks the servers that the goals speak of; `settings` is what was changed from their defaults.
    """

    name: str
    direct: Wire
    groups: Wire
    watched: Watched
    archive: Archive | None = None
    refusals: Wire | None = None
    metrics_port: int | None = None
    ours: bool = False
    stores: str = "nothing"
    settings: tuple[str, ...] = ()


@contextmanager
def relay(folder: Path) -> Iterator[Target]:
    """Run the bare relay under uvicorn on the server's core."""
    port = free_port()
    log = folder / "relay.log"
    command = [sys.executable, "-m", "uvicorn", "eval.load.relay:app", "--port", str(port), "--loop", "uvloop"]
    options = ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--log-level", "warning"]
    process = spawn([*command, *options], log=log)
    try:
        wait_until(lambda: listens(port), process, log=log)
        wire = RelayWire(port=port)
        yield Target(name="relay", direct=wire, groups=wire, watched=Watched(pid=process.pid))
    finally:
        stop(process)
