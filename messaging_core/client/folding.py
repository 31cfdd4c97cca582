"""What a list folds away, as the messages say: offers, and whoever writes too fast. Pure: no clock.

Who writes on too fast is folded for longer, never for shorter: the later of two times is true, whoever told it first.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from .models import Message, OwnView

_OFFERED_TO = ("customer", "member")
"""Roles to whom an enterprise may offer something; its own people see what they send."""


def take_over(held: OwnView, told: OwnView) -> OwnView:
    """Return the newer of two views, folded until the later of both times."""
    newer = told if told.version >= held.version else held
    return replace(newer, folded_until=_later(held.folded_until, told.folded_until))


def hasten(own: OwnView, message: Message) -> OwnView:
    """Return a view after a message of somebody else."""
    if not message.folded_ms:
        return own
    until = message.at + timedelta(milliseconds=message.folded_ms)
    return replace(own, folded_until=_later(own.folded_until, until))


def fold(own: OwnView, *, last: Message | None, role: str | None, enterprise_id: str | None) -> OwnView:
    """Return a view that says whether its conversation lies in the folded box."""
    offer = last is not None and last.message_class == "marketing"
    # A customer is alone on his side: what he wrote too fast as a visitor is his own.
    until = own.folded_until if role != "customer" else None
    folded = until is not None or (offer and enterprise_id is not None and role in _OFFERED_TO)
    if folded == own.folded and until == own.folded_until:
        return own
    return replace(own, folded=folded, folded_until=until)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)
