"""Invite links and the queue of those who asked to come in; the only SQL that touches them."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Index, Integer, Table, Text, func, insert, select, update

from messaging_core.identity.store import accounts
from messaging_core.kernel.schema import AnyRow, Id, metadata

invite_links = Table(
    "invite_links",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("conversation_id", Id, nullable=False),
    # The code itself is shown once, like a token.
    Column("code_hash", Text, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("created_at", Id, nullable=False),
    Column("expires_at", Id, nullable=True),
    Column("max_uses", Integer, nullable=True),
    Column("uses", Integer, nullable=False),
    Column("revoked_at", Id, nullable=True),
    Index(None, "code_hash", unique=True),
    Index(None, "conversation_id", "id"),
)
join_requests = Table(
    "join_requests",
    metadata,
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("link_id", Id, nullable=False),
    Column("words", Text, nullable=False),
    Column("asked_at", Id, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Id, nullable=True),
    Column("decided_at", Id, nullable=True),
    Index(None, "conversation_id", "state", "asked_at"),
    sqlite_with_rowid=False,
)


def insert_link(connection: Connection, **values: object) -> None:
    """Add a link."""
    connection.execute(insert(invite_links).values(**values))


def find_by_code(connection: Connection, code_hash: str) -> AnyRow | None:
    """Return the link with a code, or None."""
    return connection.execute(select(invite_links).where(invite_links.c.code_hash == code_hash)).one_or_none()


def find_link(connection: Connection, conversation_id: int, link_id: int) -> AnyRow | None:
    """Return a link of a group, or None."""
    query = select(invite_links).where(invite_links.c.id == link_id, invite_links.c.conversation_id == conversation_id)
    return connection.execute(query).one_or_none()


def list_links(connection: Connection, conversation_id: int, *, before_id: int, limit: int) -> list[AnyRow]:
    """Return a group's links, newest first."""
    query = (
        select(invite_links)
        .where(invite_links.c.conversation_id == conversation_id, invite_links.c.id < before_id)
        .order_by(invite_links.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(query))


def update_link(connection: Connection, link_id: int, **values: object) -> None:
    """Change a link; its conversation is locked."""
    connection.execute(update(invite_links).where(invite_links.c.id == link_id).values(**values))


def find_request(connection: Connection, conversation_id: int, account_id: int) -> AnyRow | None:
    """Return what somebody has asked, decided or not, or None."""
    query = select(join_requests).where(
        join_requests.c.conversation_id == conversation_id, join_requests.c.account_id == account_id
    )
    return connection.execute(query).one_or_none()


def put_request(connection: Connection, conversation_id: int, account_id: int, **values: object) -> None:
    """Write a request, anew if there was one before; the conversation is locked."""
    if find_request(connection, conversation_id, account_id) is None:
        connection.execute(
            insert(join_requests).values(conversation_id=conversation_id, account_id=account_id, **values)
        )
        return
    connection.execute(
        update(join_requests)
        .where(join_requests.c.conversation_id == conversation_id, join_requests.c.account_id == account_id)
        .values(**values)
    )


def count_waiting(connection: Connection, conversation_id: int) -> int:
    """Return how many wait to be let in."""
    query = select(func.count()).where(
        join_requests.c.conversation_id == conversation_id, join_requests.c.state == "waiting"
    )
    return int(connection.execute(query).scalar_one())


def list_waiting(connection: Connection, conversation_id: int, *, limit: int) -> list[AnyRow]:
    """Return who waits to be let in, with names, the first to ask first."""
    query = (
        select(join_requests, accounts.c.name)
        .join(accounts, accounts.c.id == join_requests.c.account_id)
        .where(join_requests.c.conversation_id == conversation_id, join_requests.c.state == "waiting")
        .order_by(join_requests.c.asked_at, join_requests.c.account_id)
        .limit(limit)
    )
    return list(connection.execute(query))
