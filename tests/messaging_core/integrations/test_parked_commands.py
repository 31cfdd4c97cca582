"""`kefu parked` against a real server: what the operator types, and what he reads."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from kefu.cli import app
from tests.messaging_core.integrations.helpers import until
from tests.messaging_core.integrations.receiver import Answer, Receiver
from tests.support.server_process import ServerProcess

_SETTINGS = {
    "KEFU_DELIVERY__SUBSCRIBER_RETRIES": "2",
    "KEFU_DELIVERY__SUBSCRIBER_BACKOFF_S": "0.01",
    "KEFU_DELIVERY__WEBHOOK_PRIVATE_HOSTS": "true",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server on SQLite, as `kefu serve` starts it."""
    running = ServerProcess(tmp_path / "data", settings=_SETTINGS).start()
    yield running
    running.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook's receiver that is ill at first."""
    running = Receiver(lambda _post: Answer(500))
    yield running
    running.close()


async def in_a_process(server: ServerProcess, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `kefu parked ...` on the server's workspace as the operator does."""
    command = [sys.executable, "-m", "kefu", "parked", *words, "--data", str(server.data)]
    environment = {**os.environ, "COLUMNS": "300"}
    return await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, env=environment, timeout=60, check=False
    )


async def parked(server: ServerProcess, *words: str) -> Result:
    """Run the same command against the same server without the seconds that a fresh interpreter takes."""
    return await asyncio.to_thread(CliRunner().invoke, app, ["parked", *words, "--data", str(server.data)])


class Shop:
    """A shop with a webhook and a customer, made over HTTP."""

    def __init__(self, client: httpx.AsyncClient, server: ServerProcess) -> None:
        self._client = client
        self._operator = {"Authorization": f"Bearer {server.operator_token}"}
        self._customer: dict[str, str] = {}
        self._conversation = ""
        self._said = 0

    async def open(self, url: str) -> None:
        """Make the shop, its owner with a webhook, and a customer in conversation with it."""
        shop = (await self._post("/v1/enterprises", {"name": "月茶", "verified": True}))["account"]["id"]
        owner, lin = [
            (await self._post("/v1/accounts", {"name": name, "kind": "personal"}))["account"]["id"]
            for name in ("掌柜", "林小姐")
        ]
        path = f"/v1/enterprises/{shop}/members/{owner}"
        answer = await self._client.put(path, json={"role": "owner"}, headers=self._operator)
        answer.raise_for_status()
        token = await self._post("/v1/tokens", {"account_id": owner, "enterprise_id": shop})
        await self._post("/v1/webhooks", {"url": url}, headers=_bearer(token["token"]))
        self._customer = _bearer((await self._post("/v1/tokens", {"account_id": lin}))["token"])
        wish = {"kind": "service", "enterprise_id": shop}
        made = await self._post("/v1/conversations", wish, headers=self._customer)
        self._conversation = made["conversation"]["id"]

    async def say(self, text: str) -> None:
        """Say something as the customer."""
        self._said += 1
        body = {"client_msg_id": f"c{self._said}", "kind": "text", "v": 1, "body": {"text": text}}
        await self._post(f"/v1/conversations/{self._conversation}/messages", body, headers=self._customer)

    async def parked_ids(self) -> list[str]:
        """Return what is parked, oldest first."""
        answer = await self._client.get("/v1/operator/parked", headers=self._operator)
        return [item["id"] for item in answer.raise_for_status().json()["items"]]

    async def _post(self, path: str, body: dict[str, Any], *, headers: dict[str, str] | None = None) -> Any:
        answer = await self._client.post(path, json=body, headers=headers or self._operator)
        assert answer.status_code < 300, answer.text
        return answer.json()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_the_operator_lists_retries_and_drops_what_is_parked(server: ServerProcess, receiver: Receiver) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        shop = Shop(client, server)
        await shop.open(receiver.url)
        for text in ("一壶龙井", "一壶红茶"):
            await shop.say(text)

        async def both() -> list[str] | None:
            found = await shop.parked_ids()
            return found if len(found) == 2 else None

        first, second = await until(both, what="two parked events")
        listed = await in_a_process(server, "list")
        assert listed.returncode == 0, listed.stderr
        assert first in listed.stdout and second in listed.stdout and "answered 500" in listed.stdout
        failed = await parked(server, "retry", first)
        assert failed.exit_code == 1
        assert "failed again" in failed.output
        receiver.answer = lambda _post: Answer()
        digested = await parked(server, "retry", first)
        assert digested.exit_code == 0, digested.output
        assert receiver.posts[-1].event["message"]["body"] == {"text": "一壶龙井"}
        posts = len(receiver.posts)
        assert (await parked(server, "drop", second)).exit_code == 0
        assert await shop.parked_ids() == []
        assert len(receiver.posts) == posts, "a dropped event was sent"
        assert "nothing is parked" in (await parked(server, "list")).output
        gone = await parked(server, "retry", first)
        assert gone.exit_code == 2
