"""Raw clients: each message carries a mark `@@id:ns@@`, and each client counts marks on its byte stream.

Nothing is parsed, so that the load costs less than any server that it measures.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol, cast

MARK = re.compile(rb"@@(\d+):(\d+)@@")
# Longer than any mark: what is kept of a chunk so that a mark cut in two is still seen.
_TAIL_BYTES = 48
PADDING = "x" * 160
IDS_PER_CLIENT = 1000
NEVER_NS = 1 << 62
_OPEN_AT_ONCE = 20

now = time.monotonic_ns


class Client(Protocol):
    """One connected user, as the workloads see it."""

    index: int

    async def join(self, room: str) -> None:
        """Enter the group `room`; later `send_group` calls go there."""
        ...

    def send_direct(self, peer: int, mark_id: int) -> Awaitable[None]:
        """Send one message to user `peer`; done when the server has accepted it."""
        ...

    def send_group(self, mark_id: int) -> Awaitable[None]:
        """Send one message to the joined group; done when the server has accepted it."""
        ...

    def close(self) -> None:
        """Drop the connection at once."""
        ...


class Pager(Protocol):
    """A reader of a group's history, newest page first."""

    async def page(self, before: str | None) -> str | None:
        """Fetch 50 messages older than `before`; return what the next page is older than, None at the start."""
        ...

    def close(self) -> None:
        """Drop the connection at once."""
        ...


class Wire(Protocol):
    """How one kind of server is spoken to."""

    async def open(self, world: World, index: int) -> Client:
        """Connect and sign in user `index`."""
        ...


class World:
    """What the clients of one run share. A new run id each time: a repeated one would measure deduplication.

    `settle_s` is the rest between opening the clients and measuring.
    """

    def __init__(self, *, settle_s: float = 1.0) -> None:
        self.settle_s = settle_s
        self.loop = asyncio.get_running_loop()
        self.run = secrets.token_hex(4)
        self.dropped = 0
        self.refused = 0
        self.echoes: dict[int, asyncio.Future[None]] = {}
        self.started_ns = NEVER_NS
        self.on_mark: Callable[[RawClient, int, int], None] = lambda client, mark_id, sent_ns: None

    def see(self, client: RawClient, mark_id: int, sent_ns: int) -> None:
        """Count a mark, unless it was sent before this run began; an awaited echo accepts its send."""
        if sent_ns < self.started_ns:
            return
        if self.echoes and client.index == mark_id % IDS_PER_CLIENT:
            echo = self.echoes.pop(mark_id, None)
            if echo is not None and not echo.done():
                echo.set_result(None)
        self.on_mark(client, mark_id, sent_ns)

    async def open_all(self, wire: Wire, count: int, *, start: int = 0) -> list[Client]:
        """Connect users `start` to `count - 1`, twenty at a time."""
        clients: list[Client] = []
        for first in range(start, count, _OPEN_AT_ONCE):
            last = min(count, first + _OPEN_AT_ONCE)
            clients += await asyncio.gather(*[wire.open(self, index) for index in range(first, last)])
        return clients


class RawClient(asyncio.Protocol):
    """A connection that sees marks, waits for patterns while it signs in, and keeps its unanswered sends."""

    def __init__(self, world: World, index: int) -> None:
        self.world = world
        self.index = index
        self.pending: deque[asyncio.Future[None]] = deque()
        self._tail = b""
        self._text = b""
        self._expected: deque[tuple[re.Pattern[bytes], asyncio.Future[re.Match[bytes]]]] = deque()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's.
        self.transport = cast(asyncio.Transport, transport)
        sock: socket.socket = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self.world.dropped += 1
        lost = ConnectionError(f"connection of user {self.index} lost: {exc}")
        for _, found in self._expected:
            if not found.done():
                found.set_exception(lost)
        self.fail_pending(lost)

    def data_received(self, data: bytes) -> None:
        if self._expected:
            self._text += data
            self._match()
        self.feed(data)

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream; wires add their acknowledgements."""
        self.scan(data)

    def scan(self, data: bytes) -> None:
        """Report every mark that is complete with these bytes, each once."""
        stream = self._tail + data if self._tail else data
        end = 0
        for match in MARK.finditer(stream):
            self.world.see(self, int(match[1]), int(match[2]))
            end = match.end()
        self._tail = stream[max(end, len(stream) - _TAIL_BYTES) :]

    def expect(self, pattern: bytes) -> asyncio.Future[re.Match[bytes]]:
        """Return a future for the first match of `pattern` in the bytes that come from now on."""
        found: asyncio.Future[re.Match[bytes]] = self.world.loop.create_future()
        self._expected.append((re.compile(pattern, re.DOTALL), found))
        self._match()
        return found

    def _match(self) -> None:
        while self._expected:
            pattern, found = self._expected[0]
            match = pattern.search(self._text)
            if match is None:
                return
            self._expected.popleft()
            self._text = self._text[match.end() :]
            if not found.done():
                found.set_result(match)
        self._text = b""

    def promise(self) -> asyncio.Future[None]:
        """Return a future for the next unanswered acknowledgement (they come in order)."""
        future: asyncio.Future[None] = self.world.loop.create_future()
        self.pending.append(future)
        return future

    def settle(self, count: int) -> None:
        """Answer the oldest `count` sends."""
        for _ in range(min(count, len(self.pending))):
            future = self.pending.popleft()
            if not future.done():
                future.set_result(None)

    def fail_pending(self, error: Exception) -> None:
        """Fail every unanswered send."""
        while self.pending:
            future = self.pending.popleft()
            if not future.done():
                future.set_exception(error)

    def close(self) -> None:
        """Drop the connection at once."""
        self.transport.abort()


def mark(mark_id: int) -> str:
    """Return the text of a message: its mark, stamped now, and 160 bytes of padding."""
    return f"@@{mark_id}:{now()}@@{PADDING}"
