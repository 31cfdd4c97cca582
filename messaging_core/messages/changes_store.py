"""What messages were before they were changed, and the SQL that changes them."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Integer, Table, Text, insert, select, update

from messaging_core.kernel.schema import Id, metadata
from messaging_core.messages.store import MessageRow, messages

message_versions = Table(
    "message_versions",
    metadata,
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("kind", Text, nullable=False),
    Column("v", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("extra", Text, nullable=True),
    Column("actor_id", Id, nullable=False),
    Column("act", Text, nullable=False),
    Column("at", Id, nullable=False),
    sqlite_with_rowid=False,
)


def keep_version(connection: Connection, row: MessageRow, *, actor_id: int, act: str, at_us: int) -> int:
    """Keep what a message is now, before an `edit` or a `recall`; return how many versions are kept."""
    version = (row.versions or 0) + 1
    connection.execute(
        insert(message_versions).values(
            conversation_id=row.conversation_id,
            seq=row.seq,
            version=version,
            enterprise_id=row.enterprise_id,
            kind=row.kind,
            v=row.v,
            body=row.body,
            extra=row.extra,
            actor_id=actor_id,
            act=act,
            at=at_us,
        )
    )
    return version


def change_message(connection: Connection, conversation_id: int, seq: int, **values: object) -> None:
    """Write a message's new form; its conversation is locked."""
    connection.execute(
        update(messages).where(messages.c.conversation_id == conversation_id, messages.c.seq == seq).values(**values)
    )


def list_versions(connection: Connection, conversation_id: int, seq: int) -> list[MessageRow]:
    """Return what a message was before each change, the oldest first."""
    query = (
        select(message_versions)
        .where(message_versions.c.conversation_id == conversation_id, message_versions.c.seq == seq)
        .order_by(message_versions.c.version)
    )
    return list(connection.execute(query))


def find_first_version(connection: Connection, conversation_id: int, seq: int) -> MessageRow:
    """Return a changed message as it was sent."""
    query = select(message_versions).where(
        message_versions.c.conversation_id == conversation_id,
        message_versions.c.seq == seq,
        message_versions.c.version == 1,
    )
    return connection.execute(query).one()
