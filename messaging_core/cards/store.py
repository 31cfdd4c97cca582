"""The tables of presses and leads, and the only SQL that touches them."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Index, Table, Text, delete, func, insert, select

from messaging_core.identity.store import accounts
from messaging_core.kernel.schema import AnyRow, Id, metadata

card_presses = Table(
    "card_presses",
    metadata,
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("button", Text, primary_key=True),
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("at", Id, nullable=False),
    sqlite_with_rowid=False,
)
leads = Table(
    "leads",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("seq", Id, nullable=False),
    Column("button", Text, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("answers", Text, nullable=False),
    Column("consent", Text, nullable=False),
    Column("consented_at", Id, nullable=False),
    Index(None, "conversation_id", "seq", "button", "account_id", unique=True),
    Index(None, "enterprise_id", "id"),
    Index(None, "account_id"),
)

LeadRow = AnyRow


def note_press(
    connection: Connection,
    *,
    conversation_id: int,
    seq: int,
    button: str,
    account_id: int,
    enterprise_id: int | None,
    at: int,
) -> None:
    """Note the first press of a person; later ones change nothing."""
    key = {"conversation_id": conversation_id, "seq": seq, "button": button, "account_id": account_id}
    known = select(card_presses.c.at).where(*(card_presses.c[name] == value for name, value in key.items()))
    if connection.execute(known).one_or_none() is None:
        connection.execute(insert(card_presses).values(**key, enterprise_id=enterprise_id, at=at))


def count_presses(connection: Connection, conversation_id: int, seq: int) -> dict[str, int]:
    """Return how many people have pressed each button of a card."""
    query = (
        select(card_presses.c.button, func.count().label("people"))
        .where(card_presses.c.conversation_id == conversation_id, card_presses.c.seq == seq)
        .group_by(card_presses.c.button)
    )
    return {row.button: row.people for row in connection.execute(query)}


def insert_lead(connection: Connection, **values: object) -> None:
    """Keep what a person left."""
    connection.execute(insert(leads).values(**values))


def find_lead(connection: Connection, lead_id: int) -> LeadRow | None:
    """Return a lead, or None."""
    return connection.execute(_NAMED.where(leads.c.id == lead_id)).one_or_none()


def find_own_lead(
    connection: Connection, *, conversation_id: int, seq: int, button: str, account_id: int
) -> LeadRow | None:
    """Return what a person has left with one button, or None."""
    query = _NAMED.where(
        leads.c.conversation_id == conversation_id,
        leads.c.seq == seq,
        leads.c.button == button,
        leads.c.account_id == account_id,
    )
    return connection.execute(query).one_or_none()


_NAMED = select(leads, accounts.c.name.label("account_name")).join(accounts, accounts.c.id == leads.c.account_id)


def list_leads(connection: Connection, *, enterprise_id: int, before_id: int, limit: int) -> list[LeadRow]:
    """Return an enterprise's leads, newest first."""
    query = _NAMED.where(leads.c.enterprise_id == enterprise_id, leads.c.id < before_id)
    return list(connection.execute(query.order_by(leads.c.id.desc()).limit(limit)))


def delete_lead(connection: Connection, lead_id: int) -> None:
    """Forget what a person left."""
    connection.execute(delete(leads).where(leads.c.id == lead_id))
