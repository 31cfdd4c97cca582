"""What a timed part cost, and which deliveries came."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass, field

from eval.load.processes import Watched, busy_s
from eval.load.world import World, now

_LAST_DELIVERIES_S = 30.0


@dataclass
class Meter:
    """Wall time, and CPU of server and load, inside a `with`; the load's garbage collector is off there."""

    world: World
    watched: Watched
    seconds: float = 0.0
    cpu_s: float = 0.0
    load_cpu_s: float = 0.0
    busy_s: float = 0.0
    _start_ns: int = 0

    def __enter__(self) -> Meter:
        self.watched.pin()
        gc.collect()
        gc.disable()
        self.cpu_s = self.watched.cpu_s()
        self.load_cpu_s = time.process_time()
        self.busy_s = busy_s()
        self.world.started_ns = self._start_ns = now()
        return self

    def elapsed_s(self) -> float:
        """Return the seconds since the start."""
        return (now() - self._start_ns) / 1e9

    def __exit__(self, *exc: object) -> None:
        self.seconds = self.elapsed_s()
        self.cpu_s = self.watched.cpu_s() - self.cpu_s
        self.load_cpu_s = time.process_time() - self.load_cpu_s
        self.busy_s = busy_s() - self.busy_s
        gc.enable()

    @property
    def server_share(self) -> float:
        """Return the cores that the server kept busy."""
        return round(self.cpu_s / self.seconds, 2)

    @property
    def load_share(self) -> float:
        """Return the cores that the load kept busy; near 1 it is the load that was measured."""
        return round(self.load_cpu_s / self.seconds, 2)

    @property
    def others_share(self) -> float:
        """Return the cores that everybody else kept busy; where it is not small, only ratios and CPU say something."""
        return round(max(0.0, self.busy_s - self.cpu_s - self.load_cpu_s) / self.seconds, 2)


@dataclass
class Counter:
    """Counts deliveries, and says when all that were due have come."""

    world: World
    due: int
    durations_ns: list[int] = field(default_factory=list)
    done: asyncio.Future[None] = field(init=False)

    def __post_init__(self) -> None:
        self.done = self.world.loop.create_future()

    def add(self, sent_ns: int) -> None:
        """Take one delivery."""
        self.durations_ns.append(now() - sent_ns)
        if len(self.durations_ns) == self.due and not self.done.done():
            self.done.set_result(None)

    async def wait(self, timeout_s: float = _LAST_DELIVERIES_S) -> None:
        """Wait for the last delivery, or until it is clear that some were lost."""
        await asyncio.wait([self.done], timeout=timeout_s)
