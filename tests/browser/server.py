"""The real server in demo mode, as its own process."""

from __future__ import annotations

import secrets
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import httpx

from tests.support.demo_data import put_demo
from tests.support.forked import launch
from tests.support.talkative import FREE

START_S = 90


class DemoServer:
    """Starts, stops, kills and restarts `kefu serve --demo` on one address with one data folder."""

    def __init__(self, folder: Path, *, settings: dict[str, str] | None = None) -> None:
        self._folder = folder
        self.data = folder / "data"
        self._settings = settings or {}
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        """Start on a free port, the second time on the same one; return when it answers."""
        put_demo(self.data)
        words = ["kefu", "serve", "--demo", "--no-train", "--port", str(self._port), "--data", str(self.data)]
        with (self._folder / "server.log").open("a") as log:
            self._process = launch(words, environ={**FREE, **self._settings}, log=log)
        assert self._process.stdout is not None
        overdue = threading.Timer(START_S, self._process.kill)
        overdue.start()
        self.url = self._process.stdout.readline().strip()
        overdue.cancel()
        if not self.url.startswith("http://"):
            raise RuntimeError(f"the server did not start: {(self._folder / 'server.log').read_text()}")
        self._port = int(self.url.rsplit(":", 1)[1])
        httpx.get(f"{self.url}/healthz").raise_for_status()

    def kill(self) -> None:
        """Take it down without a chance to tidy up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(START_S)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


class DemoApi:
    """What a test does behind the pages' back, over the public HTTP API."""

    def __init__(self, url: str, name: str, *, token: str | None = None) -> None:
        """Be one of the demo's people; with `token`, be whom it belongs to."""
        people = httpx.get(f"{url}/demo/people").json()["people"]
        self.person = next(person["id"] for person in people if person["name"] == name)
        self.token: str = token or httpx.post(f"{url}/demo/people/{self.person}/login").json()["token"]
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {self.token}"})

    def direct(self, other: DemoApi) -> str:
        """Return the id of the direct conversation with somebody, made if need be."""
        return str(
            self._post("/v1/conversations", {"kind": "direct", "account_id": other.person})["conversation"]["id"]
        )

    def group(self, title: str, *others: DemoApi) -> str:
        """Make a group and return its id."""
        body = {"kind": "group", "title": title, "member_ids": [other.person for other in others]}
        return str(self._post("/v1/conversations", body)["conversation"]["id"])

    def send(self, conversation_id: str, text: str) -> None:
        """Send a text."""
        self.send_kind(conversation_id, "text", {"text": text})

    def send_kind(self, conversation_id: str, kind: str, body: dict[str, object]) -> None:
        """Send a message of any kind."""
        frame = {"client_msg_id": secrets.token_urlsafe(12), "kind": kind, "v": 1, "body": body}
        self._post(f"/v1/conversations/{conversation_id}/messages", frame)

    def messages(self, conversation_id: str) -> list[str]:
        """Return the texts of a conversation as the server has them, the first said first."""
        items = self._client.get(f"/v1/conversations/{conversation_id}/messages", params={"limit": 100}).json()["items"]
        return [item["body"].get("text", item["kind"]) for item in reversed(items)]

    def add(self, conversation_id: str, other: DemoApi) -> None:
        """Invite somebody into a group."""
        self._post(f"/v1/conversations/{conversation_id}/members", {"account_ids": [other.person]})

    def remove(self, conversation_id: str, other: DemoApi) -> None:
        """Take somebody out of a group."""
        self._client.delete(f"/v1/conversations/{conversation_id}/members/{other.person}").raise_for_status()

    def refusal(self, conversation_id: str, text: str) -> str | None:
        """Send a text and return the code of its refusal, None when it was taken."""
        frame = {"client_msg_id": secrets.token_urlsafe(12), "kind": "text", "v": 1, "body": {"text": text}}
        answer = self._client.post(f"/v1/conversations/{conversation_id}/messages", json=frame)
        return None if answer.is_success else str(answer.json()["code"])

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Do anything else over HTTP and return the answer."""
        answer = self._client.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _post(self, path: str, body: object) -> dict[str, dict[str, object]]:
        answer = self._client.post(path, json=body)
        answer.raise_for_status()
        result: dict[str, dict[str, object]] = answer.json()
        return result
