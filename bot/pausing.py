"""Decisions think on the loop on which messages move: between two pieces of thinking the messages come first."""

from __future__ import annotations

import asyncio
from collections import deque
from weakref import WeakKeyDictionary

_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, deque[asyncio.Future[None]]] = WeakKeyDictionary()


async def let_messages_through() -> None:
    """Wait for the loop's next round, and longer while other decisions wait here: one goes on a round.

    `asyncio.sleep(0)` would let all of them go on in the same round, and messages wait for the sum of their pieces.
    """
    loop = asyncio.get_running_loop()
    queue = _queues.setdefault(loop, deque())
    future: asyncio.Future[None] = loop.create_future()
    queue.append(future)
    if len(queue) == 1:
        loop.call_soon(_let_one_go_on, loop, queue)
    await future


def _let_one_go_on(loop: asyncio.AbstractEventLoop, queue: deque[asyncio.Future[None]]) -> None:
    # The one that goes on stays in the queue until this round is over, so that whoever comes meanwhile queues up.
    while queue and queue[0].done():
        queue.popleft()
    if queue:
        queue[0].set_result(None)
        loop.call_soon(_let_one_go_on, loop, queue)
