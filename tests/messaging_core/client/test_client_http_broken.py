"""HTTP requests to a server that is killed meanwhile."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from messaging_core.client import HttpApi, NetworkError

_AT_ONCE, _EACH = 60, 15
_RESET = struct.pack("ii", 1, 0)


# Under uvloop the socket is gone before the library below has asked for its peer; enough requests at once meet that.
@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_a_request_whose_connection_is_reset_at_once_has_no_answer_and_nothing_worse(
    run: Callable[[Coroutine[Any, Any, None]], None],
) -> None:
    async def ask(url: str) -> None:
        async with HttpApi(url, "t") as api:
            for _ in range(_EACH):
                with pytest.raises(NetworkError):
                    await api.me()

    async def ask_all(url: str) -> None:
        await asyncio.gather(*[ask(url) for _ in range(_AT_ONCE)])

    def reset() -> None:
        while True:
            accepted, _ = listener.accept()
            if over.is_set():
                accepted.close()
                return
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            accepted.close()

    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=reset, daemon=True)
        server.start()
        try:
            run(ask_all(f"http://127.0.0.1:{listener.getsockname()[1]}"))
        finally:
            over.set()
            socket.create_connection(listener.getsockname()).close()
            server.join(10)
