"""The tables of wallets, their ledger and red packets, and the only SQL that touches them."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    and_,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from messaging_core.identity.store import accounts
from messaging_core.kernel.schema import AnyRow, Id, metadata

OUTSIDE = 0
"""The wallet that stands for the world outside: what was paid in is owed there, so that all balances sum to zero."""

wallets = Table(
    "wallets",
    metadata,
    # An account's id, a red packet's id (what is in it), or OUTSIDE.
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("balance_fen", Id, nullable=False),
    CheckConstraint(f"balance_fen >= 0 OR id = {OUTSIDE}", name="not_overdrawn"),
)
ledger = Table(
    "ledger",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("wallet_id", Id, nullable=False),
    Column("other_id", Id, nullable=False),
    Column("amount_fen", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("packet_id", Id, nullable=True),
    Column("at", Id, nullable=False),
    Index(None, "wallet_id", "id"),
)
red_packets = Table(
    "red_packets",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("conversation_id", Id, nullable=False),
    Column("sender_id", Id, nullable=False),
    Column("client_msg_id", Text, nullable=False),
    Column("split", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("total_fen", Id, nullable=False),
    Column("shares", Integer, nullable=False),
    Column("remaining_shares", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Id, nullable=False),
    Column("expires_at", Id, nullable=False),
    Index(None, "conversation_id", "sender_id", "client_msg_id", unique=True),
)
claims = Table(
    "red_packet_claims",
    metadata,
    Column("packet_id", Id, primary_key=True, autoincrement=False),
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("amount_fen", Id, nullable=False),
    Column("at", Id, nullable=False),
    sqlite_with_rowid=False,
)

PacketRow = AnyRow
ClaimRow = AnyRow
LedgerRow = AnyRow


def open_wallets(connection: Connection, wallet_ids: list[int]) -> None:
    """Make the wallets that do not exist yet, empty; in id order, as all rows of this table are locked."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    rows = [{"id": wallet_id, "balance_fen": 0} for wallet_id in sorted(wallet_ids)]
    connection.execute(make(wallets).on_conflict_do_nothing(), rows)


def add_to_wallet(connection: Connection, wallet_id: int, amount_fen: int) -> bool:
    """Change a balance and return True; False, and nothing changed, when it would be overdrawn."""
    after = wallets.c.balance_fen + amount_fen
    statement = (
        update(wallets)
        .where(and_(wallets.c.id == wallet_id, or_(after >= 0, wallets.c.id == OUTSIDE)))
        .values(balance_fen=after)
    )
    return connection.execute(statement).rowcount == 1


def insert_ledger(connection: Connection, rows: list[dict[str, object]]) -> None:
    """Add the two entries of a transfer."""
    connection.execute(insert(ledger), rows)


def balance_of(connection: Connection, wallet_id: int) -> int:
    """Return a balance in fen, 0 for a wallet that was never used."""
    query = select(wallets.c.balance_fen).where(wallets.c.id == wallet_id)
    return int(connection.execute(query).scalar_one_or_none() or 0)


def list_ledger(connection: Connection, wallet_id: int, *, before_id: int, limit: int) -> list[LedgerRow]:
    """Return a wallet's entries, newest first."""
    query = (
        select(ledger)
        .where(ledger.c.wallet_id == wallet_id, ledger.c.id < before_id)
        .order_by(ledger.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(query))


def insert_packet(connection: Connection, **values: object) -> None:
    """Add a red packet."""
    connection.execute(insert(red_packets).values(**values))


def update_packet(connection: Connection, packet_id: int, **values: object) -> None:
    """Change a red packet whose conversation is locked."""
    connection.execute(update(red_packets).where(red_packets.c.id == packet_id).values(**values))


def find_packet(connection: Connection, packet_id: int) -> PacketRow | None:
    """Return a red packet, or None."""
    return connection.execute(select(red_packets).where(red_packets.c.id == packet_id)).one_or_none()


def find_packet_by_key(
    connection: Connection, *, conversation_id: int, sender_id: int, client_msg_id: str
) -> PacketRow | None:
    """Return the red packet that was sent under a client id, or None."""
    query = select(red_packets).where(
        red_packets.c.conversation_id == conversation_id,
        red_packets.c.sender_id == sender_id,
        red_packets.c.client_msg_id == client_msg_id,
    )
    return connection.execute(query).one_or_none()


def insert_claim(connection: Connection, **values: object) -> None:
    """Add a claim."""
    connection.execute(insert(claims).values(**values))


def find_claim(connection: Connection, packet_id: int, account_id: int) -> ClaimRow | None:
    """Return somebody's claim on a packet, or None."""
    query = select(claims).where(claims.c.packet_id == packet_id, claims.c.account_id == account_id)
    return connection.execute(query).one_or_none()


def list_claims(connection: Connection, packet_id: int) -> list[ClaimRow]:
    """Return a packet's claims with the names, in the order they were made."""
    query = (
        select(claims, accounts.c.name)
        .join(accounts, accounts.c.id == claims.c.account_id)
        .where(claims.c.packet_id == packet_id)
        .order_by(claims.c.at, claims.c.account_id)
    )
    return list(connection.execute(query))
