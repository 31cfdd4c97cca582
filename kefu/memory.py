"""The server's memory: full collections of garbage wait until nobody waits for the loop, which they stop."""

from __future__ import annotations

import asyncio
import gc
import time

_YOUNG = 5_000
"""A batch of messages makes thousands of objects, of which nearly all go without the collector's help."""
_NEVER = 1_000_000
"""Of the middle collections so many would bring a full one."""
_PAUSE_S = 300.0
_AT_MOST_S = 1800.0
_LOOK_S = 1.0
_QUIET_SHARE = 0.02
_LATE_S = 0.01


def settle() -> None:
    """Take what was loaded out of all later collections, for it lives as long as the server, and leave full ones to us.

    Else a full collection stops the loop for 0.2 s, and without what was loaded for 60 ms with 300 people connected:
    just when many come, for it is new objects that bring it about.
    """
    gc.collect()
    gc.freeze()
    _, middle, _ = gc.get_threshold()
    gc.set_threshold(_YOUNG, middle, _NEVER)


async def collect_when_quiet() -> None:
    """Collect everything every few minutes, in a second in which the server does next to nothing. Never returns."""
    while True:
        await asyncio.sleep(_PAUSE_S)
        since_s = time.monotonic()
        ready = False
        while not ready:
            before_s, cpu_s = time.monotonic(), time.process_time()
            await asyncio.sleep(_LOOK_S)
            now_s, used_s = time.monotonic(), time.process_time() - cpu_s
            ready = is_time(used_s=used_s, late_s=now_s - before_s - _LOOK_S, waited_s=now_s - since_s)
        gc.collect()


def is_time(*, used_s: float, late_s: float, waited_s: float) -> bool:
    """Return whether to collect now: the last second took little CPU, or it has been put off long enough.

    A server that was woken late did little only because it was given little: others have the machine.
    """
    return (used_s < _QUIET_SHARE * _LOOK_S and late_s < _LATE_S) or waited_s > _AT_MOST_S
