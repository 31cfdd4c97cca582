"""The tables of the risk desk and the only SQL that touches them: cases to decide, and who has reported whom."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Index, Table, Text, func, insert, select, update

from messaging_core.identity.store import accounts
from messaging_core.kernel.schema import AnyRow, Id, metadata

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    # held (a message waits), report (somebody complains), appeal (somebody asks to look again)
    Column("kind", Text, nullable=False),
    # open, decided, withdrawn
    Column("state", Text, nullable=False),
    Column("rule", Text, nullable=False),
    # Whose conduct is looked at.
    Column("account_id", Id, nullable=False),
    Column("opened_by", Id, nullable=True),
    Column("conversation_id", Id, nullable=True),
    Column("enterprise_id", Id, nullable=True),
    Column("pending_id", Id, nullable=True),
    Column("sanction_id", Id, nullable=True),
    Column("data", Text, nullable=False),
    Column("opened_at", Id, nullable=False),
    Column("decided_at", Id, nullable=True),
    Column("decided_by", Id, nullable=True),
    Column("verdict", Text, nullable=True),
    Column("note", Text, nullable=False),
    Index(None, "state", "id"),
    Index(None, "account_id", "id"),
    Index(None, "pending_id"),
    Index(None, "sanction_id"),
)
reports = Table(
    "reports",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("case_id", Id, nullable=False),
    Column("reporter_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("at", Id, nullable=False),
    Index(None, "account_id", "at"),
)

CaseRow = AnyRow
_opener = accounts.alias("opener")
_with_names = (
    select(cases, accounts.c.name.label("account_name"), _opener.c.name.label("opener_name"))
    .outerjoin(accounts, accounts.c.id == cases.c.account_id)
    .outerjoin(_opener, _opener.c.id == cases.c.opened_by)
)


def insert_cases(connection: Connection, rows: list[dict[str, object]]) -> None:
    """Add cases, in one statement."""
    connection.execute(insert(cases), rows)


def find_case(connection: Connection, case_id: int) -> CaseRow | None:
    """Return a case with the names of both sides, or None."""
    return connection.execute(_with_names.where(cases.c.id == case_id)).one_or_none()


def lock_case(connection: Connection, case_id: int) -> CaseRow | None:
    """Return a case, locked until the transaction ends: it is decided once."""
    return connection.execute(select(cases).where(cases.c.id == case_id).with_for_update()).one_or_none()


def find_of(
    connection: Connection, *, pending_id: int | None = None, sanction_id: int | None = None, kind: str
) -> CaseRow | None:
    """Return the newest case of this kind about a waiting message or a sanction, or None."""
    query = select(cases).where(cases.c.kind == kind)
    if pending_id is not None:
        query = query.where(cases.c.pending_id == pending_id)
    if sanction_id is not None:
        query = query.where(cases.c.sanction_id == sanction_id)
    return connection.execute(query.order_by(cases.c.id.desc()).limit(1)).one_or_none()


def list_cases(connection: Connection, *, state: str, kind: str | None, after_id: int, limit: int) -> list[CaseRow]:
    """Return cases, those that wait longest first; decided ones in the order they were opened."""
    query = _with_names.where(cases.c.state == state, cases.c.id > after_id)
    if kind is not None:
        query = query.where(cases.c.kind == kind)
    return list(connection.execute(query.order_by(cases.c.id).limit(limit)))


def list_cases_of(connection: Connection, account_id: int, *, limit: int) -> list[CaseRow]:
    """Return the cases about somebody, newest first."""
    query = _with_names.where(cases.c.account_id == account_id)
    return list(connection.execute(query.order_by(cases.c.id.desc()).limit(limit)))


def list_appeals(connection: Connection, account_id: int, *, limit: int) -> list[CaseRow]:
    """Return somebody's own appeals, newest first."""
    query = select(cases).where(cases.c.account_id == account_id, cases.c.kind == "appeal")
    return list(connection.execute(query.order_by(cases.c.id.desc()).limit(limit)))


def count_open(connection: Connection) -> dict[str, int]:
    """Return how many cases of each kind wait."""
    query = select(cases.c.kind, func.count().label("number")).where(cases.c.state == "open").group_by(cases.c.kind)
    return {row.kind: row.number for row in connection.execute(query)}


def close_case(connection: Connection, case_id: int, **values: object) -> None:
    """Write what became of a locked case."""
    connection.execute(update(cases).where(cases.c.id == case_id).values(**values))


def has_confirmed(connection: Connection, account_id: int, *, since_us: int) -> bool:
    """Return whether a human has confirmed a violation of somebody since a time."""
    query = (
        select(cases.c.id)
        .where(
            cases.c.account_id == account_id,
            cases.c.verdict.in_(("confirm", "ban")),
            cases.c.decided_at > since_us,
        )
        .limit(1)
    )
    return connection.execute(query).first() is not None


def insert_report(connection: Connection, **values: object) -> None:
    """Note who has reported whom."""
    connection.execute(insert(reports).values(**values))


def has_reported(connection: Connection, *, reporter_id: int, account_id: int, since_us: int) -> bool:
    """Return whether somebody has reported this person since a time."""
    query = (
        select(reports.c.id)
        .where(reports.c.account_id == account_id, reports.c.at > since_us, reports.c.reporter_id == reporter_id)
        .limit(1)
    )
    return connection.execute(query).first() is not None


def count_reporters(connection: Connection, account_id: int, *, since_us: int) -> int:
    """Return how many distinct people have reported somebody since a time."""
    query = select(func.count(reports.c.reporter_id.distinct())).where(
        reports.c.account_id == account_id, reports.c.at > since_us
    )
    return int(connection.execute(query).scalar_one())
