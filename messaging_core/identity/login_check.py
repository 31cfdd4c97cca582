"""A log-in name with its password, checked the one way: counted first, and the same work for a name that nobody has."""

from __future__ import annotations

from fastapi import Request

from messaging_core.core import Core
from messaging_core.errors import CoreError
from messaging_core.identity import logins_store
from messaging_core.identity.attempts import Attempts
from messaging_core.identity.passwords import read_login
from messaging_core.transport.http import client_address


def attempts_of(request: Request) -> Attempts:
    """Return what counts the tries of this node."""
    attempts: Attempts = request.app.state.attempts
    return attempts


async def check_login(core: Core, request: Request, login: str, password: str) -> tuple[int, str, str | None]:
    """Return the account, the hash that its password fits, and a new hash when that one is dated.

    Raises `wrong_login`, `rate_limited`, `overloaded`, or `invalid_request` for what cannot be a name.
    """
    name = read_login(login)
    attempts_of(request).log_in(name, client_address(request))
    row = await core.read(lambda connection: logins_store.find_login(connection, name))
    known = row.password_hash if row is not None else None
    if not await core.passwords.verify(known, password) or row is None:
        raise CoreError("wrong_login")
    fresh = await core.passwords.hash(password) if core.passwords.is_dated(row.password_hash) else None
    return row.account_id, row.password_hash, fresh
