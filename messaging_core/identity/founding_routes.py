"""HTTP: the operator makes enterprises with their first owner, and lists them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import StringConstraints

from kefu.base.clock import format_time
from messaging_core.errors import invalid
from messaging_core.identity import answers, founding, store
from messaging_core.identity.passwords import check_password, read_login
from messaging_core.identity.policy import check_operator
from messaging_core.identity.routes import view_account
from messaging_core.kernel.unit import Unit
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.idempotency import Key, create_once
from messaging_core.transport.inputs import Body, Cursor, Limit, Name, before

router = APIRouter(prefix="/v1/operator/enterprises", tags=["identity"])


class Owner(Body):
    """The first owner: by `login` alone somebody who has an account, with `password` and `name` a new person."""

    login: Annotated[str, StringConstraints(min_length=3, max_length=64)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    name: Name | None = None


class NewHouse(Body):
    """An enterprise with its first owner."""

    name: Name
    verified: bool = False
    owner: Owner


@router.post("", status_code=201, response_model=answers.FoundedEnterprise)
async def found_enterprise(core: CoreDep, actor: ChatActor, request: Request, body: NewHouse, key: Key) -> Response:
    """Make an enterprise together with its first owner, both or none; it works where nobody may sign up by himself."""
    check_operator(actor)
    owner, person = body.owner, None
    login = read_login(owner.login)
    if (owner.password is None) != (owner.name is None):
        raise invalid("missing", "body.owner.password" if owner.password is None else "body.owner.name")
    if owner.password is not None and owner.name is not None:
        check_password(owner.password, login=login, rules=core.settings.accounts)
        person = founding.NewPerson(owner.name, await core.passwords.hash(owner.password))

    def action(unit: Unit) -> Any:
        made = founding.found(unit, actor, name=body.name, verified=body.verified, owner_login=login, person=person)
        rows = store.find_accounts(unit.connection, [made.enterprise_id, made.owner_id])
        return {"account": view_account(rows[made.enterprise_id]), "owner": view_account(rows[made.owner_id])}

    # What is kept of the request must not hold what could be guessed into a password.
    told = body.model_copy(update={"owner": owner.model_copy(update={"password": None})})
    return await create_once(core, request, actor, key, told, action)


@router.get("", response_model=answers.EnterpriseList)
async def list_enterprises(core: CoreDep, actor: ChatActor, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List the enterprises, newest first, with their owners and whether they have accepted the terms in force."""
    check_operator(actor)
    lines = await core.read(lambda c: founding.list_enterprises(c, before_id=before(cursor), limit=limit))
    items = [
        {
            "id": str(line.row.id),
            "name": line.row.name,
            "verified": line.row.verified,
            "created_at": format_time(line.row.created_at),
            "owners": list(line.owners),
            "accepted_terms": line.accepted,
        }
        for line in lines
    ]
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})
