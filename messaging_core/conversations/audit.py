"""What admins have done in a group: one row an act, in the act's transaction, for its owner and admins to read."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Index, Table, Text, insert, select

from messaging_core.conversations.store import ConversationRow
from messaging_core.identity.policy import Actor
from messaging_core.identity.store import accounts
from messaging_core.kernel.schema import AnyRow, Id, metadata
from messaging_core.kernel.unit import Unit

group_audit = Table(
    "group_audit",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("conversation_id", Id, nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("act", Text, nullable=False),
    Column("target_id", Id, nullable=True),
    Column("data", Text, nullable=False),
    Column("at", Id, nullable=False),
    Index(None, "conversation_id", "id"),
)


def record(
    unit: Unit,
    conversation: ConversationRow,
    actor: Actor,
    *,
    act: str,
    target_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Write down who did what to whom."""
    unit.connection.execute(
        insert(group_audit).values(
            id=unit.new_id(),
            enterprise_id=conversation.enterprise_id,
            conversation_id=conversation.id,
            actor_id=actor.account_id,
            act=act,
            target_id=target_id,
            data=msgspec.json.encode(data or {}).decode(),
            at=unit.now_us,
        )
    )


_actor, _target = accounts.alias("actor"), accounts.alias("target")


def list_acts(connection: Connection, conversation_id: int, *, before_id: int, limit: int) -> list[AnyRow]:
    """Return acts with the names of those concerned, newest first."""
    query = (
        select(group_audit, _actor.c.name.label("actor_name"), _target.c.name.label("target_name"))
        .join(_actor, _actor.c.id == group_audit.c.actor_id)
        .outerjoin(_target, _target.c.id == group_audit.c.target_id)
        .where(group_audit.c.conversation_id == conversation_id, group_audit.c.id < before_id)
        .order_by(group_audit.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(query))
