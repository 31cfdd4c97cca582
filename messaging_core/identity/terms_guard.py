"""The guard of what enterprises send: nothing before the terms in force are accepted; one statement for a batch."""

from __future__ import annotations

from collections.abc import Sequence

from messaging_core.errors import ruled_out
from messaging_core.identity.standing_store import read_accepted
from messaging_core.kernel.unit import Unit
from messaging_core.messages.guards import Candidate, Guard, Rule


class Terms(Rule):
    """Refuses the sends of enterprises that have not accepted the terms."""

    def __init__(self, accepted: dict[int, tuple[int, int]]) -> None:
        self._accepted = accepted

    def judge(self, candidate: Candidate) -> None:
        """Refuse, or let pass."""
        enterprise_id = _speaks_for(candidate)
        if enterprise_id is None:
            return
        check_terms(enterprise_id, self._accepted)


def check_terms(enterprise_id: int, accepted: dict[int, tuple[int, int]]) -> None:
    """Refuse an enterprise whose accepted version is not the one in force; the refusal says where to accept."""
    own, current = accepted[enterprise_id]
    if own < current:
        raise ruled_out(
            "green_terms", version=current, accepted=own, accept_url=f"/v1/enterprises/{enterprise_id}/terms"
        )


def load_terms(unit: Unit, candidates: Sequence[Candidate]) -> Guard | None:
    """Read what the enterprises that send in this batch have accepted."""
    speaking = {enterprise_id for candidate in candidates if (enterprise_id := _speaks_for(candidate)) is not None}
    return Terms(read_accepted(unit.connection, sorted(speaking))) if speaking else None


def _speaks_for(candidate: Candidate) -> int | None:
    """Return the enterprise whose bot or staff sends this in one of its own conversations, else None."""
    actor, row = candidate.request.actor, candidate.row
    if row.enterprise_id is None or actor.enterprise_id != row.enterprise_id or row.role == "customer":
        return None
    return actor.enterprise_id if actor.kind == "bot" or actor.staff_role is not None else None
