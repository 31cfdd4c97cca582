"""Long polling as an operator meets it: clients that go away, and a server that stops."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.support.server_process import ServerProcess


@pytest.fixture
def server(tmp_path: Path) -> ServerProcess:
    return ServerProcess(tmp_path / "data", demo=True, settings={"KEFU_LIMITS__CONNECTIONS_PER_ACCOUNT": "1"}).start()


async def log_in(http: httpx.AsyncClient) -> dict[str, str]:
    person = (await http.get("/demo/people")).json()["people"][0]
    token = (await http.post(f"/demo/people/{person['id']}/login")).json()["token"]
    return {"Authorization": f"Bearer {token}"}


async def test_an_abandoned_poll_frees_its_place(server: ServerProcess) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        auth = await log_in(http)
        with pytest.raises(httpx.ReadTimeout):
            await http.post("/v1/poll", headers=auth, json={"cursors": {}, "wait_ms": 25_000}, timeout=0.5)
        deadline = time.monotonic() + 5
        while True:
            answer = await http.post("/v1/poll", headers=auth, json={"cursors": {}, "wait_ms": 0})
            if answer.status_code == 200:
                break
            assert time.monotonic() < deadline, answer.text
            await asyncio.sleep(0.05)
    server.stop()


async def test_an_open_poll_is_answered_at_once_when_the_server_stops(server: ServerProcess) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as http:
        auth = await log_in(http)
        poll = asyncio.ensure_future(http.post("/v1/poll", headers=auth, json={"cursors": {}, "wait_ms": 25_000}))
        await asyncio.sleep(0.5)
        started = time.monotonic()
        status = await asyncio.to_thread(server.stop)
        answer = await poll
    assert time.monotonic() - started < 4
    assert status in (0, -signal.SIGTERM)  # uvicorn hands the signal on once it has stopped in order
    assert answer.json()["frames"][-1]["code"] == "server_stopping"


async def test_a_cursor_of_a_foreign_conversation_is_dropped(server: ServerProcess) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        auth = await log_in(http)
        answer = (await http.post("/v1/poll", headers=auth, json={"cursors": {"99": 0}, "wait_ms": 0})).json()
    assert answer["frames"][0]["code"] == "not_a_member"
    assert answer["cursors"] == {}
    server.stop()
