"""Connections that break off before the WebSocket is open: the server was killed."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from messaging_core.client import ConnectionLost
from messaging_core.client.connection import WebSocketLink
from messaging_core.client.frames import Hello

_RESET = struct.pack("ii", 1, 0)
_TRIES = 10


# uvloop tells a connection that it is closed before the handshake can begin; asyncio never does.
@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("reset", [True, False], ids=["reset", "closed"])
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 101 Swit"])
def test_a_connection_that_breaks_off_in_the_handshake_is_lost_and_nothing_worse(
    run: Callable[[Coroutine[Any, Any, None]], None], reset: bool, answer: bytes
) -> None:
    async def try_to_open(url: str) -> None:
        for _ in range(_TRIES):
            link = WebSocketLink(url)
            with pytest.raises(ConnectionLost) as lost:
                await link.open(Hello(token="t", cursors={}))
            assert lost.value.resume
            await link.close()

    def break_off() -> None:
        for _ in range(_TRIES):
            accepted, _ = listener.accept()
            accepted.sendall(answer)
            if reset:
                accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            accepted.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        server = threading.Thread(target=break_off)
        server.start()
        run(try_to_open(f"ws://127.0.0.1:{listener.getsockname()[1]}/v1/ws"))
        server.join()
