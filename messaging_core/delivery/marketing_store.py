"""The tables behind marketing messages and the only SQL that touches them: consents, and what each day has brought."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Boolean, Column, Connection, Integer, Table, and_, case, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from messaging_core.conversations.store import members
from messaging_core.identity.store import accounts
from messaging_core.kernel.among import is_among
from messaging_core.kernel.schema import AnyRow, Id, metadata

marketing_consents = Table(
    "marketing_consents",
    metadata,
    Column("enterprise_id", Id, primary_key=True, autoincrement=False),
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("opted_in", Boolean, nullable=False),
    Column("at", Id, nullable=False),
)
marketing_days = Table(
    "marketing_days",
    metadata,
    Column("enterprise_id", Id, primary_key=True, autoincrement=False),
    # A customer, or a group: its members get the message once together.
    Column("recipient_id", Id, primary_key=True, autoincrement=False),
    Column("day", Integer, nullable=False),
    Column("delivered", Integer, nullable=False),
)

_RECIPIENTS = (
    select(
        members.c.conversation_id,
        members.c.role,
        members.c.account_id,
        members.c.recent,
        accounts.c.time_zone,
        marketing_consents.c.opted_in,
        marketing_days.c.day,
        marketing_days.c.delivered,
    )
    .join(accounts, accounts.c.id == members.c.account_id)
    .outerjoin(
        marketing_consents,
        and_(
            marketing_consents.c.enterprise_id == members.c.enterprise_id,
            marketing_consents.c.account_id == members.c.account_id,
        ),
    )
    .outerjoin(
        marketing_days,
        and_(
            marketing_days.c.enterprise_id == members.c.enterprise_id,
            marketing_days.c.recipient_id
            == case((members.c.role == "owner", members.c.conversation_id), else_=members.c.account_id),
        ),
    )
)


def find_recipients(connection: Connection, conversation_ids: Sequence[int]) -> dict[int, AnyRow]:
    """Return, for conversations of enterprises, who is asked before goods are offered: the customer, a group's owner.

    With his zone, when he last spoke (`recent`), his consent, and what the last day brought.
    """
    query = _RECIPIENTS.where(
        is_among(members.c.conversation_id, conversation_ids),
        members.c.role.in_(("customer", "owner")),
        members.c.left_seq.is_(None),
    )
    return {row.conversation_id: row for row in connection.execute(query)}


def put_consent(connection: Connection, *, enterprise_id: int, account_id: int, opted_in: bool, now_us: int) -> None:
    """Write whether somebody wants an enterprise's marketing."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(marketing_consents).values(
        enterprise_id=enterprise_id, account_id=account_id, opted_in=opted_in, at=now_us
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["enterprise_id", "account_id"], set_={"opted_in": opted_in, "at": now_us}
        )
    )


def change_customer(connection: Connection, visitor_id: int, account_id: int) -> None:
    """Let what a visitor has said of marketing hold for the account he turned out to be, unless that has said since."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    said = marketing_consents.alias("said")
    query = select(said.c.enterprise_id, literal(account_id, Id), said.c.opted_in, said.c.at)
    statement = dialect.insert(marketing_consents).from_select(
        ["enterprise_id", "account_id", "opted_in", "at"], query.where(said.c.account_id == visitor_id)
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["enterprise_id", "account_id"],
            set_={"opted_in": statement.excluded.opted_in, "at": statement.excluded.at},
            where=statement.excluded.at > marketing_consents.c.at,
        )
    )


def list_consents(connection: Connection, account_id: int) -> list[AnyRow]:
    """Return what somebody has said to which enterprise."""
    query = (
        select(marketing_consents, accounts.c.name)
        .join(accounts, accounts.c.id == marketing_consents.c.enterprise_id)
        .where(marketing_consents.c.account_id == account_id)
        .order_by(marketing_consents.c.at.desc())
    )
    return list(connection.execute(query))


def put_days(connection: Connection, rows: list[dict[str, object]]) -> None:
    """Write what the day has brought to recipients whose conversations are locked."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(marketing_days)
    changed = {"day": statement.excluded.day, "delivered": statement.excluded.delivered}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["enterprise_id", "recipient_id"], set_=changed), rows
    )
