"""How an enterprise comes to be: the operator makes it together with its first owner; who is there already."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, select

from messaging_core.errors import not_found
from messaging_core.identity import actions, logins, logins_store, standing_store
from messaging_core.identity.policy import Actor, check_operator
from messaging_core.identity.store import AccountRow, accounts, enterprise_members
from messaging_core.kernel.unit import Unit


@dataclass(slots=True, frozen=True)
class NewPerson:
    """Somebody who has no account yet: his name, and the hash of his password."""

    name: str
    password_hash: str


@dataclass(slots=True, frozen=True)
class Founded:
    """An enterprise with its first owner."""

    enterprise_id: int
    owner_id: int


@dataclass(slots=True, frozen=True)
class EnterpriseLine:
    """An enterprise as the operator sees it; `accepted`: it has accepted the terms in force."""

    row: AccountRow
    owners: tuple[str, ...]
    accepted: bool


def found(
    unit: Unit, actor: Actor, *, name: str, verified: bool, owner_login: str, person: NewPerson | None
) -> Founded:
    """Make an enterprise and its first owner, both or none.

    `person` None: the owner is whoever has the log-in name; else he is made with it. Raises `already_exists` (login)
    for a name that is taken, `not_found` (login) for one that nobody has.
    """
    check_operator(actor)
    if person is not None:
        owner_id = logins.add_person(unit, login=owner_login, password_hash=person.password_hash, name=person.name)
    else:
        row = logins_store.find_login(unit.connection, owner_login)
        if row is None:
            raise not_found("login")
        owner_id = row.account_id
    enterprise_id = actions.create_enterprise(unit, actor, name=name, verified=verified)
    actions.put_staff(unit, actor, enterprise_id=enterprise_id, account_id=owner_id, role="owner")
    return Founded(enterprise_id, owner_id)


def list_enterprises(connection: Connection, *, before_id: int, limit: int) -> list[EnterpriseLine]:
    """Return the enterprises, newest first, with their owners in the order in which they joined."""
    # An enterprise is its own `enterprise_id`: so the index leads to a page without a look at anybody else.
    query = (
        select(accounts)
        .where(accounts.c.kind == "enterprise", accounts.c.enterprise_id < before_id)
        .order_by(accounts.c.enterprise_id.desc())
        .limit(limit)
    )
    rows = list(connection.execute(query))
    owners = _list_owners(connection, [row.id for row in rows])
    current = standing_store.current_version(connection)
    return [EnterpriseLine(row, tuple(owners[row.id]), row.terms_version == current) for row in rows]


def _list_owners(connection: Connection, enterprise_ids: list[int]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    if enterprise_ids:
        query = (
            select(enterprise_members.c.enterprise_id, accounts.c.name)
            .join(accounts, accounts.c.id == enterprise_members.c.account_id)
            .where(enterprise_members.c.enterprise_id.in_(enterprise_ids), enterprise_members.c.role == "owner")
            .order_by(enterprise_members.c.created_at, enterprise_members.c.account_id)
        )
        for row in connection.execute(query):
            found[row.enterprise_id].append(row.name)
    return found
