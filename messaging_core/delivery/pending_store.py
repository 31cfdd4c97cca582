"""The table of messages that wait, and the only SQL that touches it: they take no `seq` until they are let go."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Float, Index, Integer, Table, Text, delete, insert, select, update

from messaging_core.kernel.among import is_among
from messaging_core.kernel.schema import AnyRow, Id, metadata

pending = Table(
    "pending",
    metadata,
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("sender_id", Id, primary_key=True, autoincrement=False),
    Column("client_msg_id", Text, primary_key=True),
    Column("id", Id, nullable=False),
    Column("enterprise_id", Id, nullable=True),
    Column("sender_kind", Text, nullable=False),
    Column("sender_enterprise_id", Id, nullable=True),
    Column("kind", Text, nullable=False),
    Column("v", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("extra", Text, nullable=True),
    Column("assignment_version", Integer, nullable=True),
    # held, queued; and what became of one that was not let go: refused, recalled.
    Column("status", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("until_at", Id, nullable=True),
    Column("job_id", Id, nullable=True),
    Column("score", Float, nullable=True),
    Column("found", Text, nullable=False),
    Column("created_at", Id, nullable=False),
    Column("changed_at", Id, nullable=False),
    Index(None, "id", unique=True),
    Index(None, "sender_id", "id"),
    sqlite_with_rowid=False,
)

PendingRow = AnyRow
WAITING = ("held", "queued")


def insert_pending(connection: Connection, rows: list[dict[str, object]]) -> None:
    """Add messages that wait, in one statement."""
    connection.execute(insert(pending), rows)


def find_pending(connection: Connection, pending_id: int) -> PendingRow | None:
    """Return one, or None when it was let go."""
    return connection.execute(select(pending).where(pending.c.id == pending_id)).one_or_none()


def find_by_key(
    connection: Connection, *, conversation_id: int, sender_id: int, client_msg_id: str
) -> PendingRow | None:
    """Return a sender's own, or None."""
    query = select(pending).where(
        pending.c.conversation_id == conversation_id,
        pending.c.sender_id == sender_id,
        pending.c.client_msg_id == client_msg_id,
    )
    return connection.execute(query).one_or_none()


def list_of_sender(
    connection: Connection, sender_id: int, *, conversation_id: int | None, before_id: int, limit: int
) -> list[PendingRow]:
    """Return what a sender has waiting, and what became of the rest, newest first."""
    query = select(pending).where(pending.c.sender_id == sender_id, pending.c.id < before_id)
    if conversation_id is not None:
        query = query.where(pending.c.conversation_id == conversation_id)
    return list(connection.execute(query.order_by(pending.c.id.desc()).limit(limit)))


def update_pending(connection: Connection, pending_id: int, **values: object) -> None:
    """Change one whose conversation is locked."""
    connection.execute(update(pending).where(pending.c.id == pending_id).values(**values))


def delete_pending(connection: Connection, pending_ids: list[int]) -> None:
    """Forget those that have become messages."""
    connection.execute(delete(pending).where(is_among(pending.c.id, pending_ids)))
