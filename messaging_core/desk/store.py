"""The table of service sessions and the only SQL that touches it."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from messaging_core.identity.store import accounts
from messaging_core.kernel.among import is_among
from messaging_core.kernel.schema import AnyRow, Id, metadata

service_sessions = Table(
    "service_sessions",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("state", Text, nullable=False),
    Column("agent_id", Id, nullable=True),
    Column("assignment_version", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", Id, nullable=False),
    Column("changed_at", Id, nullable=False),
    Column("closed_at", Id, nullable=True),
    Column("summary", Text, nullable=True),
    Column("queued_at", Id, nullable=True),
    Column("stars", Integer, nullable=True),
    Column("stars_text", Text, nullable=True),
    Index(
        "uq_service_sessions_open",
        "conversation_id",
        unique=True,
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    ),
    Index(None, "enterprise_id", "state", "id"),
    Index(None, "enterprise_id", "agent_id", "state"),
    Index(None, "conversation_id", "id"),
)

SessionRow = AnyRow
_agent = accounts.alias("agent")
_with_names = (
    select(service_sessions, accounts.c.name.label("customer_name"), _agent.c.name.label("agent_name"))
    .join(accounts, accounts.c.id == service_sessions.c.customer_id)
    .outerjoin(_agent, _agent.c.id == service_sessions.c.agent_id)
)


def insert_session(connection: Connection, **values: object) -> None:
    """Add a session."""
    connection.execute(insert(service_sessions).values(**values))


def update_session(connection: Connection, session_id: int, **values: object) -> None:
    """Change a session whose conversation is locked."""
    connection.execute(update(service_sessions).where(service_sessions.c.id == session_id).values(**values))


def change_customer(connection: Connection, conversation_id: int, customer_id: int) -> None:
    """Give the sessions of a locked conversation to the account that its visitor turned out to be."""
    statement = update(service_sessions).where(service_sessions.c.conversation_id == conversation_id)
    connection.execute(statement.values(customer_id=customer_id))


def find_session(connection: Connection, session_id: int) -> SessionRow | None:
    """Return one session with the names of customer and agent, or None."""
    return connection.execute(_with_names.where(service_sessions.c.id == session_id)).one_or_none()


_CURRENT = (
    _with_names.where(service_sessions.c.conversation_id == bindparam("conversation_id"))
    # By version, which goes on from one session to the next; ids of nodes whose clocks differ may not.
    .order_by(service_sessions.c.assignment_version.desc())
    .limit(1)
)


def find_current(connection: Connection, conversation_id: int) -> SessionRow | None:
    """Return the newest session of a conversation, open or closed, or None."""
    return connection.execute(_CURRENT, {"conversation_id": conversation_id}).one_or_none()


_OPEN = _with_names.where(is_among(service_sessions.c.conversation_id), service_sessions.c.state != "closed")


def find_open(connection: Connection, conversation_ids: list[int]) -> dict[int, SessionRow]:
    """Return the open sessions of these conversations, by conversation."""
    return {row.conversation_id: row for row in connection.execute(_OPEN, {"ids": conversation_ids})}


def list_sessions(
    connection: Connection,
    enterprise_id: int,
    *,
    state: str | None,
    agent_id: int | None,
    before_id: int,
    limit: int,
) -> list[SessionRow]:
    """Return an enterprise's sessions, newest first; `state` None: all that are open."""
    query = _with_names.where(
        service_sessions.c.enterprise_id == enterprise_id,
        service_sessions.c.state == state if state else service_sessions.c.state != "closed",
        service_sessions.c.id < before_id,
    )
    if agent_id is not None:
        query = query.where(service_sessions.c.agent_id == agent_id)
    return list(connection.execute(query.order_by(service_sessions.c.id.desc()).limit(limit)))


def list_of_agent(connection: Connection, enterprise_id: int, agent_id: int) -> list[SessionRow]:
    """Return the open sessions that an agent has, in the order in which their conversations are locked."""
    query = _with_names.where(
        service_sessions.c.enterprise_id == enterprise_id,
        service_sessions.c.state == "agent",
        service_sessions.c.agent_id == agent_id,
    )
    return list(connection.execute(query.order_by(service_sessions.c.conversation_id)))


def list_queue(connection: Connection, enterprise_id: int, *, limit: int) -> list[SessionRow]:
    """Return the waiting sessions in order of their arrival."""
    query = _with_names.where(service_sessions.c.enterprise_id == enterprise_id, service_sessions.c.state == "queued")
    return list(connection.execute(query.order_by(service_sessions.c.queued_at, service_sessions.c.id).limit(limit)))


def count_before(connection: Connection, session: SessionRow) -> int:
    """Return how many wait before a waiting session."""
    column = service_sessions.c
    query = select(func.count()).where(
        column.enterprise_id == session.enterprise_id,
        column.state == "queued",
        (column.queued_at < session.queued_at) | ((column.queued_at == session.queued_at) & (column.id < session.id)),
    )
    return int(connection.execute(query).scalar_one())


def count_of_agents(connection: Connection, enterprise_id: int) -> dict[int, int]:
    """Return how many open sessions each agent has, by agent."""
    query = (
        select(service_sessions.c.agent_id, func.count())
        .where(service_sessions.c.enterprise_id == enterprise_id, service_sessions.c.state == "agent")
        .group_by(service_sessions.c.agent_id)
    )
    return {int(agent_id): int(count) for agent_id, count in connection.execute(query)}


def count_of_agent(connection: Connection, enterprise_id: int, agent_id: int) -> int:
    """Return how many open sessions an agent has."""
    query = select(func.count()).where(
        service_sessions.c.enterprise_id == enterprise_id,
        service_sessions.c.agent_id == agent_id,
        service_sessions.c.state == "agent",
    )
    return int(connection.execute(query).scalar_one())
