"""The one statement behind every request: whose token this is, what he may do, and whether he is banned."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from messaging_core.identity.store import AccountRow, accounts, enterprise_members, tokens
from messaging_core.safety.store import standings

_TOKEN_BY_HASH = (
    select(
        tokens,
        accounts.c.kind,
        accounts.c.name,
        accounts.c.enterprise_id.label("owner_enterprise_id"),
        enterprise_members.c.role,
        standings.c.banned_at,
    )
    .join(accounts, accounts.c.id == tokens.c.account_id)
    .outerjoin(
        enterprise_members,
        (enterprise_members.c.account_id == tokens.c.account_id)
        & (enterprise_members.c.enterprise_id == tokens.c.enterprise_id),
    )
    .outerjoin(standings, standings.c.account_id == tokens.c.account_id)
    .where(tokens.c.hash == bindparam("token_hash"))
)


def find_token_by_hash(connection: Connection, token_hash: str) -> AccountRow | None:
    """Return the token with its account's kind and name, its staff role and `banned_at`, or None."""
    return connection.execute(_TOKEN_BY_HASH, {"token_hash": token_hash}).one_or_none()
