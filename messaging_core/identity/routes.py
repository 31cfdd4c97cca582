"""HTTP: accounts, enterprises and their staff, tokens, visitors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import StringConstraints

from kefu.base.clock import format_time, parse_time
from messaging_core.conversations import store as conversations
from messaging_core.errors import invalid, not_found
from messaging_core.identity import actions, logins_store, store
from messaging_core.identity.policy import StaffRole, check_right, check_visit
from messaging_core.kernel.unit import Unit
from messaging_core.transport import answers
from messaging_core.transport.http import AnyActor, ChatActor, CoreDep, StaffActor, client_address, json_response
from messaging_core.transport.idempotency import Key, create_once
from messaging_core.transport.inputs import Body, Cursor, IdText, Limit, Line, Name, PathId, TimeText, before

router = APIRouter(prefix="/v1", tags=["identity"])
Scope = Literal["chat", "operator", "visit"]
Origin = Annotated[str, StringConstraints(max_length=200, pattern=r"^https?://[A-Za-z0-9.\-\[\]:]+$")]


class NewAccount(Body):
    """A personal account, or with `enterprise_id` a bot."""

    name: Name
    kind: Literal["personal", "bot"] = "personal"
    enterprise_id: IdText | None = None


class NewEnterprise(Body):
    """An enterprise account."""

    name: Name
    verified: bool = False


class Verification(Body):
    """The platform's verdict."""

    verified: bool


class Staff(Body):
    """A role in an enterprise."""

    role: StaffRole


class BotChoice(Body):
    """The bot that answers first; null: none."""

    account_id: IdText | None


class NewToken(Body):
    """What a token may do, for whom and until when."""

    account_id: IdText
    enterprise_id: IdText | None = None
    label: Line = ""
    scopes: list[Scope] = ["chat"]
    origins: list[Origin] = []
    expires_at: TimeText | None = None


class NewVisitor(Body):
    """An anonymous visitor."""

    name: Name = "访客"


def view_account(row: store.AccountRow) -> dict[str, Any]:
    """Return an account as the wire shows it."""
    return {
        "id": str(row.id),
        "kind": row.kind,
        "name": row.name,
        "enterprise_id": str(row.enterprise_id) if row.enterprise_id is not None else None,
        "verified": row.verified,
        "created_at": format_time(row.created_at),
    }


def _shown(unit: Unit, account_id: int) -> dict[str, Any]:
    row = store.find_account(unit.connection, account_id)
    assert row is not None
    return {"account": view_account(row)}


def _optional(text: str | None) -> int | None:
    return int(text) if text is not None else None


@router.post("/accounts", status_code=201, response_model=answers.OneAccount)
async def create_account(core: CoreDep, actor: ChatActor, request: Request, body: NewAccount, key: Key) -> Response:
    """Make an account."""
    enterprise_id = _optional(body.enterprise_id)
    if (body.kind == "bot") != (enterprise_id is not None):
        raise invalid("bots_only", "body.enterprise_id")

    def action(unit: Unit) -> Any:
        account_id = actions.create_account(unit, actor, name=body.name, kind=body.kind, enterprise_id=enterprise_id)
        return _shown(unit, account_id)

    return await create_once(core, request, actor, key, body, action)


@router.post("/enterprises", status_code=201, response_model=answers.OneAccount)
async def create_enterprise(
    core: CoreDep, actor: ChatActor, request: Request, body: NewEnterprise, key: Key
) -> Response:
    """Make an enterprise account."""

    def action(unit: Unit) -> Any:
        return _shown(unit, actions.create_enterprise(unit, actor, name=body.name, verified=body.verified))

    return await create_once(core, request, actor, key, body, action)


@router.put("/enterprises/{enterprise_id}/verification", response_model=answers.OneAccount)
async def set_verification(core: CoreDep, actor: ChatActor, enterprise_id: PathId, body: Verification) -> Response:
    """Verify an enterprise, or take it back."""

    def action(unit: Unit) -> Any:
        actions.set_verified(unit, actor, enterprise_id=int(enterprise_id), verified=body.verified)
        return _shown(unit, int(enterprise_id))

    return json_response(await core.run(action))


@router.put("/enterprises/{enterprise_id}/bot", response_model=answers.OneAccount)
async def set_bot(core: CoreDep, actor: ChatActor, enterprise_id: PathId, body: BotChoice) -> Response:
    """Choose the bot that answers first."""

    def action(unit: Unit) -> Any:
        actions.set_bot(unit, actor, enterprise_id=int(enterprise_id), bot_account_id=_optional(body.account_id))
        return _shown(unit, int(enterprise_id))

    return json_response(await core.run(action))


@router.get("/enterprises/{enterprise_id}/members", response_model=answers.StaffList)
async def list_staff(core: CoreDep, actor: StaffActor, enterprise_id: PathId) -> Response:
    """List an enterprise's staff."""
    check_right(actor, "read_staff", int(enterprise_id))
    rows = await core.read(lambda connection: store.list_staff(connection, int(enterprise_id)))
    items = [
        {
            "account_id": str(row.account_id),
            "name": row.name,
            "role": row.role,
            "created_at": format_time(row.created_at),
        }
        for row in rows
    ]
    return json_response({"items": items, "next_cursor": None})


@router.put("/enterprises/{enterprise_id}/members/{account_id}", response_model=answers.StaffRole)
async def put_staff(
    core: CoreDep, actor: ChatActor, enterprise_id: PathId, account_id: PathId, body: Staff
) -> Response:
    """Add a person to the staff, or change his role."""
    await core.run(
        lambda unit: actions.put_staff(
            unit, actor, enterprise_id=int(enterprise_id), account_id=int(account_id), role=body.role
        )
    )
    return json_response({"account_id": account_id, "role": body.role})


@router.delete("/enterprises/{enterprise_id}/members/{account_id}", status_code=204)
async def remove_staff(core: CoreDep, actor: ChatActor, enterprise_id: PathId, account_id: PathId) -> Response:
    """Take a person out of the staff; his tokens for the enterprise end."""
    await core.run(
        lambda unit: actions.remove_staff(unit, actor, enterprise_id=int(enterprise_id), account_id=int(account_id))
    )
    return Response(status_code=204)


@router.post("/tokens", status_code=201, response_model=answers.IssuedToken)
async def issue_token(core: CoreDep, actor: ChatActor, body: NewToken) -> Response:
    """Make a token; its secret is shown this once."""
    issued = await core.run(
        lambda unit: actions.issue_token(
            unit,
            actor,
            account_id=int(body.account_id),
            enterprise_id=_optional(body.enterprise_id),
            label=body.label,
            scopes=tuple(dict.fromkeys(body.scopes)),
            origins=tuple(body.origins),
            expires_at_us=parse_time(body.expires_at) if body.expires_at is not None else None,
        )
    )
    return json_response({"id": str(issued.id), "token": issued.secret}, status=201)


@router.get("/tokens", response_model=answers.TokenList)
async def list_tokens(core: CoreDep, actor: ChatActor, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List one's own tokens, newest first; secrets are never shown again."""
    rows = await core.read(
        lambda connection: store.list_tokens(connection, actor.account_id, before_id=before(cursor), limit=limit)
    )
    items = [
        {
            "id": str(row.id),
            "label": row.label,
            "scopes": row.scopes.split(),
            "origins": row.origins.split(),
            "created_at": format_time(row.created_at),
            "expires_at": format_time(row.expires_at) if row.expires_at is not None else None,
            "revoked_at": format_time(row.revoked_at) if row.revoked_at is not None else None,
            "current": row.id == actor.token_id,
        }
        for row in rows
    ]
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


@router.delete("/tokens/{token_id}", status_code=204)
async def revoke_token(core: CoreDep, actor: ChatActor, token_id: PathId) -> Response:
    """Revoke a token; its live connections close."""
    await core.run(lambda unit: actions.revoke_token(unit, actor, token_id=int(token_id)))
    return Response(status_code=204)


@router.post("/visitors", status_code=201, response_model=answers.IssuedVisitor)
async def create_visitor(core: CoreDep, actor: AnyActor, request: Request, body: NewVisitor) -> Response:
    """Make an anonymous visitor with a site key."""
    check_visit(actor)
    request.app.state.visitor_buckets.take(client_address(request))

    def action(unit: Unit) -> Any:
        issued = actions.create_visitor(unit, actor, name=body.name)
        return {**_shown(unit, issued.account_id), "token": issued.secret}

    return json_response(await core.run(action), status=201)


@router.get("/site", response_model=answers.Site)
async def get_site(core: CoreDep, actor: AnyActor) -> Response:
    """Return the enterprise whose site key asks."""
    check_visit(actor)
    row = await core.read(lambda connection: store.find_account(connection, actor.enterprise_id or 0))
    assert row is not None
    return json_response({"enterprise": {"id": str(row.id), "name": row.name, "verified": row.verified}})


@router.get("/me", response_model=answers.Me)
async def get_me(core: CoreDep, actor: ChatActor) -> Response:
    """Return one's own account."""
    row, login = await core.read(
        lambda connection: (
            store.find_account(connection, actor.account_id),
            logins_store.find_login_of(connection, actor.account_id),
        )
    )
    assert row is not None
    return json_response(
        {
            "account": view_account(row),
            "login": login.login if login is not None else None,
            "enterprise_id": str(actor.enterprise_id) if actor.enterprise_id is not None else None,
            "staff_role": actor.staff_role,
            "scopes": sorted(actor.scopes),
        }
    )


@router.get("/accounts/{account_id}", response_model=answers.OneAccount)
async def get_account(core: CoreDep, actor: ChatActor, account_id: PathId) -> Response:
    """Return an account: one's own, one with whom a conversation is shared, or an enterprise (they are public)."""
    wanted = int(account_id)

    def query(connection: Any) -> store.AccountRow:
        row = store.find_account(connection, wanted)
        if row is not None and not (actor.is_operator or wanted == actor.account_id or row.kind == "enterprise"):
            kinds = ("direct", "group", "service")
            # Who was a visitor once is seen by those who see the account that he turned out to be.
            known = [wanted] if row.became_id is None else [wanted, row.became_id]
            shared = conversations.share_conversation(connection, actor.account_id, known, kinds=kinds)
            if not shared and row.became_id != actor.account_id:
                row = None
        if row is None:
            raise not_found("account")
        return row

    return json_response({"account": view_account(await core.read(query))})
