"""The guard of who speaks where: in a group who is silenced says nothing and, if it is announcement-only, nobody but
its admins; where the system tells a person something, nobody but the system."""

from __future__ import annotations

from collections.abc import Sequence

from messaging_core.conversations import policy
from messaging_core.errors import ruled_out
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
        elif row.announcement_only and not candidate.request.actor.is_machine:
            raise ruled_out("notices_only")
        return None


def load(unit: Unit, candidates: Sequence[Candidate]) -> Speaking | None:
    """Return the guard when the batch has a group, or a line of the system."""
    asked = any(one.row.conversation_kind == "group" or one.row.announcement_only for one in candidates)
    return Speaking(unit.now_us) if asked else None
