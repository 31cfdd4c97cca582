"""The guards of the send path: rules that pass, refuse, hold or queue a message before it takes a number.

A rule is one class in its own room and one line in `guard_list.GUARDS`. Each batch is shown to it once: `load` reads
what the rule needs for all of it, in at most one statement, and in none when the rule has nothing to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from messaging_core.delivery.classes import MessageClass
from messaging_core.desk.store import SessionRow
from messaging_core.kernel.unit import Unit
from messaging_core.messages.model import SendRequest
from messaging_core.messages.store import MessageRow
from messaging_core.safety.policy import EMPTY, Ring, Sender


class Candidate(msgspec.Struct):
    """A new message of a batch, as the guards see it. Repetitions and senders who are no members never come here."""

    request: SendRequest
    row: MessageRow
    """The conversation and the sender's membership as `messages.store.read_requests` returns them, locked."""
    origin: str
    session: SessionRow | None
    """The open session of a service conversation."""
    recent: Ring = EMPTY
    """When its sender's last messages in this conversation were accepted, those of this batch included."""
    message_class: MessageClass = "interactive"
    """What it is delivered as; the guard of classes decides."""
    sender: Sender | None = None
    """What its sender has sent to persons, this message included; set when it is accepted, None when nothing counts."""


@dataclass(slots=True, frozen=True)
class Wait:
    """The message takes no number now: `held` until a human has looked at it, `queued` until a time."""

    status: Literal["held", "queued"]
    rule: str
    until_us: int | None = None
    score: float | None = None
    """The learned abuse score, for a reviewer."""
    found: tuple[str, ...] = ()
    """The words that were found, for a reviewer."""


class Guard(Protocol):
    """One rule over one batch. All calls come in the order of the requests."""

    at_delivery: bool
    """Whether it also judges what comes out of `pending`."""

    def judge(self, candidate: Candidate) -> Wait | None:
        """Return None to let it pass, a `Wait`, or raise the CoreError that refuses it (`errors.ruled_out`)."""

    def accepted(self, candidate: Candidate) -> None:
        """Count a message that all guards have let pass: it will be written."""

    def write(self, unit: Unit) -> None:
        """Write what was counted, in at most one statement a table. Called once, after the messages are written."""


class Rule:
    """A guard that only judges; its subclasses say how."""

    at_delivery = False

    def judge(self, candidate: Candidate) -> Wait | None:
        """Let everything pass."""
        return None

    def accepted(self, candidate: Candidate) -> None:
        """Count nothing."""

    def write(self, unit: Unit) -> None:
        """Write nothing."""


Load = Callable[[Unit, Sequence[Candidate]], Guard | None]
"""Returns the guard of a batch, None when it has nothing to look at."""


class Guards:
    """All guards of one batch."""

    def __init__(self, unit: Unit, guards: Sequence[Load], candidates: Sequence[Candidate]) -> None:
        self._unit = unit
        loaded = [load(unit, candidates) for load in guards] if candidates else []
        self._guards = [guard for guard in loaded if guard is not None]
        self._counting = [guard for guard in self._guards if type(guard).accepted is not Rule.accepted]

    def judge(self, candidate: Candidate) -> Wait | None:
        """Return the first guard's word against a message; None: it may go. Raises the refusal."""
        released = candidate.request.released
        for guard in self._guards:
            if released and not guard.at_delivery:
                continue
            wait = guard.judge(candidate)
            if wait is not None:
                return wait
        for guard in self._counting:
            guard.accepted(candidate)
        return None

    def write(self) -> None:
        """Write what the guards have counted."""
        for guard in self._guards:
            guard.write(self._unit)
