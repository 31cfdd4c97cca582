"""The suite for subscribers passes on the echo bot, and each of its checks fails a subscriber that breaks its rule."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from messaging_core.api import Core, Delivery, Event
from messaging_core.conformance.subscriber import (
    Bench,
    ConformanceError,
    check_subscriber,
)
from messaging_core.messages import reading_store as messages
from tests.messaging_core.integrations.echo_bot import EchoBot
from tests.messaging_core.integrations.helpers import ask, say, texts_of
from tests.support.cast import Cast


async def test_the_echo_bot_conforms(core: Core, cast: Cast) -> None:
    benches = 0

    @asynccontextmanager
    async def make() -> AsyncIterator[Bench]:
        nonlocal benches
        benches += 1
        bot = EchoBot(core, account_id=cast.id("bot"), enterprise_id=cast.enterprise_id, name=f"echo{benches}")
        conversations = [await ask(core, cast, who) for who in ("lin", "mi")]
        for who, conversation in zip(("lin", "mi"), conversations, strict=True):
            await say(core, cast[who], conversation, f"{who} {benches}")

        async def read(conversation: int) -> list[Event]:
            return await core.read(lambda c: messages.list_events(c, conversation, after_seq=0, to_seq=None, limit=100))

        async def observe() -> list[list[str]]:
            return [await texts_of(core, conversation, sender_id=cast.id("bot")) for conversation in conversations]

        yield Bench(bot, observe, [event for conversation in conversations for event in await read(conversation)])

    await check_subscriber(make)
    assert benches == 5


class Counter:
    """The least subscriber that conforms: notes each person's message under its key."""

    name = "counter"
    enterprise_id: int | None = None
    kinds: frozenset[str] | None = None
    from_start = False

    def __init__(self) -> None:
        self.work: list[str] = []

    async def handle(self, delivery: Delivery) -> None:
        """Note it once."""
        event = delivery.event
        if event.message is None:
            return
        message: dict[str, Any] = msgspec.json.decode(event.message, type=dict[str, Any])
        key = f"{event.conversation_id}.{event.seq}"
        if message["kind"] == "text" and key not in self.work:
            self.work.append(key)


class NeverWorks(Counter):
    async def handle(self, delivery: Delivery) -> None:
        """Pass everything over."""


class WorksTwice(Counter):
    async def handle(self, delivery: Delivery) -> None:
        """Note it every time."""
        await super().handle(delivery)
        self.work.append("again")


class StumblesOverTheNew(Counter):
    async def handle(self, delivery: Delivery) -> None:
        """Know two kinds only."""
        if delivery.event.kind not in ("message.sent", "session.opened"):
            raise KeyError(delivery.event.kind)
        await super().handle(delivery)


class AnswersEveryBody(Counter):
    async def handle(self, delivery: Delivery) -> None:
        """Take every message for a text."""
        if delivery.event.message is not None:
            text = msgspec.json.decode(delivery.event.message)["body"]["text"]
            if text not in self.work:
                self.work.append(text)


class BlocksTheLoop(Counter):
    async def handle(self, delivery: Delivery) -> None:
        """Compute where everybody waits."""
        time.sleep(0.15)  # noqa: ASYNC251 - that is its fault
        await super().handle(delivery)


class Hangs(Counter):
    async def handle(self, delivery: Delivery) -> None:
        """Wait for what never comes."""
        await asyncio.Event().wait()


class OneAtATime(Counter):
    def __init__(self) -> None:
        super().__init__()
        self._current: int | None = None

    async def handle(self, delivery: Delivery) -> None:
        """Keep the conversation at hand in a field that all share."""
        self._current = delivery.event.conversation_id
        await asyncio.sleep(0)
        if self._current != delivery.event.conversation_id:
            raise RuntimeError("another conversation came in between")
        await super().handle(delivery)


class Nameless(Counter):
    name = "new\nline"


def bench_of(make: Callable[[], Counter], **limits: float) -> Callable[[], Any]:
    def event(conversation_id: int, seq: int) -> Event:
        message = {"id": "1", "sender_id": "2", "origin": "person", "kind": "text", "v": 1, "body": {"text": f"{seq}"}}
        raw = msgspec.json.encode(message)
        return Event(conversation_id, seq, "message.sent", 0, actor_id=2, message_id=1, message=raw)

    @asynccontextmanager
    async def bench() -> AsyncIterator[Bench]:
        subscriber = make()

        async def observe() -> list[str]:
            return sorted(subscriber.work)

        yield Bench(
            subscriber, observe, [event(conversation, seq) for conversation in (1, 2) for seq in (1, 2)], **limits
        )

    return bench


async def test_the_least_subscriber_conforms() -> None:
    await check_subscriber(bench_of(Counter))


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (Nameless, "name"),
        (NeverWorks, "nothing to observe"),
        (WorksTwice, "did the work again"),
        (StumblesOverTheNew, "kind_of_the_future"),
        (AnswersEveryBody, "KeyError"),
        (BlocksTheLoop, "blocked the event loop"),
        (Hangs, "took more than"),
        (OneAtATime, "another conversation came in between"),
    ],
)
async def test_a_subscriber_that_breaks_a_rule_is_told_which(bad: type[Counter], expected: str) -> None:
    limits = {"handle_s": 0.1} if bad is Hangs else {"block_s": 0.1} if bad is BlocksTheLoop else {}
    with pytest.raises(ConformanceError, match=expected):
        await check_subscriber(bench_of(bad, **limits))
