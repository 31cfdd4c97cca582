"""The guard of direct messages: the recipient's lists and scope, read in one statement for a whole batch."""

from __future__ import annotations

from collections.abc import Sequence

from messaging_core.identity.privacy_policy import Relation, check_may_message
from messaging_core.identity.privacy_store import read_relations
from messaging_core.kernel.unit import Unit
from messaging_core.messages.guards import Candidate, Guard, Rule


class Privacy(Rule):
    """Refuses what the other side of a direct conversation does not want; service conversations never come here."""

    def __init__(self, relations: dict[tuple[int, int], Relation]) -> None:
        self._relations = relations

    def judge(self, candidate: Candidate) -> None:
        """Refuse, or let pass."""
        request = candidate.request
        relation = self._relations.get((request.conversation_id, request.actor.account_id))
        if relation is not None:
            check_may_message(relation)


def load_privacy(unit: Unit, candidates: Sequence[Candidate]) -> Guard | None:
    """Read how the recipients of a batch's direct messages stand to the senders."""
    asked = {
        (candidate.request.conversation_id, candidate.request.actor.account_id)
        for candidate in candidates
        if candidate.row.conversation_kind == "direct" and not candidate.request.actor.is_machine
    }
    return Privacy(read_relations(unit.connection, sorted(asked))) if asked else None
