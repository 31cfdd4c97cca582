"""The tables of identity and the only SQL that touches them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from messaging_core.kernel.among import is_among
from messaging_core.kernel.bulk import INT, Bulk
from messaging_core.kernel.schema import AnyRow, Id, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("enterprise_id", Id, nullable=True),
    Column("verified", Boolean, nullable=False),
    Column("bot_account_id", Id, nullable=True),
    Column("created_at", Id, nullable=False),
    Column("time_zone", Text, nullable=False, server_default="Asia/Shanghai"),
    # Of an enterprise: the newest version of the terms that it has accepted.
    Column("terms_version", Integer, nullable=False, server_default="0"),
    # Of a visitor: the account that he turned out to be.
    Column("became_id", Id, nullable=True),
    Index(None, "enterprise_id"),
    # An enterprise's bots among its visitors, and the enterprises among all accounts.
    Index(None, "kind", "enterprise_id"),
)
enterprise_members = Table(
    "enterprise_members",
    metadata,
    Column("enterprise_id", Id, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("account_id", Id, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("role", Text, nullable=False),
    Column("created_at", Id, nullable=False),
    Index(None, "account_id"),
)
tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("account_id", Id, ForeignKey("accounts.id"), nullable=False),
    Column("enterprise_id", Id, nullable=True),
    Column("hash", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("origins", Text, nullable=False),
    Column("created_at", Id, nullable=False),
    Column("expires_at", Id, nullable=True),
    Column("revoked_at", Id, nullable=True),
    # `device`: a log-in; `key`: an enterprise's API key; `token`: all others.
    Column("purpose", Text, nullable=False, server_default="token"),
    Column("last_used_at", Id, nullable=False, server_default="0"),
    Index(None, "hash", unique=True),
    Index(None, "account_id"),
)

AccountRow = AnyRow


def insert_account(connection: Connection, **values: object) -> None:
    """Add an account."""
    connection.execute(insert(accounts).values(**values))


_ACCOUNT = select(accounts).where(accounts.c.id == bindparam("account_id"))


def find_account(connection: Connection, account_id: int) -> AccountRow | None:
    """Return one account, or None."""
    return connection.execute(_ACCOUNT, {"account_id": account_id}).one_or_none()


def newest_id(connection: Connection) -> int:
    """Return the newest id of an account or a token, 0 when there is none."""
    newest = [select(func.max(table.c.id)).scalar_subquery() for table in (accounts, tokens)]
    return max(id_ or 0 for id_ in connection.execute(select(*newest)).one())


def find_accounts(connection: Connection, account_ids: list[int]) -> dict[int, AccountRow]:
    """Return the accounts that exist, by id."""
    rows = connection.execute(select(accounts).where(is_among(accounts.c.id, account_ids)))
    return {row.id: row for row in rows}


def update_account(connection: Connection, account_id: int, **values: object) -> None:
    """Change an account."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(**values))


def find_staff_role(connection: Connection, enterprise_id: int, account_id: int) -> str | None:
    """Return the role of an account in an enterprise, or None."""
    return connection.execute(
        select(enterprise_members.c.role).where(
            enterprise_members.c.enterprise_id == enterprise_id, enterprise_members.c.account_id == account_id
        )
    ).scalar_one_or_none()


def list_staff(connection: Connection, enterprise_id: int) -> list[AccountRow]:
    """Return account_id, name, role and created_at of an enterprise's members, in the order they joined."""
    query = (
        select(
            enterprise_members.c.account_id, accounts.c.name, enterprise_members.c.role, enterprise_members.c.created_at
        )
        .join(accounts, accounts.c.id == enterprise_members.c.account_id)
        .where(enterprise_members.c.enterprise_id == enterprise_id)
        .order_by(enterprise_members.c.created_at, enterprise_members.c.account_id)
    )
    return list(connection.execute(query))


def list_staff_ids(connection: Connection, enterprise_id: int, *, after_id: int, limit: int) -> list[int]:
    """Return a page of the accounts of an enterprise's members, by id."""
    query = (
        select(enterprise_members.c.account_id)
        .where(enterprise_members.c.enterprise_id == enterprise_id, enterprise_members.c.account_id > after_id)
        .order_by(enterprise_members.c.account_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def count_staff(connection: Connection, enterprise_id: int) -> int:
    """Return how many members an enterprise has."""
    query = select(func.count()).where(enterprise_members.c.enterprise_id == enterprise_id)
    return int(connection.execute(query).scalar_one())


def put_staff(connection: Connection, *, enterprise_id: int, account_id: int, role: str, now_us: int) -> None:
    """Add a member to an enterprise, or change his role."""
    if find_staff_role(connection, enterprise_id, account_id) is None:
        connection.execute(
            insert(enterprise_members).values(
                enterprise_id=enterprise_id, account_id=account_id, role=role, created_at=now_us
            )
        )
        return
    connection.execute(
        update(enterprise_members)
        .where(enterprise_members.c.enterprise_id == enterprise_id, enterprise_members.c.account_id == account_id)
        .values(role=role)
    )


def delete_staff(connection: Connection, *, enterprise_id: int, account_id: int) -> None:
    """Remove a member from an enterprise."""
    connection.execute(
        delete(enterprise_members).where(
            enterprise_members.c.enterprise_id == enterprise_id, enterprise_members.c.account_id == account_id
        )
    )


def insert_token(connection: Connection, **values: object) -> None:
    """Add a token."""
    connection.execute(insert(tokens).values(**values))


# Built once: what every request asks must not be put together again each time.
def list_site_origins(connection: Connection, *, now_us: int) -> frozenset[str]:
    """Return the origins that live site keys name."""
    query = (
        select(tokens.c.origins)
        .join(accounts, accounts.c.id == tokens.c.account_id)
        .where(
            accounts.c.kind == "enterprise",
            tokens.c.scopes == "visit",
            tokens.c.origins != "",
            tokens.c.revoked_at.is_(None),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now_us),
        )
    )
    return frozenset(origin for origins in connection.execute(query).scalars() for origin in origins.split())


def find_token(connection: Connection, token_id: int) -> AccountRow | None:
    """Return one token, or None."""
    return connection.execute(select(tokens).where(tokens.c.id == token_id)).one_or_none()


def list_tokens(connection: Connection, account_id: int, *, before_id: int, limit: int) -> list[AccountRow]:
    """Return an account's tokens, newest first."""
    query = (
        select(tokens)
        .where(tokens.c.account_id == account_id, tokens.c.id < before_id)
        .order_by(tokens.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(query))


def list_live(connection: Connection, account_id: int, *, purpose: str, now_us: int) -> list[AccountRow]:
    """Return an account's tokens of one purpose that work, newest first."""
    query = select(tokens).where(
        tokens.c.account_id == account_id,
        tokens.c.purpose == purpose,
        tokens.c.revoked_at.is_(None),
        or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now_us),
    )
    return list(connection.execute(query.order_by(tokens.c.id.desc())))


def revoke_all(
    connection: Connection, account_id: int, *, but: int = 0, purpose: str | None = None, now_us: int
) -> list[int]:
    """Make an account's tokens useless, all or of one purpose, except `but`; return their ids."""
    statement = update(tokens).where(
        tokens.c.account_id == account_id, tokens.c.id != but, tokens.c.revoked_at.is_(None)
    )
    if purpose is not None:
        statement = statement.where(tokens.c.purpose == purpose)
    return list(connection.execute(statement.values(revoked_at=now_us).returning(tokens.c.id)).scalars())


_note_use = Bulk(
    "used",
    {"token_id": INT, "at": INT},
    lambda used: update(tokens).where(tokens.c.id == used.c.token_id).values(last_used_at=used.c.at),
)


def note_uses(connection: Connection, uses: list[tuple[int, int]]) -> None:
    """Write when tokens were last used: (token_id, at), in one order everywhere."""
    _note_use.write(connection, sorted(uses))


def revoke_token(connection: Connection, token_id: int, *, now_us: int) -> None:
    """Make a token useless from now on."""
    connection.execute(
        update(tokens).where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None)).values(revoked_at=now_us)
    )


def revoke_staff_tokens(connection: Connection, *, enterprise_id: int, account_id: int, now_us: int) -> list[int]:
    """Make an account's tokens for an enterprise useless and return their ids."""
    statement = (
        update(tokens)
        .where(
            tokens.c.account_id == account_id, tokens.c.enterprise_id == enterprise_id, tokens.c.revoked_at.is_(None)
        )
        .values(revoked_at=now_us)
        .returning(tokens.c.id)
    )
    return list(connection.execute(statement).scalars())


def list_revoked(connection: Connection, token_ids: list[int], *, now_us: int) -> list[int]:
    """Return those of `token_ids` that are revoked or have expired."""
    query = select(tokens.c.id).where(
        is_among(tokens.c.id, token_ids), tokens.c.revoked_at.is_not(None) | (tokens.c.expires_at <= now_us)
    )
    return list(connection.execute(query).scalars())


def find_names(connection: Connection, account_ids: list[int]) -> dict[int, str]:
    """Return the names of accounts, by id."""
    if not account_ids:
        return {}
    query = select(accounts.c.id, accounts.c.name).where(is_among(accounts.c.id, account_ids))
    return {row.id: row.name for row in connection.execute(query)}
