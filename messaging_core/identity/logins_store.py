"""The table of log-in names with their passwords' hashes, and the only SQL that touches it."""

from __future__ import annotations

from sqlalchemy import Column, Connection, ForeignKey, Index, Table, Text, select, update
from sqlalchemy.dialects import postgresql, sqlite

from messaging_core.identity.store import accounts, enterprise_members
from messaging_core.kernel.schema import AnyRow, Id, metadata

logins = Table(
    "logins",
    metadata,
    Column("account_id", Id, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("login", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("changed_at", Id, nullable=False),
    Index(None, "login", unique=True),
)

LoginRow = AnyRow


def insert_login(connection: Connection, **values: object) -> bool:
    """Add a log-in name; False, and nothing added, when it or the account has one already."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return connection.execute(make(logins).values(**values).on_conflict_do_nothing()).rowcount == 1


def find_login(connection: Connection, login: str) -> LoginRow | None:
    """Return account_id and password_hash of a log-in name, or None."""
    return connection.execute(select(logins).where(logins.c.login == login)).one_or_none()


def find_login_of(connection: Connection, account_id: int) -> LoginRow | None:
    """Return the log-in name of an account, or None."""
    return connection.execute(select(logins).where(logins.c.account_id == account_id)).one_or_none()


def change_password(connection: Connection, account_id: int, *, before: str, after: str, now_us: int) -> bool:
    """Replace a password's hash; False, and nothing changed, when it is no longer `before`."""
    statement = (
        update(logins)
        .where(logins.c.account_id == account_id, logins.c.password_hash == before)
        .values(password_hash=after, changed_at=now_us)
    )
    return connection.execute(statement).rowcount == 1


def list_employers(connection: Connection, account_id: int) -> list[LoginRow]:
    """Return enterprise_id, name, verified and role of every enterprise whose staff this account is."""
    query = (
        select(enterprise_members.c.enterprise_id, accounts.c.name, accounts.c.verified, enterprise_members.c.role)
        .join(accounts, accounts.c.id == enterprise_members.c.enterprise_id)
        .where(enterprise_members.c.account_id == account_id)
        .order_by(enterprise_members.c.enterprise_id)
    )
    return list(connection.execute(query))
