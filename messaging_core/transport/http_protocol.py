"""uvicorn's HTTP protocol with two limits that it lacks: how large a request's head may be, and how slow a request.

Without them one connection can fill the memory with headers, and a few thousand that send nothing hold every socket.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD_BYTES = 65_536
_REFUSAL = b"HTTP/1.1 %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class GuardedHttpProtocol(HttpToolsProtocol):
    """A connection that must bring its request whole within `arrival_s` seconds of the request's first byte."""

    arrival_s = 15.0
    _due: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless it has become too much."""
        self._wait_for_request()
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _HEAD_BYTES:
                self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._wait_for_request()
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is complete."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is complete: from here on it is our time, not the client's."""
        self._wait_no_longer()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """The WebSocket has its own deadline, for its hello."""
        self._wait_no_longer()
        super().handle_websocket_upgrade()

    def _wait_for_request(self) -> None:
        if self._due is None:
            self._due = self.loop.call_later(self.arrival_s, self._too_slow)

    def _wait_no_longer(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _too_slow(self) -> None:
        self._due = None
        if self.pipeline or (self.cycle is not None and not (self.cycle.response_complete or self.cycle.more_body)):
            # A whole request is still being answered: what has come of the next one waits for that, not for the client.
            self._wait_for_request()
            return
        self._refuse(b"408 Request Timeout")

    def _refuse(self, status: bytes) -> None:
        if self.transport.is_closing():
            return
        # While an answer is being written, another one between its parts would garble it.
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_REFUSAL % status)
        self.transport.close()


def guarded(*, arrival_s: float) -> Any:
    """Return the protocol class with this deadline, in seconds."""
    return type("Guarded", (GuardedHttpProtocol,), {"arrival_s": arrival_s})
