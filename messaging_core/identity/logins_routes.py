"""HTTP: sign up, log in, passwords, devices, one's profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, StringConstraints

from messaging_core.core import Core
from messaging_core.delivery.quiet import tell_quiet
from messaging_core.errors import CoreError, forbidden
from messaging_core.identity import actions, answers, logins, logins_store, store
from messaging_core.identity.login_check import attempts_of, check_login
from messaging_core.identity.passwords import check_password, read_login
from messaging_core.identity.policy import check_person
from messaging_core.identity.routes import view_account
from messaging_core.kernel.unit import Unit
from messaging_core.transport.answers import OneAccount
from messaging_core.transport.http import AnyActor, ChatActor, CoreDep, client_address, json_response
from messaging_core.transport.inputs import Body, IdText, Line, Name, PathId

router = APIRouter(prefix="/v1", tags=["identity"])
_ZONES = available_timezones()


def _check_zone(text: str) -> str:
    if text not in _ZONES:
        raise ValueError("is not a time zone of the IANA database")
    return text


Login = Annotated[str, StringConstraints(min_length=3, max_length=64)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_check_zone)]


class SignUp(Body):
    """A new account with its first device."""

    login: Login
    password: Password
    name: Name
    device: Line = ""


class LogIn(Body):
    """A log-in name with its password; with `enterprise_id` as one of its staff."""

    login: Login
    password: Password
    device: Line = ""
    enterprise_id: IdText | None = None


class VisitorLogIn(Body):
    """A log-in name with its password."""

    login: Login
    password: Password
    device: Line = ""


class NewLogin(Body):
    """A log-in name and a password for an account that has none."""

    login: Login
    password: Password


class NewPassword(Body):
    """The present password and the next."""

    password: Password
    new_password: Password


class Profile(Body):
    """What one may change about oneself; what is left out stays."""

    name: Name | None = None
    time_zone: Zone | None = None


@router.post("/sign-up", status_code=201, response_model=answers.LoggedIn)
async def sign_up(core: CoreDep, request: Request, body: SignUp) -> Response:
    """Make a personal account and log in to it."""
    login, password_hash = await _new_login(core, request, body.login, body.password)
    return await _logged_in(
        core,
        lambda unit: logins.sign_up(unit, login=login, password_hash=password_hash, name=body.name, device=body.device),
    )


@router.post("/log-in", status_code=201, response_model=answers.LoggedIn)
async def log_in(core: CoreDep, request: Request, body: LogIn) -> Response:
    """Log in; a wrong password and an unknown name get the same answer after the same work."""
    account_id, verified, fresh = await check_login(core, request, body.login, body.password)
    return await _logged_in(
        core,
        lambda unit: logins.log_in(
            unit,
            account_id=account_id,
            verified_hash=verified,
            new_hash=fresh,
            device=body.device,
            enterprise_id=int(body.enterprise_id) if body.enterprise_id is not None else None,
        ),
    )


@router.post("/visitors/sign-up", status_code=201, response_model=answers.LoggedIn)
async def become_account(core: CoreDep, actor: AnyActor, request: Request, body: SignUp) -> Response:
    """Turn a visitor into a person with an account; his conversation stays. His visitor tokens end."""
    logins.check_visitor(actor)
    login, password_hash = await _new_login(core, request, body.login, body.password)
    return await _logged_in(
        core,
        lambda unit: logins.become_account(
            unit, actor, login=login, password_hash=password_hash, name=body.name, device=body.device
        ),
    )


@router.post("/visitors/log-in", status_code=201, response_model=answers.LoggedIn)
async def become_known(core: CoreDep, actor: AnyActor, request: Request, body: VisitorLogIn) -> Response:
    """Log a visitor in to his account, which takes his conversation over. His visitor tokens end."""
    logins.check_visitor(actor)
    account_id, verified, _ = await check_login(core, request, body.login, body.password)
    return await _logged_in(
        core,
        lambda unit: logins.become_known(
            unit, actor, account_id=account_id, verified_hash=verified, device=body.device
        ),
    )


@router.post("/log-out", status_code=204)
async def log_out(core: CoreDep, actor: ChatActor) -> Response:
    """End the token that asks; its live connections close."""
    await core.run(lambda unit: actions.revoke_token(unit, actor, token_id=actor.token_id))
    return Response(status_code=204)


@router.put("/me/login", status_code=204)
async def set_login(core: CoreDep, actor: ChatActor, request: Request, body: NewLogin) -> Response:
    """Give one's account a log-in name and a password, if it has none yet."""
    check_person(actor)
    login, password_hash = await _new_login(core, request, body.login, body.password)
    await core.run(lambda unit: logins.set_login(unit, actor, login=login, password_hash=password_hash))
    return Response(status_code=204)


@router.put("/me/password", status_code=204)
async def change_password(core: CoreDep, actor: ChatActor, request: Request, body: NewPassword) -> Response:
    """Change one's password; every other device and token of the account ends."""
    check_person(actor)
    row = await core.read(lambda connection: logins_store.find_login_of(connection, actor.account_id))
    attempts_of(request).log_in(row.login if row is not None else str(actor.account_id), client_address(request))
    verified = row.password_hash if row is not None else None
    if not await core.passwords.verify(verified, body.password):
        raise CoreError("wrong_login")
    check_password(body.new_password, login=row.login if row is not None else "", rules=core.settings.accounts)
    new_hash = await core.passwords.hash(body.new_password)
    await core.run(lambda unit: logins.change_password(unit, actor, verified_hash=verified or "", new_hash=new_hash))
    return Response(status_code=204)


@router.patch("/me", response_model=OneAccount)
async def change_profile(core: CoreDep, actor: ChatActor, body: Profile) -> Response:
    """Change one's name or time zone."""
    check_person(actor)
    changes = {key: value for key, value in body.model_dump().items() if value is not None}

    def action(unit: Unit) -> Any:
        if changes:
            store.update_account(unit.connection, actor.account_id, **changes)
            tell_quiet(unit, actor.account_id)
        row = store.find_account(unit.connection, actor.account_id)
        assert row is not None
        return {"account": view_account(row)}

    return json_response(await core.run(action))


@router.get("/me/enterprises", response_model=answers.EmployerList)
async def list_employers(core: CoreDep, actor: ChatActor) -> Response:
    """List the enterprises whose staff one is: what to log in for."""
    rows = await core.read(lambda connection: logins_store.list_employers(connection, actor.account_id))
    items = [
        {"enterprise_id": str(row.enterprise_id), "name": row.name, "verified": row.verified, "role": row.role}
        for row in rows
    ]
    return json_response({"items": items, "next_cursor": None})


@router.get("/devices", response_model=answers.DeviceList)
async def list_devices(core: CoreDep, actor: ChatActor) -> Response:
    """List where one is logged in."""
    now_us = core.clock.now_us()
    rows = await core.read(
        lambda connection: store.list_live(connection, actor.account_id, purpose="device", now_us=now_us)
    )
    online = {link.actor.token_id for link in core.hub.links.get(actor.account_id, ())}
    items = [{**logins.view_device(row, current_id=actor.token_id), "online": row.id in online} for row in rows]
    return json_response({"items": items, "next_cursor": None})


@router.delete("/devices/{device_id}", status_code=204)
async def revoke_device(core: CoreDep, actor: ChatActor, device_id: PathId) -> Response:
    """Log one device out; its live connections close at once."""
    await core.run(lambda unit: logins.revoke_device(unit, actor, device_id=int(device_id)))
    return Response(status_code=204)


@router.delete("/devices", response_model=answers.Ended)
async def revoke_other_devices(core: CoreDep, actor: ChatActor) -> Response:
    """Log all other devices out."""
    return json_response({"ended": await core.run(lambda unit: logins.revoke_other_devices(unit, actor))})


async def _new_login(core: Core, request: Request, login: str, password: str) -> tuple[str, str]:
    """Return a checked log-in name and the password's hash; the hash is made whether or not the name is taken."""
    if not core.settings.accounts.sign_up:
        raise forbidden("no_sign_up")
    attempts_of(request).sign_up(client_address(request))
    name = read_login(login)
    check_password(password, login=name, rules=core.settings.accounts)
    return name, await core.passwords.hash(password)


async def _logged_in(core: Core, action: Callable[[Unit], actions.Issued]) -> Response:
    def work(unit: Unit) -> Any:
        issued = action(unit)
        row = store.find_account(unit.connection, issued.account_id)
        assert row is not None
        return {"account": view_account(row), "token": issued.secret, "device_id": str(issued.id)}

    return json_response(await core.run(work), status=201)
