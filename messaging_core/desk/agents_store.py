"""The tables of attendance and the desk's settings, and the only SQL that touches them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Boolean, Column, Connection, Integer, Table, Text, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from messaging_core.desk import store
from messaging_core.desk.policy import Seat, Status
from messaging_core.identity.policy import SERVING_ROLES
from messaging_core.identity.store import accounts, enterprise_members
from messaging_core.kernel.among import is_among
from messaging_core.kernel.schema import Id, metadata

desk_settings = Table(
    "desk_settings",
    metadata,
    Column("enterprise_id", Id, primary_key=True, autoincrement=False),
    Column("auto_assign", Boolean, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("grace_s", Integer, nullable=False),
)

desk_agents = Table(
    "desk_agents",
    metadata,
    Column("enterprise_id", Id, primary_key=True, autoincrement=False),
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=True),
    Column("capacity", Integer, nullable=True),
    Column("seen_at", Id, nullable=False),
    Column("assigned_at", Id, nullable=False),
)


@dataclass(slots=True, frozen=True)
class DeskSettings:
    """How an enterprise's desk works."""

    auto_assign: bool = False
    capacity: int = 8
    """Sessions that an agent may have at once, unless his own number says otherwise."""
    grace_s: int = 60
    """Seconds after which the sessions of an agent who went offline return to the queue."""


def read_settings(connection: Connection, enterprise_id: int) -> DeskSettings:
    """Return the desk's settings; an enterprise that has set nothing has the defaults."""
    row = connection.execute(select(desk_settings).where(desk_settings.c.enterprise_id == enterprise_id)).one_or_none()
    if row is None:
        return DeskSettings()
    return DeskSettings(auto_assign=bool(row.auto_assign), capacity=row.capacity, grace_s=row.grace_s)


def write_settings(connection: Connection, enterprise_id: int, settings: DeskSettings) -> None:
    """Replace the desk's settings."""
    values = {"auto_assign": settings.auto_assign, "capacity": settings.capacity, "grace_s": settings.grace_s}
    _upsert(connection, desk_settings, {"enterprise_id": enterprise_id}, values, values)


def list_auto_assigning(connection: Connection) -> list[int]:
    """Return the enterprises that assign by themselves."""
    return list(connection.execute(select(desk_settings.c.enterprise_id).where(desk_settings.c.auto_assign)).scalars())


def lock_agent(connection: Connection, enterprise_id: int, account_id: int) -> None:
    """Hold an agent's row until the end of the transaction, so that two sessions cannot both be his last."""
    fresh = {"status": None, "capacity": None, "seen_at": 0, "assigned_at": 0}
    _upsert(connection, desk_agents, {"enterprise_id": enterprise_id, "account_id": account_id}, fresh, {})
    connection.execute(
        select(desk_agents.c.account_id)
        .where(desk_agents.c.enterprise_id == enterprise_id, desk_agents.c.account_id == account_id)
        .with_for_update()
    )


def update_agent(connection: Connection, enterprise_id: int, account_id: int, **values: object) -> None:
    """Change an agent's row, which is made if need be."""
    fresh = {"status": None, "capacity": None, "seen_at": 0, "assigned_at": 0, **values}
    _upsert(connection, desk_agents, {"enterprise_id": enterprise_id, "account_id": account_id}, fresh, values)


def list_seats(connection: Connection, enterprise_id: int, *, account_id: int | None = None) -> list[Seat]:
    """Return who may serve an enterprise's customers, with status, capacity and load, by account."""
    capacity = read_settings(connection, enterprise_id).capacity
    query = (
        select(enterprise_members.c.account_id, enterprise_members.c.role, accounts.c.name)
        .add_columns(desk_agents.c.status, desk_agents.c.capacity, desk_agents.c.seen_at, desk_agents.c.assigned_at)
        .join(accounts, accounts.c.id == enterprise_members.c.account_id)
        .outerjoin(
            desk_agents,
            and_(
                desk_agents.c.enterprise_id == enterprise_members.c.enterprise_id,
                desk_agents.c.account_id == enterprise_members.c.account_id,
            ),
        )
        .where(enterprise_members.c.enterprise_id == enterprise_id, enterprise_members.c.role.in_(SERVING_ROLES))
        .order_by(enterprise_members.c.account_id)
    )
    if account_id is not None:
        query = query.where(enterprise_members.c.account_id == account_id)
        loads = {account_id: store.count_of_agent(connection, enterprise_id, account_id)}
    else:
        loads = store.count_of_agents(connection, enterprise_id)
    return [
        Seat(
            account_id=row.account_id,
            name=row.name,
            role=row.role,
            status=row.status or "offline",
            capacity=row.capacity if row.capacity is not None else capacity,
            own_capacity=row.capacity,
            load=loads.get(row.account_id, 0),
            seen_at_us=row.seen_at or 0,
            assigned_at_us=row.assigned_at or 0,
        )
        for row in connection.execute(query)
    ]


@dataclass(slots=True, frozen=True)
class Watched:
    """An agent whose attendance is watched."""

    enterprise_id: int
    account_id: int
    status: Status
    seen_at_us: int
    grace_s: int


def list_watched(connection: Connection) -> list[Watched]:
    """Return all who have said that they work, or who have left with sessions in their hands."""
    has_sessions = (
        select(store.service_sessions.c.id)
        .where(
            store.service_sessions.c.enterprise_id == desk_agents.c.enterprise_id,
            store.service_sessions.c.agent_id == desk_agents.c.account_id,
            store.service_sessions.c.state == "agent",
        )
        .exists()
    )
    query = (
        select(desk_agents, desk_settings.c.grace_s)
        .outerjoin(desk_settings, desk_settings.c.enterprise_id == desk_agents.c.enterprise_id)
        .where(or_(desk_agents.c.status.in_(("online", "away")), and_(desk_agents.c.status == "offline", has_sessions)))
        .order_by(desk_agents.c.enterprise_id, desk_agents.c.account_id)
    )
    default = DeskSettings().grace_s
    return [
        Watched(
            enterprise_id=row.enterprise_id,
            account_id=row.account_id,
            status=row.status,
            seen_at_us=row.seen_at,
            grace_s=row.grace_s if row.grace_s is not None else default,
        )
        for row in connection.execute(query)
    ]


def touch(connection: Connection, account_ids: list[int], *, now_us: int) -> None:
    """Note that agents who work were seen."""
    connection.execute(
        update(desk_agents)
        .where(is_among(desk_agents.c.account_id, account_ids), desk_agents.c.status.in_(("online", "away")))
        .values(seen_at=now_us)
    )


def _upsert(
    connection: Connection,
    table: Table,
    key: Mapping[str, object],
    fresh: Mapping[str, object],
    changes: Mapping[str, object],
) -> None:
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(table).values(**key, **fresh)
    if changes:
        connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changes))
    else:
        connection.execute(statement.on_conflict_do_nothing())
