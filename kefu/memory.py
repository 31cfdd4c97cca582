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
        used_s = 0.0
        while True:
            before_s = time.process_time()
            await asyncio.sleep(_LOOK_S)
            used_s = time.process_time() - before_s
            if is_time(used_s=used_s, waited_s=time.monotonic() - since_s):
                break
        gc.collect()


def is_time(*, used_s: float, waited_s: float) -> bool:
    """Return whether to collect now: the last second took little CPU, or it has been put off long enough."""
    return used_s < _QUIET_SHARE * _LOOK_S or waited_s > _AT_MOST_S
