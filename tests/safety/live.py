"""The application on a real socket in this process, and a client that may say anything it likes."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import httpx
from uvicorn import Server
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from messaging_core.api import Core
from messaging_core.app import make_server
from tests.safety.apps import whole_app

DEADLINE_S = 10.0
Frame = dict[str, Any]


@dataclass(slots=True, frozen=True)
class Live:
    """A running server."""

    core: Core
    port: int
    server: Server
    plain: bool = False

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def http(self) -> httpx.AsyncClient:
        """Return an HTTP client for it."""
        return httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=DEADLINE_S)

    @property
    def bugs(self) -> float:
        """Return how many incidents there have been."""
        return float(self.core.metrics.registry.get_sample_value("kefu_bugs_total") or 0)


@asynccontextmanager
async def serve(core: Core, *, plain: bool = False, ping_s: float = 20.0) -> AsyncIterator[Live]:
    """Run the server; `plain`: with uvicorn's own WebSocket protocol, so that frames go through ASGI."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = make_server(whole_app(core), core, host="", port=0)
    server.config.ws_ping_interval = server.config.ws_ping_timeout = ping_s
    if plain:
        server.config.ws = WebSocketsSansIOProtocol
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not server.started and not task.done():
                await asyncio.sleep(0.005)
        yield Live(core, listener.getsockname()[1], server, plain)
    finally:
        server.should_exit = True
        await task


class Wire:
    """One WebSocket; it keeps every frame it has read."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.seen: list[Frame] = []
        self._pings = 0

    @classmethod
    async def open(cls, live: Live, **options: Any) -> Self:
        """Connect, without a hello."""
        options = {"max_size": None, "proxy": None, "compression": None, "ping_interval": None, **options}
        return cls(await connect(f"ws://127.0.0.1:{live.port}/v1/ws", **options))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        closing = asyncio.create_task(self.connection.close())
        try:
            while True:  # unread frames would keep the server's close frame from being read
                await self.connection.recv()
        except ConnectionClosed:
            await closing

    async def say(self, frame: Frame | bytes | str) -> None:
        """Send a frame, or bytes as a text message whatever they hold."""
        if isinstance(frame, dict):
            frame = json.dumps(frame, ensure_ascii=False)
        await self.connection.send(frame, text=True)

    async def hear(self) -> Frame:
        """Return the next frame."""
        async with asyncio.timeout(DEADLINE_S):
            frame: Frame = json.loads(await self.connection.recv())
        self.seen.append(frame)
        return frame

    async def hear_until(self, **wanted: object) -> Frame:
        """Return the next frame with these fields; what comes before it stays in `seen`."""
        while True:
            frame = await self.hear()
            if all(frame.get(key) == value for key, value in wanted.items()):
                return frame

    async def ask(self, frame: Frame) -> Frame:
        """Send a frame with a `ref` and return the answer to it."""
        self._pings += 1
        ref = f"q{self._pings}"
        await self.say({**frame, "ref": ref})
        return await self.hear_until(ref=ref)

    async def hello(self, token: str, **fields: object) -> Frame:
        """Say hello and return `welcome`, or the error."""
        await self.say({"type": "hello", "protocol": 1, "token": token, **fields})
        return await self.hear()

    async def answers(self) -> list[Frame]:
        """Ping, and return what came before the pong: all answers to what was sent so far that come at once."""
        start = len(self.seen)
        pong = await self.ask({"type": "ping"})
        assert pong["type"] == "pong", pong
        return self.seen[start:-1]

    async def late_answers(self) -> list[Frame]:
        """As `answers`, with those for which the storage is asked whether one is in the conversation."""
        at_once = await self.answers()
        async with asyncio.timeout(DEADLINE_S):
            while any(task.get_name() in ("read", "typing") for task in asyncio.all_tasks()):
                await asyncio.sleep(0.005)
        return at_once + await self.answers()

    async def closed(self) -> int:
        """Read to the end and return the close code."""
        try:
            while True:
                await self.hear()
        except ConnectionClosed:
            return self.connection.close_code or 0


async def join(live: Live, token: str, **fields: object) -> Wire:
    """Return a connection that has said hello and was welcomed."""
    wire = await Wire.open(live)
    welcome = await wire.hello(token, **fields)
    assert welcome["type"] == "welcome", welcome
    return wire
