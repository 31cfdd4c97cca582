"""Secrets are shown once: never in the log, the database or an error."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from messaging_core.integrations.webhooks import shown_url
from messaging_core.kernel.log import redact
from tests.support.server_process import ServerProcess

SECRET = re.compile(r"kf_[a-z]_[A-Za-z0-9_\-]{20,}|whsec_[A-Za-z0-9_\-]{20,}")
SITE = "https://moontea.example"


class Story:
    """A day's work with a server, and every secret that came up in it."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._http = httpx.AsyncClient(base_url=server.url, trust_env=False)
        self.secrets = {server.operator_token}
        self.refusals: list[str] = []

    async def ask(self, method: str, path: str, token: str | None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self._http.request(method, path, headers={**headers, **options.pop("headers", {})}, **options)
        if answer.status_code >= 400:
            self.refusals.append(answer.text)
        else:
            self.secrets |= set(SECRET.findall(answer.text))
        return answer.json() if answer.content else None

    async def token(self, account_id: str, **fields: Any) -> str:
        made = await self.ask(
            "POST", "/v1/tokens", self._server.operator_token, json={"account_id": account_id, **fields}
        )
        return str(made["token"])

    async def person(self, name: str) -> tuple[str, str]:
        made = await self.ask("POST", "/v1/accounts", self._server.operator_token, json={"name": name})
        account_id = str(made["account"]["id"])
        return account_id, await self.token(account_id)

    async def visit_socket(self, token: str, *, query: str = "", **hello: Any) -> list[str]:
        """Say hello and one send; return all frames."""
        address = self._server.url.replace("http", "ws")
        frames: list[str] = []
        async with connect(f"{address}/v1/ws{query}", proxy=None) as socket:
            await socket.send(json.dumps({"type": "hello", "protocol": 1, "token": token, **hello}))
            await socket.send(json.dumps({"type": "sync", "conversation_id": token, "after_seq": token}))
            await socket.send(json.dumps({"type": "watch", "account_ids": [token]}))
            await socket.send(json.dumps({"type": "ping", "ref": "end"}))
            try:
                while '"ref":"end"' not in "".join(frames[-1:]):
                    frames.append(str(await socket.recv()))
            except ConnectionClosed as end:
                frames.append(str(end))
        return frames

    async def play(self) -> None:
        operator = self._server.operator_token
        boss_id, _ = await self.person("掌柜")
        lin_id, lin = await self.person("林小姐")
        shop = (await self.ask("POST", "/v1/enterprises", operator, json={"name": "月茶", "verified": True}))[
            "account"
        ]["id"]
        await self.ask("PUT", f"/v1/enterprises/{shop}/members/{boss_id}", operator, json={"role": "owner"})
        boss = await self.token(boss_id, enterprise_id=shop)
        key = await self.token(shop, scopes=["visit"], origins=[SITE])
        await self.ask("POST", "/v1/visitors", key, json={}, headers={"Origin": SITE})
        await self.ask("POST", "/v1/visitors", key, json={}, headers={"Origin": "https://evil.example"})
        hook = {
            "url": "http://user:hook-password@127.0.0.1:9/hook-path?access_token=hook-query",
            "kinds": ["session.opened"],
        }
        await self.ask("POST", "/v1/webhooks", boss, json=hook)
        for once in ("k1", "k1"):
            await self.ask(
                "POST",
                "/v1/conversations",
                lin,
                json={"kind": "service", "enterprise_id": shop},
                headers={"Idempotency-Key": once},
            )
        self.secrets |= {"hook-password", "hook-path", "hook-query"}
        wrong = ["kf_s_" + "x" * 43, lin + "x", lin[:-1], "Bearer " + lin, "x" * 300]
        self.secrets |= set(wrong[:3])
        for token in wrong:
            await self.ask("GET", "/v1/me", token)
        await self.ask("GET", f"/v1/me?token={lin}", None)
        await self.ask("GET", f"/v1/conversations/{lin}", lin)
        await self.ask("POST", "/v1/tokens", lin, json={"account_id": lin_id, "label": lin, "scopes": [lin]})
        await self.ask("POST", "/v1/conversations", lin, json={"kind": lin})
        await self.ask(
            "POST", "/v1/conversations", lin, content=lin.encode(), headers={"Content-Type": "application/json"}
        )
        for token in (lin, boss, wrong[0]):
            self.refusals += [f for f in await self.visit_socket(token, query=f"?token={token}") if '"error"' in f]
        mine = await self.ask("GET", "/v1/tokens", lin)
        await self.ask("DELETE", f"/v1/tokens/{mine['items'][0]['id']}", lin)
        await self.ask("GET", "/v1/me", lin)
        await self._parked(operator)
        await self._http.aclose()

    async def _parked(self, operator: str) -> None:
        """Wait until the webhook, which nobody answers, has given up: its errors are in the log, too."""
        async with asyncio.timeout(20):
            while not (rows := (await self.ask("GET", "/v1/operator/parked", operator))["items"]):
                await asyncio.sleep(0.05)
        self.refusals += [row["error"] for row in rows]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, str, bytes]:
    """Play the story against a server that logs all it can; return it with the log and the database as they are."""
    folder = tmp_path_factory.mktemp("secrets") / "data"
    settings = {
        "KEFU_LOG_LEVEL": "debug",
        "KEFU_DELIVERY__SUBSCRIBER_RETRIES": "2",
        "KEFU_DELIVERY__SUBSCRIBER_BACKOFF_S": "0.05",
        "KEFU_DELIVERY__WEBHOOK_PRIVATE_HOSTS": "true",
        "KEFU_DELIVERY__SWEEP_S": "0.2",
    }
    server = ServerProcess(folder, settings=settings).start()
    try:
        story = Story(server)
        asyncio.run(story.play())
    finally:
        server.stop()
    data = b"".join(path.read_bytes() for path in sorted(Path(folder).glob("kefu.db*")))
    return story, server.log.read_text("utf-8"), data


def test_the_log_holds_no_secret(told: tuple[Story, str, bytes]) -> None:
    story, log, _ = told
    assert len(story.secrets) > 10
    assert [secret for secret in story.secrets if secret in log] == []
    assert SECRET.findall(log) == []
    assert "authorization" not in log.lower()


def test_the_log_is_one_json_object_a_line_and_says_enough(told: tuple[Story, str, bytes]) -> None:
    lines = [json.loads(line) for line in told[1].splitlines()]
    assert any("webhook:" in str(line) for line in lines)
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)
    assert [line for line in lines if line["event"] == "bug"] == []


def test_the_database_holds_tokens_as_hashes_only(told: tuple[Story, str, bytes]) -> None:
    story, _, data = told
    tokens = [secret for secret in story.secrets if secret.startswith("kf_")]
    assert [token for token in tokens if token.encode() in data] == []
    assert b"Idempotency" not in data
    assert b'"kind":"service"' in data  # what a key gave is stored, and has nothing secret in it


def test_no_refusal_repeats_a_secret(told: tuple[Story, str, bytes]) -> None:
    story, _, _ = told
    assert len(story.refusals) > 10
    hidden = story.secrets - {secret for secret in story.secrets if secret.startswith("kf_s_x")}
    assert [(secret, text) for text in story.refusals for secret in hidden if secret in text] == []


def test_the_operators_token_is_readable_by_its_owner_alone(told: tuple[Story, str, bytes], tmp_path: Path) -> None:
    file = told[0]._server.data / "operator.token"
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "line",
    [
        {"token": "plain-value"},
        {"headers": {"Authorization": "Bearer abcdefgh"}},
        {"event": "sent kf_s_abcdefghijk to"},
        {"data": [{"secret": "plain-value"}, ("kf_b_abcdefghijk",)]},
        {"raw": b'{"type":"hello","token":"kf_s_abcdefghijk"}'},
        {"error": "Authorization: Bearer plain-value"},
        {"url": "postgresql://kefu:plain-value@db/kefu"},
        {"exception": "Traceback ...\n  hello(token='kf_s_abcdefghijk')"},
        {"object": ValueError("whsec_abcdefghijk")},
    ],
)
def test_a_secret_is_hidden_wherever_it_stands_in_a_line(line: dict[str, Any]) -> None:
    shown = str(redact(None, "info", line))
    assert "[secret]" in shown
    assert not re.search(r"plain-value|abcdefgh", shown)


def test_what_is_no_secret_stays_readable() -> None:
    line = {"event": "subscriber.parked", "seq": 3, "url": "https://moontea.example/a?b=c", "ok": True, "none": None}
    assert redact(None, "info", dict(line)) == line


@pytest.mark.parametrize(
    "url",
    [
        "https://open.feishu.example/open-apis/bot/v2/hook/secret-part",
        "https://user:secret-part@open.feishu.example?key=secret-part",
        "https://open.feishu.example#secret-part",
    ],
)
def test_a_webhooks_address_is_shown_without_its_secret_parts(url: str) -> None:
    assert shown_url(url) == "https://open.feishu.example/…"
