"""What a third party writes to hear what happens: the Subscriber protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from messaging_core.integrations import store
from messaging_core.kernel.event_log import Event
from messaging_core.kernel.unit import Unit


@dataclass(slots=True, frozen=True)
class Delivery:
    """One event for one subscriber."""

    consumer: str
    event: Event
    moved: Callable[[int], None] = lambda _seq: None
    """Told, once it is committed, where `advance` has moved the cursor."""

    def advance(self, unit: Unit, *, to_seq: int | None = None) -> None:
        """Move the subscriber's cursor past this event in the caller's own transaction: its work and the cursor
        are then committed together, so the work is done exactly once.

        `to_seq`: past later events as well, which are then not handed over; the caller has digested them, or wrote
        them himself.
        """
        seq = self.event.seq if to_seq is None else max(to_seq, self.event.seq)
        store.advance(
            unit.connection,
            consumer=self.consumer,
            conversation_id=self.event.conversation_id,
            seq=seq,
        )
        unit.on_commit.append(lambda: self.moved(seq))


class Subscriber(Protocol):
    """What a third party writes.

    `name` names the cursor and must never change; `enterprise_id` None: events of all conversations; `kinds` None:
    all kinds; `from_start`: also what happened before it was first registered. It may also have `side_by_side`, the
    number of conversations that it digests at once on one node (16): one that waits for others needs more.
    """

    name: str
    enterprise_id: int | None
    kinds: frozenset[str] | None
    from_start: bool

    async def handle(self, delivery: Delivery) -> None:
        """Digest one event. What it raises is retried and then parked; it must bear the same event twice."""


@runtime_checkable
class ServiceSubscriber(Subscriber, Protocol):
    """A subscriber that looks at service conversations alone; the others cost it nothing."""

    service_only: Literal[True]


@runtime_checkable
class CommunitySubscriber(Subscriber, Protocol):
    """A subscriber that looks at the groups of enterprises alone; the others cost it nothing."""

    communities_only: Literal[True]

    def wants(self, event: Event) -> bool:
        """Return at a glance whether an event of these kinds is for it: a group says much that no bot is asked."""
