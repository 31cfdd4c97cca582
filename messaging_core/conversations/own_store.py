"""How one member keeps a conversation in his own list: pinned, muted, archived, with a draft."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    false,
    func,
    insert,
    not_,
    or_,
    select,
    true,
    update,
)

from messaging_core.conversations.store import conversations, members
from messaging_core.kernel.among import is_among
from messaging_core.kernel.schema import AnyRow, Id, metadata

own_views = Table(
    "own_views",
    metadata,
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    # Rises with every change, so that a client knows which of two is newer.
    Column("version", Integer, nullable=False),
    Column("pinned_at", Id, nullable=True),
    Column("muted", Boolean, nullable=False),
    # The last message when it was put away; it comes back with the next one, unless it is muted.
    Column("archived_msg_no", Id, nullable=True),
    Column("draft", Text, nullable=True),
    Column("draft_at", Id, nullable=True),
    sqlite_with_rowid=False,
)

_FIND = select(own_views).where(
    own_views.c.account_id == bindparam("account_id"),
    is_among(own_views.c.conversation_id),
)


def find_views(connection: Connection, account_id: int, conversation_ids: list[int]) -> dict[int, AnyRow]:
    """Return how an account keeps these conversations; those it never touched are left out."""
    if not conversation_ids:
        return {}
    rows = connection.execute(_FIND, {"account_id": account_id, "ids": conversation_ids})
    return {row.conversation_id: row for row in rows}


def put_view(
    connection: Connection, account_id: int, conversation_id: int, *, enterprise_id: int | None, **changes: object
) -> int:
    """Write what is given and keep the rest; return the new version. The membership is locked before."""
    row = find_views(connection, account_id, [conversation_id]).get(conversation_id)
    if row is None:
        values: dict[str, object] = {"version": 1, "muted": False, **changes}
        connection.execute(
            insert(own_views).values(
                account_id=account_id, conversation_id=conversation_id, enterprise_id=enterprise_id, **values
            )
        )
        return 1
    connection.execute(
        update(own_views)
        .where(own_views.c.account_id == account_id, own_views.c.conversation_id == conversation_id)
        .values(version=row.version + 1, **changes)
    )
    return int(row.version) + 1


Part = Literal["all", "kept", "archived"]
_put_away = and_(
    own_views.c.archived_msg_no.is_not(None),
    or_(own_views.c.muted, conversations.c.last_msg_no <= own_views.c.archived_msg_no),
)
_PARTS: dict[str, ColumnElement[bool]] = {
    "all": true(),
    "kept": func.coalesce(not_(_put_away), true()),
    "archived": func.coalesce(_put_away, false()),
}
_MINE = members.join(conversations, conversations.c.id == members.c.conversation_id).outerjoin(
    own_views,
    and_(
        own_views.c.account_id == members.c.account_id,
        own_views.c.conversation_id == members.c.conversation_id,
    ),
)


def list_box(connection: Connection, account_id: int, part: Part) -> list[AnyRow]:
    """Return conversation_id, enterprise_id and role of one part of a list: pinned first, then the last active."""
    query = (
        select(members.c.conversation_id, conversations.c.enterprise_id, members.c.role)
        .select_from(_MINE)
        .where(members.c.account_id == account_id, members.c.left_seq.is_(None), _PARTS[part])
        .order_by(
            func.coalesce(own_views.c.pinned_at, 0).desc(),
            conversations.c.last_event_at.desc(),
            members.c.conversation_id.desc(),
        )
    )
    return list(connection.execute(query))


_UNREAD = (
    select(
        members.c.conversation_id,
        conversations.c.enterprise_id,
        members.c.role,
        (conversations.c.last_msg_no - members.c.read_msg_no).label("unread"),
        func.coalesce(own_views.c.muted, false()).label("muted"),
        func.coalesce(_put_away, false()).label("archived"),
    )
    .select_from(_MINE)
    .where(
        members.c.account_id == bindparam("account_id"),
        members.c.left_seq.is_(None),
        conversations.c.last_msg_no > members.c.read_msg_no,
    )
)


def list_unread(connection: Connection, account_id: int) -> list[AnyRow]:
    """Return enterprise, role, unread, muted and archived of every conversation in which something is unread."""
    return list(connection.execute(_UNREAD, {"account_id": account_id}))
