"""The tables of the plug-in door and the only SQL that touches them."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from messaging_core.conversations.store import active_slot, conversations
from messaging_core.kernel.schema import AnyRow, Id, metadata
from messaging_core.messages import reading_store

Only = Literal["service", "community"] | None
"""The one sort of conversation that a consumer looks at; None: all."""
NEVER = -1
"""Instead of a cursor: the consumer never looks at this conversation."""
_KINDS = {"service": "service", "community": "group"}

consumers = Table(
    "consumers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("enterprise_id", Id, nullable=True),
    Column("from_at", Id, nullable=False),
)
consumer_cursors = Table(
    "consumer_cursors",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("seq", Id, nullable=False),
    Column("node", Integer, nullable=False),
    Column("lease_until", Id, nullable=False),
    sqlite_with_rowid=False,
)
parked_events = Table(
    "parked_events",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("consumer", Text, nullable=False),
    Column("enterprise_id", Id, nullable=True),
    Column("conversation_id", Id, nullable=False),
    Column("seq", Id, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("parked_at", Id, nullable=False),
    Index(None, "consumer", "conversation_id", "seq", unique=True),
)
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("bot_account_id", Id, nullable=True),
    Column("created_at", Id, nullable=False),
    Index(None, "enterprise_id"),
)


def register(connection: Connection, *, name: str, enterprise_id: int | None, from_at: int) -> None:
    """Note a consumer the first time it is seen; it gets what happens from `from_at` on."""
    found = connection.execute(select(consumers.c.name).where(consumers.c.name == name)).scalar_one_or_none()
    if found is None:
        connection.execute(insert(consumers).values(name=name, enterprise_id=enterprise_id, from_at=from_at))


def forget(connection: Connection, *, name: str) -> None:
    """Remove a consumer, its cursors and what is parked for it."""
    connection.execute(delete(parked_events).where(parked_events.c.consumer == name))
    connection.execute(delete(consumer_cursors).where(consumer_cursors.c.consumer == name))
    connection.execute(delete(consumers).where(consumers.c.name == name))


def claim(
    connection: Connection,
    *,
    consumer: str,
    enterprise_id: int | None,
    only: Only = None,
    conversation_id: int,
    node: int,
    now_us: int,
    lease_until: int,
) -> int | None:
    """Take the right to serve one conversation and return the consumer's cursor in it.

    None while another node has it; NEVER for a conversation of another enterprise than the consumer's (if it has one)
    or of another kind than it looks at.
    """
    key = and_(consumer_cursors.c.consumer == consumer, consumer_cursors.c.conversation_id == conversation_id)
    row = connection.execute(select(consumer_cursors).where(key).with_for_update()).one_or_none()
    if row is None:
        found = connection.execute(
            select(conversations.c.enterprise_id, conversations.c.kind).where(conversations.c.id == conversation_id)
        ).one_or_none()
        owner, kind = found if found is not None else (None, "")
        if found is None:
            return None
        if (enterprise_id is not None and owner != enterprise_id) or not _is_looked_at(only, kind, owner):
            return NEVER
        from_at = connection.execute(select(consumers.c.from_at).where(consumers.c.name == consumer)).scalar_one()
        seq = reading_store.find_last_seq(connection, conversation_id, before_us=from_at)
        connection.execute(
            insert(consumer_cursors).values(
                consumer=consumer,
                conversation_id=conversation_id,
                enterprise_id=owner,
                seq=seq,
                node=node,
                lease_until=lease_until,
            )
        )
        return seq
    if row.node != node and row.lease_until > now_us:
        return None
    connection.execute(update(consumer_cursors).where(key).values(node=node, lease_until=lease_until))
    return int(row.seq)


def _is_looked_at(only: Only, kind: str, owner: int | None) -> bool:
    return only is None or (kind == _KINDS[only] and owner is not None)


def renew(
    connection: Connection, *, consumer: str, node: int, conversation_ids: list[int], lease_until: int
) -> list[int]:
    """Keep a node's right to the conversations that it is serving; return those that it still has."""
    kept = []
    for conversation_id in sorted(conversation_ids):  # in one order everywhere, so that nodes never wait in a ring
        renewed = connection.execute(
            update(consumer_cursors)
            .where(
                consumer_cursors.c.consumer == consumer,
                consumer_cursors.c.conversation_id == conversation_id,
                consumer_cursors.c.node == node,
            )
            .values(lease_until=lease_until)
        )
        if renewed.rowcount:
            kept.append(conversation_id)
    return kept


def release(connection: Connection, *, consumer: str, node: int, now_us: int) -> None:
    """Give a node's rights back, so that another, or the same one started again, need not wait for their end."""
    connection.execute(
        update(consumer_cursors)
        .where(
            consumer_cursors.c.consumer == consumer,
            consumer_cursors.c.node == node,
            consumer_cursors.c.lease_until > now_us,
        )
        .values(lease_until=now_us)
    )


_ADVANCE = (
    update(consumer_cursors)
    .where(
        consumer_cursors.c.consumer == bindparam("of_consumer"),
        consumer_cursors.c.conversation_id == bindparam("in_conversation"),
        consumer_cursors.c.seq < bindparam("to_seq"),
    )
    .values(seq=bindparam("to_seq"))
)


def advance(connection: Connection, *, consumer: str, conversation_id: int, seq: int) -> None:
    """Move a consumer's cursor forward."""
    connection.execute(_ADVANCE, {"of_consumer": consumer, "in_conversation": conversation_id, "to_seq": seq})


def list_behind(
    connection: Connection,
    *,
    consumer: str,
    enterprise_id: int | None,
    only: Only = None,
    since_us: int,
    limit: int,
) -> list[int]:
    """Return conversations in which the consumer has not seen everything, the longest waiting first."""
    joined = and_(consumer_cursors.c.consumer == consumer, consumer_cursors.c.conversation_id == conversations.c.id)
    query = (
        select(conversations.c.id)
        .outerjoin(consumer_cursors, joined)
        .where(
            conversations.c.active_slot >= active_slot(since_us),
            conversations.c.last_seq > func.coalesce(consumer_cursors.c.seq, 0),
        )
        .order_by(conversations.c.last_event_at)
        .limit(limit)
    )
    if enterprise_id is not None:
        query = query.where(conversations.c.enterprise_id == enterprise_id)
    if only is not None:
        query = query.where(conversations.c.kind == _KINDS[only], conversations.c.enterprise_id.is_not(None))
    return list(connection.execute(query).scalars())


def get_from_at(connection: Connection, *, consumer: str) -> int:
    """Return the time from which a consumer gets events."""
    return int(connection.execute(select(consumers.c.from_at).where(consumers.c.name == consumer)).scalar_one())


def park(connection: Connection, **values: object) -> None:
    """Put an event aside for the operator; once for each consumer and event."""
    found = connection.execute(
        select(parked_events.c.id).where(
            parked_events.c.consumer == values["consumer"],
            parked_events.c.conversation_id == values["conversation_id"],
            parked_events.c.seq == values["seq"],
        )
    ).scalar_one_or_none()
    if found is None:
        connection.execute(insert(parked_events).values(**values))


def list_parked(connection: Connection, *, after_id: int, limit: int) -> list[AnyRow]:
    """Return parked events, oldest first."""
    query = select(parked_events).where(parked_events.c.id > after_id).order_by(parked_events.c.id).limit(limit)
    return list(connection.execute(query))


def find_parked(connection: Connection, parked_id: int) -> AnyRow | None:
    """Return one parked event, or None."""
    return connection.execute(select(parked_events).where(parked_events.c.id == parked_id)).one_or_none()


def count_parked(connection: Connection) -> int:
    """Return how many events are parked."""
    return int(connection.execute(select(func.count()).select_from(parked_events)).scalar_one())


def note_failure(connection: Connection, parked_id: int, *, error: str) -> None:
    """Record that a parked event failed once more."""
    connection.execute(
        update(parked_events)
        .where(parked_events.c.id == parked_id)
        .values(error=error, attempts=parked_events.c.attempts + 1)
    )


def delete_parked(connection: Connection, parked_id: int) -> None:
    """Drop a parked event."""
    connection.execute(delete(parked_events).where(parked_events.c.id == parked_id))


def insert_webhook(connection: Connection, **values: object) -> None:
    """Add a webhook."""
    connection.execute(insert(webhooks).values(**values))


def list_webhooks(connection: Connection, *, enterprise_id: int | None = None) -> list[AnyRow]:
    """Return an enterprise's webhooks, or all."""
    query = select(webhooks).order_by(webhooks.c.id)
    if enterprise_id is not None:
        query = query.where(webhooks.c.enterprise_id == enterprise_id)
    return list(connection.execute(query))


def delete_webhook(connection: Connection, webhook_id: int, *, enterprise_id: int) -> bool:
    """Remove an enterprise's webhook; return whether it was there."""
    gone = connection.execute(
        delete(webhooks).where(webhooks.c.id == webhook_id, webhooks.c.enterprise_id == enterprise_id)
    )
    return gone.rowcount > 0
