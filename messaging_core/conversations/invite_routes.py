"""HTTP: invite links, coming in by one, and the queue of those who wait."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.conversations import answers, invites, invites_store
from messaging_core.conversations.group_routes import check_group_admin
from messaging_core.conversations.summary import summarise
from messaging_core.kernel.schema import AnyRow
from messaging_core.kernel.unit import Unit
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, Cursor, Limit, PathId, Remark, before

router = APIRouter(prefix="/v1", tags=["groups"])
_G = "/conversations/{conversation_id}"
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class NewLink(Body):
    """How long and how often a link is good; left out: the deployment's time, and any number of times."""

    expires_in_s: Annotated[int, Field(ge=60, le=365 * 86_400)] | None = None
    max_uses: Annotated[int, Field(ge=1, le=100_000)] | None = None


class Join(Body):
    """The code of a link, and words for the admins."""

    code: Code
    words: Remark = ""


class Look(Body):
    """The code of a link."""

    code: Code


class Decision(Body):
    """Whether somebody may come in."""

    accept: bool


def _view(row: AnyRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "created_by": str(row.created_by),
        "created_at": format_time(row.created_at),
        "expires_at": format_time(row.expires_at) if row.expires_at is not None else None,
        "max_uses": row.max_uses,
        "uses": row.uses,
        "revoked_at": format_time(row.revoked_at) if row.revoked_at is not None else None,
    }


@router.post(_G + "/invite-links", status_code=201, response_model=answers.NewInviteLink)
async def make_link(core: CoreDep, actor: ChatActor, conversation_id: PathId, body: NewLink) -> Response:
    """Make an invite link; its code is shown this once."""

    def action(unit: Unit) -> dict[str, Any]:
        link_id, code = invites.make_link(
            unit,
            actor,
            conversation_id=int(conversation_id),
            expires_in_s=body.expires_in_s,
            max_uses=body.max_uses,
        )
        row = invites_store.find_link(unit.connection, int(conversation_id), link_id)
        assert row is not None
        return {"link": _view(row), "code": code}

    return json_response(await core.run(action), status=201)


@router.get(_G + "/invite-links", response_model=answers.InviteLinks)
async def list_links(
    core: CoreDep, actor: ChatActor, conversation_id: PathId, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """List a group's links, newest first."""

    def query(connection: Connection) -> list[AnyRow]:
        check_group_admin(connection, actor, int(conversation_id))
        return invites_store.list_links(connection, int(conversation_id), before_id=before(cursor), limit=limit)

    items = [_view(row) for row in await core.read(query)]
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


@router.delete(_G + "/invite-links/{link_id}", status_code=204)
async def revoke_link(core: CoreDep, actor: ChatActor, conversation_id: PathId, link_id: PathId) -> Response:
    """End a link at once."""
    await core.run(
        lambda unit: invites.revoke_link(unit, actor, conversation_id=int(conversation_id), link_id=int(link_id))
    )
    return Response(status_code=204)


@router.post("/invites/look", response_model=answers.Invitation)
async def look(core: CoreDep, actor: ChatActor, body: Look) -> Response:
    """Return where a link leads, before one comes in. The code is in the body: addresses end up in logs."""

    def action(unit: Unit) -> dict[str, Any]:
        group = invites.look(unit, body.code)
        return {"title": group.title, "member_count": group.member_count, "join_approval": group.join_approval}

    return json_response(await core.run(action))


@router.post("/invites/join", response_model=answers.Joined)
async def join(core: CoreDep, actor: ChatActor, body: Join) -> Response:
    """Come in by a link, or ask to be let in."""

    def action(unit: Unit) -> dict[str, Any]:
        conversation_id, status = invites.join_by_link(unit, actor, code=body.code, words=body.words)
        ids = [conversation_id] if status == "joined" else []
        found = summarise(unit.connection, actor.account_id, ids, core.moment())
        return {"status": status, "conversation": found[0] if found else None}

    return json_response(await core.run(action))


@router.get(_G + "/join-requests", response_model=answers.JoinRequests)
async def list_requests(core: CoreDep, actor: ChatActor, conversation_id: PathId, limit: Limit = 100) -> Response:
    """List who waits to be let in, the first to ask first."""

    def query(connection: Connection) -> list[AnyRow]:
        check_group_admin(connection, actor, int(conversation_id))
        return invites_store.list_waiting(connection, int(conversation_id), limit=limit)

    rows = await core.read(query)
    items = [
        {
            "account_id": str(row.account_id),
            "name": row.name,
            "words": row.words,
            "link_id": str(row.link_id),
            "asked_at": format_time(row.asked_at),
        }
        for row in rows
    ]
    return json_response({"items": items})


@router.put(_G + "/join-requests/{account_id}", status_code=204)
async def decide(
    core: CoreDep, actor: ChatActor, conversation_id: PathId, account_id: PathId, body: Decision
) -> Response:
    """Let somebody in, or turn him away."""
    await core.run(
        lambda unit: invites.decide(
            unit, actor, conversation_id=int(conversation_id), account_id=int(account_id), accept=body.accept
        )
    )
    return Response(status_code=204)
