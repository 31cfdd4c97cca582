"""The way in for staff by account and password, for pages of this process: as strict as `POST /v1/log-in`."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from kefu.base.clock import SECOND_US
from messaging_core.core import Core
from messaging_core.errors import forbidden
from messaging_core.identity import logins, logins_store
from messaging_core.identity.actions import Issued
from messaging_core.identity.login_check import check_login
from messaging_core.identity.policy import SERVING_ROLES, Actor
from messaging_core.kernel.unit import Unit

_CHOICE_S = 300
"""How long one may take to say for which enterprise one comes."""


@dataclass(slots=True, frozen=True)
class Employer:
    """An enterprise whose customers somebody may serve."""

    enterprise_id: int
    name: str


async def enter(
    core: Core, request: Request, *, login: str, password: str, device: str
) -> tuple[Issued, list[Employer]]:
    """Log somebody in as staff and return his device with his employers.

    With one employer the device is for it. With several it is for none and ends after _CHOICE_S: `choose` comes next.
    Raises what `check_login` does, and `forbidden` (staff_only) for who serves nobody's customers.
    """
    account_id, verified, fresh = await check_login(core, request, login, password)
    employers = await list_employers(core, account_id)
    if not employers:
        raise forbidden("staff_only")
    only = employers[0].enterprise_id if len(employers) == 1 else None

    def action(unit: Unit) -> Issued:
        return logins.log_in(
            unit,
            account_id=account_id,
            verified_hash=verified,
            new_hash=fresh,
            device=device,
            enterprise_id=only,
            expires_at_us=None if only is not None else unit.now_us + _CHOICE_S * SECOND_US,
        )

    return await core.run(action), employers


async def choose(core: Core, actor: Actor, *, enterprise_id: int, device: str) -> Issued:
    """Turn the short-lived device of `enter` into one for an employer; `forbidden` (staff_only) for another one."""
    if enterprise_id not in {one.enterprise_id for one in await list_employers(core, actor.account_id)}:
        raise forbidden("staff_only")
    return await core.run(lambda unit: logins.change_device(unit, actor, enterprise_id=enterprise_id, device=device))


async def leave(core: Core, actor: Actor) -> None:
    """End the device that a log-in has made; its pages close. A pasted token stays: others may be using it."""
    await core.run(lambda unit: logins.end_own_device(unit, actor))


async def list_employers(core: Core, account_id: int) -> list[Employer]:
    """Return the enterprises whose customers an account may serve."""
    rows = await core.read(lambda connection: logins_store.list_employers(connection, account_id))
    return [Employer(row.enterprise_id, row.name) for row in rows if row.role in SERVING_ROLES]
