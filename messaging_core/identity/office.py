"""How an enterprise stands and who works for it: for pages in this process, under the rights of who looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from messaging_core.errors import invalid, not_found
from messaging_core.identity import actions, keys, privacy_store, standing, standing_store, store
from messaging_core.identity.actions import Issued
from messaging_core.identity.passwords import read_login
from messaging_core.identity.policy import check_right
from messaging_core.identity.roles import KEY_RIGHTS, STAFF_ROLES, StaffRole
from messaging_core.identity.staff_book import StaffBook

_SHOWN = 20


@dataclass(slots=True, frozen=True)
class Standing:
    """Verification and terms; `asked`: (documents, state, reason) of each request, newest first."""

    name: str
    verified: bool
    asked: tuple[tuple[tuple[str, ...], str, str], ...]
    terms_version: int
    terms_text: str
    accepted_version: int


@dataclass(slots=True, frozen=True)
class Worker:
    """One of the staff."""

    account_id: int
    name: str
    role: StaffRole


@dataclass(slots=True, frozen=True)
class KeyLine:
    """An API key without its secret; times in microseconds UTC."""

    id: int
    label: str
    scopes: tuple[str, ...]
    created_at: int
    last_used_at: int


class Office(StaffBook):
    """Standing, staff and keys; see StaffBook."""

    opened_by = "read_staff"

    async def standing(self) -> Standing:
        """Return how the enterprise stands, with the terms in Chinese."""

        def query(connection: Connection) -> Standing:
            account = store.find_account(connection, self._enterprise_id)
            if account is None:
                raise not_found("account")
            version, text = standing_store.find_terms(connection, "zh")
            accepted = standing_store.find_acceptance(connection, self._enterprise_id)
            asked = standing_store.list_requests_of(connection, self._enterprise_id, limit=_SHOWN)
            return Standing(
                account.name,
                bool(account.verified),
                tuple(
                    (tuple(msgspec.json.decode(row.documents, type=list[str])), row.state, row.reason) for row in asked
                ),
                version,
                text,
                accepted.version if accepted is not None else 0,
            )

        return await self._core.read(query)

    async def accept_terms(self, version: int) -> None:
        """Accept the terms that were read."""
        await self._core.run(
            lambda unit: standing.accept_terms(unit, self._actor, enterprise_id=self._enterprise_id, version=version)
        )

    async def ask_to_be_verified(self, documents: Sequence[str]) -> None:
        """Ask for the mark of a verified enterprise."""
        if not documents:
            raise invalid("empty", "documents")
        await self._core.run(
            lambda unit: standing.request_verification(
                unit, self._actor, enterprise_id=self._enterprise_id, documents=documents, note=""
            )
        )

    async def workers(self) -> list[Worker]:
        """Return the staff, in the order in which they joined."""
        rows = await self._core.read(lambda connection: store.list_staff(connection, self._enterprise_id))
        return [Worker(row.account_id, row.name, row.role) for row in rows]

    async def put_worker(self, role: str, *, account_id: int = 0, login: str = "") -> None:
        """Take somebody in by his log-in name, or change the role of one of the staff."""
        if role not in STAFF_ROLES:
            raise invalid("wrong_choice", "role", limit=", ".join(STAFF_ROLES))
        if login:
            name = read_login(login)
            row = await self._core.read(lambda connection: privacy_store.find_findable(connection, name))
            account_id = row.id if row is not None else 0
        if not account_id:
            raise not_found("account")
        await self._core.run(
            lambda unit: actions.put_staff(
                unit,
                self._actor,
                enterprise_id=self._enterprise_id,
                account_id=account_id,
                role=role,
            )
        )

    async def remove_worker(self, account_id: int) -> None:
        """Take somebody out: his devices for the enterprise end."""
        await self._core.run(
            lambda unit: actions.remove_staff(
                unit, self._actor, enterprise_id=self._enterprise_id, account_id=account_id
            )
        )

    async def keys(self) -> list[KeyLine]:
        """Return the API keys that work."""
        check_right(self._actor, "keys", self._enterprise_id)
        now_us = self._core.clock.now_us()
        rows = await self._core.read(
            lambda connection: store.list_live(connection, self._enterprise_id, purpose="key", now_us=now_us)
        )
        return [KeyLine(row.id, row.label, tuple(row.scopes.split()), row.created_at, row.last_used_at) for row in rows]

    async def make_key(self, label: str, scopes: Sequence[str]) -> Issued:
        """Make an API key; its secret is shown this once."""
        wanted = tuple(right for right in KEY_RIGHTS if right in scopes)
        return await self._core.run(
            lambda unit: keys.create_key(
                unit, self._actor, enterprise_id=self._enterprise_id, label=label, scopes=wanted
            )
        )

    async def revoke_key(self, key_id: int) -> None:
        """Make an API key useless from now on."""
        await self._core.run(
            lambda unit: keys.revoke_key(unit, self._actor, enterprise_id=self._enterprise_id, key_id=key_id)
        )
