"""HTTP: one's own messages that wait, and whose marketing one wants."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.delivery import marketing_store, pending
from messaging_core.errors import forbidden, not_found
from messaging_core.identity import store as identity
from messaging_core.kernel.unit import Unit
from messaging_core.safety import actions as safety
from messaging_core.safety import answers
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, Cursor, IdText, Limit, PathId, before

router = APIRouter(prefix="/v1", tags=["delivery"])
ClientId = Annotated[str, Query(pattern=r"^[A-Za-z0-9_.:\-]{1,64}$")]


class NewConsent(Body):
    """Whether one wants an enterprise's marketing."""

    opted_in: bool


@router.get("/pending", response_model=answers.PendingMessages)
async def list_pending(
    core: CoreDep,
    actor: ChatActor,
    conversation_id: Annotated[IdText | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Return one's own messages that wait, and what became of those that were not let go."""
    only = int(conversation_id) if conversation_id is not None else None
    items = await core.read(
        lambda connection: pending.list_own(
            connection, actor, conversation_id=only, before_id=before(cursor), limit=limit
        )
    )
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


@router.delete("/conversations/{conversation_id}/pending", status_code=204)
async def recall_pending(core: CoreDep, actor: ChatActor, conversation_id: PathId, client_msg_id: ClientId) -> Response:
    """Take back a message of one's own that waits."""
    await core.run(
        lambda unit: safety.recall_pending(
            unit, actor, conversation_id=int(conversation_id), client_msg_id=client_msg_id
        )
    )
    return Response(status_code=204)


@router.get("/marketing/consents", response_model=answers.Consents)
async def list_consents(core: CoreDep, actor: ChatActor) -> Response:
    """Return what one has said to enterprises; without a word it is no."""
    rows = await core.read(lambda connection: marketing_store.list_consents(connection, actor.account_id))
    items = [
        {
            "enterprise": {"id": str(row.enterprise_id), "name": row.name},
            "opted_in": bool(row.opted_in),
            "at": format_time(row.at),
        }
        for row in rows
    ]
    return json_response({"items": items})


@router.put("/marketing/consents/{enterprise_id}", status_code=204)
async def put_consent(core: CoreDep, actor: ChatActor, enterprise_id: PathId, body: NewConsent) -> Response:
    """Say whether one wants an enterprise's marketing: off until one does."""
    if actor.kind not in ("personal", "visitor"):
        raise forbidden("customers_only")

    def action(unit: Unit) -> None:
        _check_enterprise(unit.connection, int(enterprise_id))
        marketing_store.put_consent(
            unit.connection,
            enterprise_id=int(enterprise_id),
            account_id=actor.account_id,
            opted_in=body.opted_in,
            now_us=unit.now_us,
        )

    await core.run(action)
    return Response(status_code=204)


def _check_enterprise(connection: Connection, enterprise_id: int) -> None:
    row = identity.find_account(connection, enterprise_id)
    if row is None or row.kind != "enterprise":
        raise not_found("account")
