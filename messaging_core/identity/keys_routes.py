"""HTTP: API keys of an enterprise."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from kefu.base.clock import format_time, parse_time
from messaging_core.identity import answers, keys, store
from messaging_core.identity.policy import check_right
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, Line, PathId, TimeText

router = APIRouter(prefix="/v1/enterprises/{enterprise_id}/keys", tags=["identity"])
KeyScope = Literal["orders", "read_orders", "coupons", "issue_coupons", "insight", "read_staff"]


class NewKey(Body):
    """What a key may do, and until when."""

    label: Line = ""
    scopes: Annotated[list[KeyScope], Field(min_length=1, max_length=20)]
    expires_at: TimeText | None = None


@router.post("", status_code=201, response_model=answers.NewKey)
async def create_key(core: CoreDep, actor: ChatActor, enterprise_id: PathId, body: NewKey) -> Response:
    """Make an API key; it is shown this once."""
    issued = await core.run(
        lambda unit: keys.create_key(
            unit,
            actor,
            enterprise_id=int(enterprise_id),
            label=body.label,
            scopes=tuple(dict.fromkeys(body.scopes)),
            expires_at_us=parse_time(body.expires_at) if body.expires_at is not None else None,
        )
    )
    return json_response({"id": str(issued.id), "key": issued.secret}, status=201)


@router.get("", response_model=answers.KeyList)
async def list_keys(core: CoreDep, actor: ChatActor, enterprise_id: PathId) -> Response:
    """List the keys that work."""
    check_right(actor, "keys", int(enterprise_id))
    now_us = core.clock.now_us()
    rows = await core.read(
        lambda connection: store.list_live(connection, int(enterprise_id), purpose="key", now_us=now_us)
    )
    items = [
        {
            "id": str(row.id),
            "label": row.label,
            "scopes": row.scopes.split(),
            "created_at": format_time(row.created_at),
            "expires_at": format_time(row.expires_at) if row.expires_at is not None else None,
            "last_used_at": format_time(row.last_used_at),
        }
        for row in rows
    ]
    return json_response({"items": items, "next_cursor": None})


@router.delete("/{key_id}", status_code=204)
async def revoke_key(core: CoreDep, actor: ChatActor, enterprise_id: PathId, key_id: PathId) -> Response:
    """Revoke a key."""
    await core.run(lambda unit: keys.revoke_key(unit, actor, enterprise_id=int(enterprise_id), key_id=int(key_id)))
    return Response(status_code=204)
