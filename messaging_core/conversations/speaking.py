"""The guard of groups: who is silenced says nothing, and in an announcement-only group only its admins speak."""

from __future__ import annotations

from collections.abc import Sequence

from messaging_core.conversations import policy
from messaging_core.kernel.unit import Unit
from messaging_core.messages.guards import Candidate, Rule, Wait


class Speaking(Rule):
    """Everything it asks stands in the row that was read for the batch."""

    def __init__(self, now_us: int) -> None:
        self._now_us = now_us

    def judge(self, candidate: Candidate) -> Wait | None:
        """Refuse the word of whoever may not speak now."""
        row = candidate.row
        if row.conversation_kind == "group":
            policy.check_may_speak(
                role=row.role,
                announcement_only=bool(row.announcement_only),
                group_until_us=row.group_silenced_until,
                member_until_us=row.silenced_until,
                now_us=self._now_us,
            )
        return None


def load(unit: Unit, candidates: Sequence[Candidate]) -> Speaking | None:
    """Return the guard when the batch has a group."""
    return Speaking(unit.now_us) if any(one.row.conversation_kind == "group" for one in candidates) else None
