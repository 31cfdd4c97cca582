"""HTTP: one's own list. What changes is told to all of one's connections as an `own` frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import APIRouter, Response
from sqlalchemy import Connection

from messaging_core.conversations import answers, own, own_store
from messaging_core.conversations.folding import find_folded
from messaging_core.conversations.summary import OwnView, summarise
from messaging_core.identity.policy import Actor
from messaging_core.kernel.unit import Unit
from messaging_core.messages import personal_store
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, LongText, PathId

router = APIRouter(prefix="/v1", tags=["conversations"])


class ViewChange(Body):
    """What is to be different in one's own list; what is left out stays."""

    pinned: bool | None = None
    muted: bool | None = None
    archived: bool | None = None


class Draft(Body):
    """What one has begun to write; empty: nothing."""

    text: LongText


@router.patch("/conversations/{conversation_id}/own", response_model=answers.OneOwn)
async def change_view(core: CoreDep, actor: ChatActor, conversation_id: PathId, body: ViewChange) -> Response:
    """Pin, mute or archive a conversation in one's own list."""

    def action(unit: Unit) -> None:
        own.change_view(unit, actor, conversation_id=int(conversation_id), **body.model_dump())

    return await _changed(core, actor, int(conversation_id), action)


@router.put("/conversations/{conversation_id}/draft", response_model=answers.OneOwn)
async def put_draft(core: CoreDep, actor: ChatActor, conversation_id: PathId, body: Draft) -> Response:
    """Keep a draft for all one's devices."""

    def action(unit: Unit) -> None:
        own.put_draft(unit, actor, conversation_id=int(conversation_id), text=body.text)

    return await _changed(core, actor, int(conversation_id), action)


async def _changed(core: CoreDep, actor: Actor, conversation_id: int, action: Callable[[Unit], None]) -> Response:
    def work(unit: Unit) -> OwnView:
        action(unit)
        return summarise(unit.connection, actor.account_id, [conversation_id], core.moment())[0].own

    view = msgspec.json.encode(await core.run(work))
    frame = b'{"type":"own","conversation_id":"%d","own":%s}' % (conversation_id, view)
    core.hub.push_account(actor.account_id, frame)
    return Response(b'{"own":%s}' % view, media_type="application/json")


@router.get("/unread", response_model=answers.Unread)
async def count_unread(core: CoreDep, actor: ChatActor) -> Response:
    """Return what is unread in all: `total` counts what is neither muted, folded nor archived."""

    def query(connection: Connection) -> dict[str, Any]:
        rows = own_store.list_unread(connection, actor.account_id)
        counts = {"total": 0, "muted": 0, "folded": 0, "archived": 0}
        folded = find_folded(connection, actor.account_id, rows, core.moment())
        for row in rows:
            in_box = row.conversation_id in folded
            place = "archived" if row.archived else "folded" if in_box else "muted" if row.muted else "total"
            counts[place] += row.unread
        ids = [row.conversation_id for row in rows]
        called = personal_store.find_unread_mentions(connection, actor.account_id, ids)
        return {**counts, "mentions": sum(map(len, called.values())), "conversations": len(rows)}

    return json_response(await core.read(query))
