"""Bytes on a socket: HTTP as no library would write it, and WebSocket clients that do not read."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.safety.live import DEADLINE_S, Frame, Live

_UPGRADE = (
    b"GET /v1/ws HTTP/1.1\r\nHost: kefu.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@dataclass(slots=True)
class Raw:
    """An open socket."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def read_to_end(self) -> bytes:
        """Return all that comes until the server closes; a reset is an end, too."""
        data = b""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while part := await self.reader.read(65_536):
                    data += part
        except ConnectionResetError:
            return data
        return data

    async def upgrade(self) -> None:
        """Ask for a WebSocket and wait until it is there."""
        self.writer.write(_UPGRADE)
        async with asyncio.timeout(DEADLINE_S):
            answer = await self.reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101"), answer

    async def push(self, data: bytes, *, times: int) -> bool:
        """Write the same again and again; return whether the server has broken the connection off meanwhile."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                for _ in range(times):
                    self.writer.write(data)
                    await self.writer.drain()
        except (ConnectionResetError, BrokenPipeError):
            return True
        return False

    def say(self, payload: bytes, *, opcode: int = 1, fin: bool = True) -> None:
        """Write one masked frame (with a mask of zeros)."""
        size = len(payload)
        length = (
            struct.pack("!B", 0x80 | size)
            if size < 126
            else struct.pack("!BH", 0xFE, size)
            if size < 65_536
            else struct.pack("!BQ", 0xFF, size)
        )
        self.writer.write(bytes([(0x80 if fin else 0) | opcode]) + length + b"\0\0\0\0" + payload)

    def hello(self, token: str, **fields: object) -> None:
        """Say hello."""
        self.say(json.dumps({"type": "hello", "protocol": 1, "token": token, **fields}).encode())


@asynccontextmanager
async def connect(live: Live, *, receive_buffer: int | None = None) -> AsyncIterator[Raw]:
    """Open a socket; a small receive buffer makes a slow reader of it at once."""
    raw_socket = socket.socket()
    if receive_buffer is not None:
        raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    raw_socket.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw_socket, ("127.0.0.1", live.port))
    limit = 2**16 if receive_buffer is None else receive_buffer
    reader, writer = await asyncio.open_connection(sock=raw_socket, limit=limit)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


def read_frames(data: bytes) -> tuple[list[Frame], int | None]:
    """Return the JSON frames in what a server has written after its handshake, and the code of its close frame."""
    frames: list[Frame] = []
    while len(data) >= 2:
        opcode, size, head = data[0] & 0x0F, data[1], 2
        if size == 126:
            size, head = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, head = int.from_bytes(data[2:10], "big"), 10
        payload, data = data[head : head + size], data[head + size :]
        if opcode == 8:
            return frames, int.from_bytes(payload[:2], "big")
        if opcode == 1:
            frames.append(json.loads(payload))
    return frames, None
