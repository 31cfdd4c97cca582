"""A keep-alive HTTP/1.1 client as cheap as the other raw clients: one request at a time on one connection."""

from __future__ import annotations

import asyncio
import re
import socket
from typing import cast

import msgspec

_LENGTH = re.compile(rb"content-length: *(\d+)")


class Answer(msgspec.Struct, frozen=True):
    """Status and body of a response."""

    status: int
    body: bytes


class HttpError(RuntimeError):
    """The server answered with a status that the bench did not ask for."""


class HttpClient(asyncio.Protocol):
    """Sends a request and returns its answer; knows content lengths and chunks, no redirects."""

    def __init__(self, loop: asyncio.AbstractEventLoop, host: str) -> None:
        self._loop = loop
        self._host = host
        self._buffer = b""
        self._head_end = -1
        self._length: int | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport

    @classmethod
    async def open(cls, port: int, host: str = "127.0.0.1") -> HttpClient:
        """Connect to a server."""
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(lambda: cls(loop, host), host, port)
        return client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        sock: socket.socket = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError(f"HTTP connection lost: {exc}"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._head_end < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._head_end = end + 4
            length = _LENGTH.search(self._buffer[:end].lower())
            self._length = int(length[1]) if length else None
        if self._length is not None:
            size = self._head_end + self._length
            if len(self._buffer) >= size:
                self._finish(self._buffer[self._head_end : size], size)
        elif self._buffer.endswith(b"0\r\n\r\n"):
            self._finish(unchunk(self._buffer[self._head_end :]), len(self._buffer))

    def _finish(self, body: bytes, used: int) -> None:
        status = int(self._buffer[9:12])
        self._buffer = self._buffer[used:]
        self._head_end = -1
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(Answer(status, body))

    def request(
        self, method: str, path: str, *, token: str | None = None, body: object = None
    ) -> asyncio.Future[Answer]:
        """Send a request; the future yields the answer. Only one may be under way."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}"]
        if token is not None:
            lines.append(f"Authorization: Bearer {token}")
        payload = b""
        if body is not None:
            payload = msgspec.json.encode(body)
            lines += ["Content-Type: application/json", f"Content-Length: {len(payload)}"]
        assert self._waiting is None, "one request at a time"
        self._waiting = self._loop.create_future()
        self._transport.write("\r\n".join([*lines, "", ""]).encode() + payload)
        return self._waiting

    async def fetch(self, method: str, path: str, *, token: str | None = None, body: object = None) -> bytes:
        """Return the body of a successful answer; raise HttpError for any other status."""
        answer = await self.request(method, path, token=token, body=body)
        if not 200 <= answer.status < 300:
            raise HttpError(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
        return answer.body

    def close(self) -> None:
        """Drop the connection at once."""
        self._transport.abort()


def unchunk(body: bytes) -> bytes:
    """Return the payload of a body in chunked transfer encoding."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.index(b"\r\n", at)
        size = int(body[at:end].split(b";")[0], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 4 + size
