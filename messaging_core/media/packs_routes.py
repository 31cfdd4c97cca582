"""HTTP: emoji packs."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.errors import forbidden
from messaging_core.identity.policy import check_operator
from messaging_core.kernel.unit import Unit
from messaging_core.media import answers, packs, packs_store
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.idempotency import Key, create_once
from messaging_core.transport.inputs import Body, Cursor, IdText, Limit, Name, PathId, Remark, before

router = APIRouter(prefix="/v1", tags=["emoji packs"])


class NewPack(Body):
    """A pack."""

    name: Name


class NewEmoji(Body):
    """One picture of a pack."""

    name: Name
    media_id: IdText


class Verdict(Body):
    """What a reviewer decides."""

    approve: bool
    reason: Remark = ""


def _views(connection: Connection, rows: list[packs_store.PackRow]) -> list[dict[str, Any]]:
    found = packs_store.list_emoji(connection, [row.id for row in rows])
    return [
        {
            "id": str(row.id),
            "enterprise_id": str(row.enterprise_id),
            "name": row.name,
            "state": row.state,
            "reason": row.reason,
            "created_at": format_time(row.created_at),
            "reviewed_at": format_time(row.reviewed_at) if row.reviewed_at is not None else None,
            "emoji": [
                {"id": str(one.id), "name": one.name, "media_id": str(one.media_id)}
                for one in found
                if one.pack_id == row.id
            ],
        }
        for row in rows
    ]


def _view(connection: Connection, pack_id: int) -> dict[str, Any]:
    row = packs_store.find_pack(connection, pack_id)
    assert row is not None
    return {"pack": _views(connection, [row])[0]}


@router.get("/emoji-packs", response_model=answers.Packs)
async def list_packs(
    core: CoreDep,
    actor: ChatActor,
    whose: Literal["all", "own", "review"] = "all",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Return the packs that everybody may send, those of one's enterprise, or those that wait for a reviewer."""
    enterprise_id = None
    if whose == "own":
        enterprise_id = actor.enterprise_id
        if enterprise_id is None or not actor.serves(enterprise_id):
            raise forbidden("staff_only")
    elif whose == "review":
        check_operator(actor)
    state = {"all": "approved", "own": None, "review": "in_review"}[whose]

    def query(connection: Connection) -> list[dict[str, Any]]:
        rows = packs_store.list_packs(
            connection, enterprise_id=enterprise_id, state=state, before_id=before(cursor), limit=limit
        )
        return _views(connection, rows)

    items = await core.read(query)
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


@router.post("/emoji-packs", status_code=201, response_model=answers.OnePack)
async def create_pack(core: CoreDep, request: Request, actor: ChatActor, body: NewPack, key: Key) -> Response:
    """Make a pack of one's enterprise."""

    def action(unit: Unit) -> Any:
        return _view(unit.connection, packs.create_pack(unit, actor, name=body.name))

    return await create_once(core, request, actor, key, body, action)


@router.get("/emoji-packs/{pack_id}", response_model=answers.OnePack)
async def get_pack(core: CoreDep, actor: ChatActor, pack_id: PathId) -> Response:
    """Return a pack."""

    def query(connection: Connection) -> Any:
        packs.get_pack(connection, actor, int(pack_id))
        return _view(connection, int(pack_id))

    return json_response(await core.read(query))


@router.post("/emoji-packs/{pack_id}/emoji", status_code=201, response_model=answers.OnePack)
async def add_emoji(
    core: CoreDep, request: Request, actor: ChatActor, pack_id: PathId, body: NewEmoji, key: Key
) -> Response:
    """Put an upload into a pack."""

    def action(unit: Unit) -> Any:
        packs.add_emoji(unit, actor, pack_id=int(pack_id), media_id=int(body.media_id), name=body.name)
        return _view(unit.connection, int(pack_id))

    return await create_once(core, request, actor, key, body, action)


@router.delete("/emoji-packs/{pack_id}/emoji/{emoji_id}", status_code=204)
async def remove_emoji(core: CoreDep, actor: ChatActor, pack_id: PathId, emoji_id: PathId) -> Response:
    """Take a picture out of a pack."""
    await core.run(lambda unit: packs.remove_emoji(unit, actor, pack_id=int(pack_id), emoji_id=int(emoji_id)))
    return Response(status_code=204)


@router.post("/emoji-packs/{pack_id}/submit", response_model=answers.OnePack)
async def submit_pack(core: CoreDep, actor: ChatActor, pack_id: PathId) -> Response:
    """Lay a pack before a reviewer."""

    def action(unit: Unit) -> Any:
        packs.submit(unit, actor, pack_id=int(pack_id))
        return _view(unit.connection, int(pack_id))

    return json_response(await core.run(action))


@router.post("/emoji-packs/{pack_id}/withdraw", response_model=answers.OnePack)
async def withdraw_pack(core: CoreDep, actor: ChatActor, pack_id: PathId) -> Response:
    """Take a pack back."""

    def action(unit: Unit) -> Any:
        packs.withdraw(unit, actor, pack_id=int(pack_id))
        return _view(unit.connection, int(pack_id))

    return json_response(await core.run(action))


@router.post("/operator/emoji-packs/{pack_id}/review", response_model=answers.OnePack)
async def review_pack(core: CoreDep, actor: ChatActor, pack_id: PathId, body: Verdict) -> Response:
    """Approve a pack or refuse it."""
    check_operator(actor)

    def action(unit: Unit) -> Any:
        packs.review(unit, actor, pack_id=int(pack_id), approve=body.approve, reason=body.reason)
        return _view(unit.connection, int(pack_id))

    return json_response(await core.run(action))
