"""What the tests of the plug-in door share: waiting, saying, a subscriber that keeps what it gets."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import httpx
import msgspec
from fastapi import FastAPI

from messaging_core.api import Actor, Core, Delivery, SendRequest, Sent, open_service
from messaging_core.app import create_app
from messaging_core.messages import reading_store as messages
from messaging_core.settings import Settings
from tests.support.cast import Cast

_numbers = count(1)


async def until(condition: Callable[[], Any], *, what: str, timeout_s: float = 30.0) -> Any:
    """Wait until a condition (plain or async) holds and return its value; fail with `what` when it never does."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, f"never happened: {what}"
        await asyncio.sleep(0.01)


def quick(settings: Settings, **delivery: object) -> Settings:
    """Return the settings with three tries 10 ms apart and a sweep that runs only when it is called."""
    values = {"subscriber_retries": 3, "subscriber_backoff_s": 0.01, "sweep_s": 3600.0, **delivery}
    return settings.model_copy(update={"delivery": settings.delivery.model_copy(update=values)})


async def say(core: Core, actor: Actor, conversation_id: int, text: str, *, version: int | None = None) -> Sent:
    """Send a text and return what was committed."""
    outcome = await core.send(
        SendRequest(
            actor=actor,
            conversation_id=conversation_id,
            client_msg_id=f"say.{next(_numbers)}",
            kind="text",
            v=1,
            body=msgspec.json.encode({"text": text}),
            settle=lambda _request, _outcome: None,
            assignment_version=version,
        )
    )
    assert isinstance(outcome, Sent), outcome
    return outcome


async def ask(core: Core, cast: Cast, who: str = "lin") -> int:
    """Open somebody's conversation with the shop."""
    return await core.run(lambda unit: open_service(unit, cast[who], enterprise_id=cast.enterprise_id))


async def texts_of(core: Core, conversation_id: int, *, sender_id: int) -> list[str]:
    """Return what one account has said in a conversation, in order."""
    events = await core.read(
        lambda connection: messages.list_events(connection, conversation_id, after_seq=0, to_seq=None, limit=1000)
    )
    found = [message_of(event.message) for event in events if event.message is not None]
    return [message["body"]["text"] for message in found if message["sender_id"] == str(sender_id)]


def message_of(raw: bytes | None) -> dict[str, Any]:
    """Return an event's message."""
    return msgspec.json.decode(raw or b"{}", type=dict[str, Any])


@asynccontextmanager
async def http(core: Core) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running core's HTTP edge."""
    app: FastAPI | None = vars(core).get("app_of_tests")
    if app is None:  # making one costs a quarter of a second, so it stays with its core
        app = vars(core)["app_of_tests"] = create_app(core)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        yield client


class Recorder:
    """Keeps every event in the order of arrival; `before` is called first and may raise or wait."""

    def __init__(
        self,
        name: str = "recorder",
        *,
        enterprise_id: int | None = None,
        kinds: frozenset[str] | None = None,
        from_start: bool = False,
        before: Callable[[Delivery], Awaitable[None]] | None = None,
    ) -> None:
        self.name = name
        self.enterprise_id = enterprise_id
        self.kinds = kinds
        self.from_start = from_start
        self.got: list[tuple[int, int]] = []
        self._before = before

    async def handle(self, delivery: Delivery) -> None:
        """Keep (conversation_id, seq)."""
        if self._before is not None:
            await self._before(delivery)
        self.got.append((delivery.event.conversation_id, delivery.event.seq))

    def seqs(self, conversation_id: int) -> list[int]:
        """Return the numbers that came of one conversation."""
        return [seq for id_, seq in self.got if id_ == conversation_id]

    def has(self, conversation_id: int, seq: int) -> bool:
        """Return whether an event has come."""
        return (conversation_id, seq) in self.got
