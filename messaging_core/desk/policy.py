"""The state machine of a service session: pure, the whole table in one place.

    (open) -> bot | queued        request_agent: bot -> queued        take: bot, queued, agent -> agent
    hand_back: agent -> bot | queued (no bot)      transfer: agent -> agent | queued      close: any -> closed
Every step raises `assignment_version`, so that an answer prepared before it can be refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from messaging_core.errors import CoreError

State = Literal["bot", "queued", "agent", "closed"]
Action = Literal["request_agent", "take", "hand_back", "transfer", "close", "rate"]
Status = Literal["online", "away", "offline"]

_FROM: dict[Action, tuple[State, ...]] = {
    "request_agent": ("bot",),
    "take": ("bot", "queued", "agent"),
    "hand_back": ("agent",),
    "transfer": ("agent",),
    "close": ("bot", "queued", "agent"),
    "rate": ("closed",),
}
EVENT: dict[Action, str] = {
    "request_agent": "session.queued",
    "take": "session.assigned",
    "hand_back": "session.handed_back",
    "transfer": "session.assigned",
    "close": "session.closed",
}


def first_state(*, has_bot: bool) -> State:
    """Return the state in which a session opens."""
    return "bot" if has_bot else "queued"


def check_action(state: State, action: Action) -> None:
    """Refuse an action that the state does not allow."""
    if state not in _FROM[action]:
        raise CoreError("wrong_state", state=state, action=action)


def check_bot_may_send(state: State | None, *, current: int, given: int | None) -> None:
    """Refuse a bot's message when an agent has taken over, or when it was prepared before the last step."""
    if state not in ("bot", "queued") or given is None or given != current:
        raise CoreError("assignment_changed", state=state or "closed", assignment_version=current)


def check_bot_may_close(state: State, *, current: int) -> None:
    """Refuse a bot that would end a session which an agent has taken over: it did not know."""
    if state == "agent":
        raise CoreError("assignment_changed", state=state, assignment_version=current)


@dataclass(slots=True, frozen=True)
class Seat:
    """One of those who may serve, as the desk sees him now."""

    account_id: int
    name: str
    role: str
    status: Status
    capacity: int
    own_capacity: int | None
    """His own number, where it differs from the desk's."""
    load: int
    seen_at_us: int
    assigned_at_us: int

    @property
    def room(self) -> int:
        """Return how many sessions more he may have; 0 when full."""
        return max(0, self.capacity - self.load)


def choose_seat(seats: Iterable[Seat], *, not_account_id: int) -> Seat | None:
    """Return who gets the next session: of those at work the one with the most room, or None when all are full.

    Among equals it is who has waited longest since his last one. `not_account_id` is the customer: nobody serves
    himself.
    """
    free = [seat for seat in seats if seat.status == "online" and seat.room and seat.account_id != not_account_id]
    return min(free, key=lambda seat: (-seat.room, seat.assigned_at_us, seat.account_id), default=None)


def check_room(seat: Seat) -> None:
    """Refuse a session more than the agent's capacity."""
    if not seat.room:
        raise CoreError("agent_full", name=seat.name, limit=seat.capacity, used=seat.load)
