"""What becomes of a message that waits: it is let go and numbered, taken back by its sender, or refused.

Whoever changes one holds its conversation's lock, as a send does: each message has exactly one end. The job of a queued
message that has ended otherwise is left to find nothing to do: the node that runs it locks the job before the
conversation, and to delete it here would be to wait for that node while it waits for us.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.conversations import store as conversations
from messaging_core.delivery import pending_store as store
from messaging_core.errors import CoreError, not_found
from messaging_core.identity.policy import Actor
from messaging_core.kernel.jobs import Job
from messaging_core.kernel.unit import Unit
from messaging_core.messages.actions import send_batch
from messaging_core.messages.model import Outcome, SendRequest, Sent


def release_due(unit: Unit, job: Job) -> None:
    """Let a queued message go whose time has come; the handler of the job `pending.release`."""
    row = _lock(unit, int(job.payload["pending_id"]))
    if row is not None and row.status == "queued" and row.job_id == job.id:
        release(unit, row)


def release(unit: Unit, row: store.PendingRow) -> Outcome:
    """Number a waiting message whose conversation is locked; what its class does not allow now waits on or is refused.

    The sender hears of a message as everybody does, of the rest by a `pending` frame.
    """
    request = SendRequest(
        actor=Actor(row.sender_id, row.sender_kind, "", enterprise_id=row.sender_enterprise_id),
        conversation_id=row.conversation_id,
        client_msg_id=row.client_msg_id,
        kind=row.kind,
        v=row.v,
        body=row.body.encode(),
        settle=lambda _request, _outcome: None,
        assignment_version=row.assignment_version,
        extra=row.extra.encode() if row.extra is not None else None,
        released=True,
    )
    outcome = send_batch(unit, [request])[0]
    if isinstance(outcome, CoreError):
        refuse(unit, row, rule=str(outcome.data.get("rule", outcome.code)))
    elif not isinstance(outcome, Sent):
        tell(unit, row, status=outcome.status, rule=outcome.rule, until_us=outcome.until_us)
    return outcome


def refuse(unit: Unit, row: store.PendingRow, *, rule: str) -> None:
    """End a waiting message for good; its sender is told by which rule, and can appeal."""
    store.update_pending(unit.connection, row.id, status="refused", rule=rule, job_id=None, changed_at=unit.now_us)
    tell(unit, row, status="refused", rule=rule)


def recall(unit: Unit, actor: Actor, *, conversation_id: int, client_msg_id: str) -> store.PendingRow:
    """Take back a message of one's own that waits; nobody has seen it, so it leaves no tombstone."""
    conversations.lock(unit.connection, conversation_id)
    row = store.find_by_key(
        unit.connection, conversation_id=conversation_id, sender_id=actor.account_id, client_msg_id=client_msg_id
    )
    if row is None or row.status not in store.WAITING:
        raise not_found("pending")
    store.update_pending(unit.connection, row.id, status="recalled", job_id=None, changed_at=unit.now_us)
    tell(unit, row, status="recalled", rule=row.rule)
    return row


def find_locked(unit: Unit, pending_id: int) -> store.PendingRow | None:
    """Return a waiting message with its conversation locked; None when it has been let go."""
    return _lock(unit, pending_id)


def list_own(
    connection: Connection, actor: Actor, *, conversation_id: int | None, before_id: int, limit: int
) -> list[dict[str, Any]]:
    """Return what the actor has waiting, and what became of the rest, newest first."""
    rows = store.list_of_sender(
        connection, actor.account_id, conversation_id=conversation_id, before_id=before_id, limit=limit
    )
    return [describe(row) for row in rows]


def describe(row: store.PendingRow) -> dict[str, Any]:
    """Return a waiting message as its sender sees it."""
    return {
        "id": str(row.id),
        "conversation_id": str(row.conversation_id),
        "client_msg_id": row.client_msg_id,
        "kind": row.kind,
        "v": row.v,
        "body": msgspec.json.decode(row.body),
        "status": row.status,
        "rule": row.rule,
        "until": format_time(row.until_at) if row.until_at is not None and row.status == "queued" else None,
        "at": format_time(row.created_at),
    }


def tell(unit: Unit, row: store.PendingRow, *, status: str, rule: str, until_us: int | None = None) -> None:
    """Tell the sender's links, after the commit, what has become of a waiting message."""
    frame = {
        "type": "pending",
        "conversation_id": str(row.conversation_id),
        "client_msg_id": row.client_msg_id,
        "status": status,
        "rule": rule,
        "until": format_time(until_us) if until_us is not None else None,
        "at": format_time(unit.now_us),
    }
    unit.tell_account(row.sender_id, msgspec.json.encode(frame))


def _lock(unit: Unit, pending_id: int) -> store.PendingRow | None:
    found = store.find_pending(unit.connection, pending_id)
    if found is None:
        return None
    conversations.lock(unit.connection, found.conversation_id)
    return store.find_pending(unit.connection, pending_id)
