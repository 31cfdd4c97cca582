"""What the plug-in door asks of every subscriber, as checks that its author runs in his own tests.

    async def test_my_subscriber_conforms() -> None:
        await check_subscriber(make)

`make` opens a Bench: a fresh subscriber with its world (a core, a fake shop) behind it, and how to look at that world.
A check that fails raises ConformanceError with what to mend.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

import msgspec

from messaging_core.integrations.subscriber import Delivery, Subscriber
from messaging_core.kernel.event_log import Event

_NEW_KIND = "conformance.kind_of_the_future"


class ConformanceError(AssertionError):
    """A subscriber breaks a rule of the door; the text says which and how to mend it."""


@dataclass(slots=True, frozen=True)
class Bench:
    """A subscriber under test. `observe` returns its work so far in any form that `==` compares (replies, rows)."""

    subscriber: Subscriber
    observe: Callable[[], Awaitable[object]]
    events: Sequence[Event]
    """Events it works on, of at least two conversations, each conversation's in order."""
    handle_s: float = 5.0
    """Seconds in which one event must be handled."""
    block_s: float = 1.0
    """Seconds for which it may keep the event loop from turning."""


Make = Callable[[], AbstractAsyncContextManager[Bench]]


async def check_subscriber(make: Make) -> None:
    """Run every check, each on a fresh bench; raise ConformanceError at the first that fails."""
    for check in (
        check_declares_itself,
        check_works_at_all,
        check_bears_an_event_twice,
        check_survives_unknown_kinds,
        check_takes_conversations_side_by_side,
    ):
        async with make() as bench:
            await check(bench)


async def check_declares_itself(bench: Bench) -> None:
    """Its name is printable, its kinds are None or a frozenset, and its bench has events of two conversations."""
    subscriber = bench.subscriber
    if not subscriber.name or not subscriber.name.isprintable() or len(subscriber.name) > 200:
        raise ConformanceError(f"name {subscriber.name!r}: it names the cursor; 1 to 200 printable characters")
    if subscriber.kinds is not None and not (isinstance(subscriber.kinds, frozenset) and subscriber.kinds):
        raise ConformanceError(f"kinds {subscriber.kinds!r}: None for all kinds, or a frozenset of some")
    if len({event.conversation_id for event in bench.events}) < 2:
        raise ConformanceError("events: the checks need events of at least two conversations")


async def check_works_at_all(bench: Bench) -> None:
    """Its events leave something to observe; else the other checks would prove nothing."""
    before = await bench.observe()
    for event in bench.events:
        await _handle(bench, event)
    if await bench.observe() == before:
        raise ConformanceError("nothing to observe: `events` must make it work, and `observe` must see the work")


async def check_bears_an_event_twice(bench: Bench) -> None:
    """The second delivery of an event changes nothing: the door delivers at least once.

    Derive keys from the event (`client_msg_id` from its `seq`), or call `delivery.advance` in the work's transaction.
    """
    for event in bench.events:
        await _handle(bench, event)
        once = await bench.observe()
        await _handle(bench, event)
        twice = await bench.observe()
        if once != twice:
            raise ConformanceError(f"the second delivery of {_name(event)} did the work again: {once!r} -> {twice!r}")


async def check_survives_unknown_kinds(bench: Bench) -> None:
    """Kinds of events and of messages that did not exist when it was written are passed over without an error."""
    first = bench.events[0]
    before = await bench.observe()
    strangers = [replace(first, kind=_NEW_KIND, v=99, message=None, message_id=None, data=b'{"new":[1,{"a":null}]}')]
    message = next((event for event in bench.events if event.message is not None), None)
    if message is not None and message.message is not None:
        strange = _with_strange_body(message.message)
        strangers.append(replace(message, message=strange))
    for event in strangers:
        if bench.subscriber.kinds is None or event.kind in bench.subscriber.kinds:
            await _handle(bench, event)
    if await bench.observe() != before:
        raise ConformanceError("it did work for a kind that it cannot know")


async def check_takes_conversations_side_by_side(bench: Bench) -> None:
    """Events of several conversations at once end as the same events one after the other, without errors.

    The event loop must go on meanwhile: a subscriber that blocks it (a plain `requests.get`, heavy computing) stops
    the whole messenger; use `asyncio.to_thread`.
    """
    queues: dict[int, list[Event]] = {}
    for event in bench.events:
        queues.setdefault(event.conversation_id, []).append(event)

    async def serve(events: list[Event]) -> None:
        for event in events:
            await _handle(bench, event)

    before = await bench.observe()
    stall = asyncio.create_task(_longest_stall())
    try:
        await asyncio.gather(*(serve(events) for events in queues.values()))
    finally:
        stall.cancel()
        blocked_s = await stall
    if await bench.observe() == before:
        raise ConformanceError("side by side, its conversations got no work done")
    if blocked_s > bench.block_s:
        raise ConformanceError(f"it blocked the event loop for {blocked_s:.1f} s; use asyncio.to_thread")


async def _handle(bench: Bench, event: Event) -> None:
    """Hand an event over as the door does; name the event in whatever goes wrong."""
    subscriber = bench.subscriber
    if subscriber.kinds is not None and event.kind not in subscriber.kinds:
        return
    try:
        async with asyncio.timeout(bench.handle_s):
            await subscriber.handle(Delivery(subscriber.name, event))
    except TimeoutError as error:
        raise ConformanceError(
            f"{_name(event)} took more than {bench.handle_s} s; its conversation waits meanwhile"
        ) from error
    except Exception as error:
        raise ConformanceError(f"{_name(event)} raised {error!r}; the door would park it") from error


async def _longest_stall() -> float:
    """Measure until cancelled; return the longest time in seconds that the event loop did not turn."""
    loop, longest = asyncio.get_running_loop(), 0.0
    before = loop.time()
    try:
        while True:
            await asyncio.sleep(0.01)
            now = loop.time()
            longest, before = max(longest, now - before - 0.01), now
    except asyncio.CancelledError:
        return max(longest, loop.time() - before - 0.01)


def _with_strange_body(message: bytes) -> bytes:
    """Return a message of a kind and with a body that nobody knows yet."""
    tree = msgspec.json.decode(message, type=dict[str, object])
    return msgspec.json.encode({**tree, "kind": "hologram", "v": 7, "body": {"layers": [1, 2]}, "extra": True})


def _name(event: Event) -> str:
    return f"event {event.kind} seq {event.seq} of conversation {event.conversation_id}"
