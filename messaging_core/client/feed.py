"""What the client has heard, given to its readers: callbacks at once, subscriptions through a bounded buffer."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TypeAlias

import msgspec

from .errors import ClientError, SlowReader
from .frames import AnyServerFrame, Event

logger = logging.getLogger(__name__)


class Disconnected(msgspec.Struct, frozen=True, kw_only=True):
    """The connection is lost, and the next try comes in `retry_in_s` seconds. Made by the client, not on the wire."""

    code: int
    reason: str
    retry_in_s: float


Heard: TypeAlias = AnyServerFrame | Disconnected
Callback: TypeAlias = Callable[[Heard], object]


class _Buffer:
    __slots__ = ("end", "ended", "frames", "waiter")

    def __init__(self) -> None:
        self.frames: deque[Heard] = deque()
        self.ended = False
        self.end: ClientError | None = None
        self.waiter: asyncio.Future[None] | None = None

    def wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)


class Subscription(AsyncIterator[Heard]):
    """The frames since it was made, in order, for one reader. Ends with the client; close it, or let go of it, before.

    Raises SlowReader, after the frames it still holds, when the reader fell too far behind; the error that ended the
    client, if one did.
    """

    __slots__ = ("_buffer", "_cursors", "_feed")

    def __init__(self, feed: Feed, buffer: _Buffer, cursors: Callable[[], dict[str, int]]) -> None:
        self._feed = feed
        self._buffer = buffer
        self._cursors = cursors

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Heard:
        buffer = self._buffer
        while not buffer.frames:
            if buffer.ended:
                if buffer.end is not None:
                    raise buffer.end
                raise StopAsyncIteration
            if buffer.waiter is not None:
                raise RuntimeError("a subscription has one reader; call events() once for each")
            buffer.waiter = asyncio.get_running_loop().create_future()
            try:
                await buffer.waiter
            finally:
                buffer.waiter = None
        return buffer.frames.popleft()

    @property
    def cursors(self) -> dict[str, int]:
        """Return the last `seq` of each conversation that this reader was given: what to save for at-least-once."""
        cursors = self._cursors()
        unread: dict[str, int] = {}
        for frame in self._buffer.frames:
            if isinstance(frame, Event):
                unread.setdefault(frame.conversation_id, frame.seq - 1)
        return {**cursors, **unread}

    def close(self) -> None:
        """Stop listening."""
        self._feed.discard(self._buffer)
        self._buffer.ended = True
        self._buffer.frames.clear()
        self._buffer.wake()

    def __del__(self) -> None:
        # `async for frame in client.events()` that is left by `break` must not fill a buffer for ever.
        self._feed.discard(self._buffer)


class Feed:
    """Hands each frame to all callbacks and subscriptions."""

    __slots__ = ("_buffers", "_callbacks", "_cursors", "_limit")

    def __init__(self, *, limit: int, cursors: Callable[[], Mapping[str, int]]) -> None:
        self._limit = limit
        self._cursors = cursors
        self._callbacks: tuple[Callback, ...] = ()
        self._buffers: list[_Buffer] = []

    def on(self, callback: Callback) -> Callable[[], None]:
        """Call it with every frame; return what ends that. It runs on the read loop: be quick, and do not wait."""
        if inspect.iscoroutinefunction(callback):
            raise TypeError("a callback is a plain function; for coroutines read `events()`")
        self._callbacks = (*self._callbacks, callback)

        def off() -> None:
            self._callbacks = tuple(known for known in self._callbacks if known is not callback)

        return off

    def subscribe(self) -> Subscription:
        """Return a new subscription."""
        buffer = _Buffer()
        self._buffers.append(buffer)
        return Subscription(self, buffer, lambda: dict(self._cursors()))

    def publish(self, frame: Heard) -> None:
        """Hand a frame on. A callback that raises is logged, and the others are called all the same."""
        for callback in self._callbacks:
            try:
                callback(frame)
            except Exception:
                logger.exception("a callback failed on a %s", type(frame).__name__)
        for buffer in self._buffers.copy() if self._buffers else ():
            if len(buffer.frames) >= self._limit:
                self._finish(buffer, SlowReader(f"a reader of events() left {self._limit} frames unread"))
                self._buffers.remove(buffer)
                continue
            buffer.frames.append(frame)
            buffer.wake()

    def discard(self, buffer: _Buffer) -> None:
        """Let go of a subscription's buffer."""
        if buffer in self._buffers:
            self._buffers.remove(buffer)

    def finish(self, error: ClientError | None) -> None:
        """End all subscriptions: the client is closed."""
        for buffer in self._buffers:
            self._finish(buffer, error)
        self._buffers.clear()

    @staticmethod
    def _finish(buffer: _Buffer, error: ClientError | None) -> None:
        buffer.ended = True
        buffer.end = error
        buffer.wake()
