"""What a list folds away: what offers goods unasked, and whoever writes too fast to one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, or_, select

from messaging_core.conversations.store import conversations, members
from messaging_core.delivery.quiet import Shown, read_shown
from messaging_core.kernel.among import is_among
from messaging_core.kernel.schema import AnyRow
from messaging_core.messages import reading_store
from messaging_core.safety.policy import Ring, folded_ms, folded_until
from messaging_core.settings import Safety

_OFFERED_TO = ("customer", "member")
"""Roles to whom an enterprise may offer something; its own people see what they send."""


@dataclass(slots=True, frozen=True)
class Moment:
    """When a list is looked at, and the rules by which it folds whoever writes too fast."""

    now_us: int
    rules: Safety


_RINGS = (
    select(members.c.conversation_id, members.c.recent)
    .join(conversations, conversations.c.id == members.c.conversation_id)
    .where(
        is_among(members.c.conversation_id),
        members.c.account_id != bindparam("account_id"),
        members.c.left_seq.is_(None),
        members.c.recent.is_not(None),
        # What the system tells is never folded away.
        conversations.c.announcement_only.is_not(True),
        or_(conversations.c.kind == "direct", and_(conversations.c.kind == "service", members.c.role == "customer")),
    )
)


def find_fast(connection: Connection, account_id: int, conversation_ids: list[int], moment: Moment) -> dict[int, int]:
    """Return those direct and service conversations in which the other side writes so fast that a list folds it.

    With the time at which each unfolds by itself, microseconds: what the last message said when it was delivered.
    """
    if not conversation_ids:
        return {}
    rows = connection.execute(_RINGS, {"ids": conversation_ids, "account_id": account_id})
    found: dict[int, int] = {}
    for row in rows:
        ring = Ring(bytes(row.recent))
        last_us = ring.last() or 0
        until_us = folded_until(last_us, folded_ms(ring, last_us=last_us, rules=moment.rules))
        if until_us > max(moment.now_us, found.get(row.conversation_id, 0)):
            found[row.conversation_id] = until_us
    return found


def is_offer(row: AnyRow, last: Shown | None) -> bool:
    """Return whether a conversation (enterprise_id, role) ends with goods that its enterprise offers unasked."""
    return (
        last is not None
        and last.message_class == "marketing"
        and row.enterprise_id is not None
        and row.role in _OFFERED_TO
    )


def find_folded(connection: Connection, account_id: int, rows: Sequence[AnyRow], moment: Moment) -> set[int]:
    """Return those of somebody's memberships (conversation_id, enterprise_id, role) that lie in the folded box."""
    shops = [row.conversation_id for row in rows if row.enterprise_id is not None and row.role in _OFFERED_TO]
    last = {id_: read_shown(raw) for id_, (_, raw) in reading_store.find_last(connection, shops).items()}
    offers = {row.conversation_id for row in rows if is_offer(row, last.get(row.conversation_id))}
    return offers | set(find_fast(connection, account_id, [row.conversation_id for row in rows], moment))
