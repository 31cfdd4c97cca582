"""Messages on their way into `pending`: what a batch of sends holds for a human, or queues for the morning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from messaging_core.delivery import pending_store as store
from messaging_core.errors import ruled_out
from messaging_core.kernel.jobs import schedule_all
from messaging_core.kernel.unit import Unit
from messaging_core.messages.model import Waiting
from messaging_core.safety import cases_store

if TYPE_CHECKING:
    from messaging_core.messages.guards import Candidate, Wait
    from messaging_core.messages.store import MessageRow

RELEASE = "pending.release"
"""The job that lets a queued message go."""


class Waits:
    """What one batch of sends puts into `pending`, and takes out of it."""

    def __init__(self) -> None:
        self._rows: list[dict[str, object]] = []
        self._jobs: list[tuple[int, int, dict[str, object]]] = []
        self._cases: list[dict[str, object]] = []
        self._gone: list[int] = []

    def add(self, unit: Unit, candidate: Candidate, wait: Wait) -> Waiting:
        """Have a message wait; a held one becomes a case of the risk desk, a queued one a job."""
        row = candidate.row
        if row.pending_id is not None:  # it came out, and has to wait again
            job_id = self._queue(unit, int(row.pending_id), wait)
            store.update_pending(
                unit.connection,
                row.pending_id,
                status=wait.status,
                rule=wait.rule,
                until_at=wait.until_us,
                job_id=job_id,
                changed_at=unit.now_us,
            )
            return Waiting(wait.status, wait.rule, wait.until_us, unit.now_us)
        pending_id = unit.new_id()
        job_id = self._queue(unit, pending_id, wait)
        if wait.status == "held":
            self._cases.append(_case(unit, candidate, wait, pending_id))
        self._rows.append(_row(unit, candidate, wait, pending_id, job_id))
        return Waiting(wait.status, wait.rule, wait.until_us, unit.now_us)

    def let_go(self, pending_id: int) -> None:
        """Note that a message has become one."""
        self._gone.append(pending_id)

    def write(self, unit: Unit) -> None:
        """Write it all: nothing, in the usual case; else one statement a table."""
        if self._rows:
            store.insert_pending(unit.connection, self._rows)
        if self._jobs:
            schedule_all(unit, kind=RELEASE, jobs=self._jobs)
        if self._cases:
            cases_store.insert_cases(unit.connection, self._cases)
        if self._gone:
            store.delete_pending(unit.connection, self._gone)

    def _queue(self, unit: Unit, pending_id: int, wait: Wait) -> int | None:
        if wait.until_us is None:
            return None
        job_id = unit.new_id()
        self._jobs.append((job_id, wait.until_us, {"pending_id": str(pending_id)}))
        return job_id


def outcome_of(row: MessageRow) -> Waiting:
    """Return what the sender of a message that waits, or has waited, is told again."""
    return Waiting(row.pending_status, row.pending_rule, row.pending_until, row.pending_at)


def check_not_refused(row: MessageRow) -> None:
    """Raise what a message has been refused with while it waited."""
    if row.pending_status == "refused":
        raise ruled_out(row.pending_rule)


def _row(unit: Unit, candidate: Candidate, wait: Wait, pending_id: int, job_id: int | None) -> dict[str, object]:
    request, actor = candidate.request, candidate.request.actor
    return {
        "conversation_id": request.conversation_id,
        "sender_id": actor.account_id,
        "client_msg_id": request.client_msg_id,
        "id": pending_id,
        "enterprise_id": candidate.row.enterprise_id,
        "sender_kind": actor.kind,
        "sender_enterprise_id": actor.enterprise_id,
        "kind": request.kind,
        "v": request.v,
        "body": request.body.decode(),
        "extra": request.extra.decode() if request.extra is not None else None,
        "assignment_version": request.assignment_version,
        "status": wait.status,
        "rule": wait.rule,
        "until_at": wait.until_us,
        "job_id": job_id,
        "score": wait.score,
        "found": msgspec.json.encode(wait.found).decode(),
        "created_at": unit.now_us,
        "changed_at": unit.now_us,
    }


def _case(unit: Unit, candidate: Candidate, wait: Wait, pending_id: int) -> dict[str, object]:
    return {
        "id": unit.new_id(),
        "kind": "held",
        "state": "open",
        "rule": wait.rule,
        "account_id": candidate.request.actor.account_id,
        "opened_by": None,
        "conversation_id": candidate.request.conversation_id,
        "enterprise_id": candidate.row.enterprise_id,
        "pending_id": pending_id,
        "sanction_id": None,
        "data": msgspec.json.encode({"found": wait.found, "score": wait.score}).decode(),
        "opened_at": unit.now_us,
        "decided_at": None,
        "decided_by": None,
        "verdict": None,
        "note": "",
    }
