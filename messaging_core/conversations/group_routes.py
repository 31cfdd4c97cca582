"""HTTP: how a group is run, and what its owner and admins do to members."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Response
from pydantic import Field
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.conversations import answers, audit, groups_store, moderation, notices, policy, store
from messaging_core.conversations.summary import find_group_views
from messaging_core.errors import CoreError
from messaging_core.identity.policy import Actor
from messaging_core.kernel.unit import Unit
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, Cursor, Limit, Line, LongText, PathId, Remark, after, before

router = APIRouter(prefix="/v1/conversations/{conversation_id}", tags=["groups"])
PathSeq = Annotated[int, Path(ge=1, le=2**62)]
Seconds = Annotated[int, Field(ge=0, le=2**31)]


class GroupChange(Body):
    """What is to be different; what is left out stays."""

    notice: LongText | None = None
    welcome: LongText | None = None
    announcement_only: bool | None = None
    join_approval: bool | None = None
    bot_wait_s: Annotated[int, Field(ge=0, le=86_400)] | None = None


class Silence(Body):
    """How long; 0 ends it."""

    seconds: Seconds


class Ban(Body):
    """Why, for the audit."""

    reason: Remark = ""


class Nickname(Body):
    """A name within this group; empty: none."""

    nickname: Line


@router.get("/group", response_model=answers.OneGroup)
async def get_group(core: CoreDep, actor: ChatActor, conversation_id: PathId) -> Response:
    """Return how a group is run, to its owner and admins."""

    def query(connection: Connection) -> dict[str, Any]:
        check_group_admin(connection, actor, int(conversation_id))
        return _group(connection, int(conversation_id))

    return json_response(await core.read(query))


@router.patch("/group", response_model=answers.OneGroup)
async def change_group(core: CoreDep, actor: ChatActor, conversation_id: PathId, body: GroupChange) -> Response:
    """Change notice, welcome, who may speak, who is let in, when a bot may speak."""
    change = notices.GroupChange(**body.model_dump())

    def action(unit: Unit) -> dict[str, Any]:
        notices.change_group(unit, actor, conversation_id=int(conversation_id), change=change)
        return _group(unit.connection, int(conversation_id))

    return json_response(await core.run(action))


def _group(connection: Connection, conversation_id: int) -> dict[str, Any]:
    row = store.find(connection, conversation_id)
    assert row is not None
    group = groups_store.find_group(connection, conversation_id)
    return {
        "group": {
            **msgspec.structs.asdict(find_group_views(connection, [row])[conversation_id]),
            "welcome": group.welcome if group is not None else "",
            "bot_wait_s": group.bot_wait_s if group is not None else None,
        }
    }


@router.get("/bots", response_model=answers.GroupBots)
async def list_bots(core: CoreDep, actor: ChatActor, conversation_id: PathId) -> Response:
    """List the bots of a community's enterprise to its owner and admins; an ordinary group can have none."""

    def query(connection: Connection) -> list[Any]:
        check_group_admin(connection, actor, int(conversation_id))
        return groups_store.list_bots(connection, int(conversation_id))

    rows = await core.read(query)
    items = [{"account_id": str(row.id), "name": row.name, "inside": bool(row.inside)} for row in rows]
    return json_response({"items": items, "next_cursor": None})


@router.put("/silence", status_code=204)
async def silence_group(core: CoreDep, actor: ChatActor, conversation_id: PathId, body: Silence) -> Response:
    """Let only owner and admins speak for a time."""
    await core.run(
        lambda unit: moderation.silence_group(unit, actor, conversation_id=int(conversation_id), seconds=body.seconds)
    )
    return Response(status_code=204)


@router.put("/members/{account_id}/silence", status_code=204)
async def silence_member(
    core: CoreDep, actor: ChatActor, conversation_id: PathId, account_id: PathId, body: Silence
) -> Response:
    """Keep a member from speaking for a time."""
    await core.run(
        lambda unit: moderation.silence_member(
            unit, actor, conversation_id=int(conversation_id), account_id=int(account_id), seconds=body.seconds
        )
    )
    return Response(status_code=204)


@router.put("/members/{account_id}/nickname", status_code=204)
async def set_nickname(
    core: CoreDep, actor: ChatActor, conversation_id: PathId, account_id: PathId, body: Nickname
) -> Response:
    """Give a member a name within this group."""
    await core.run(
        lambda unit: moderation.set_nickname(
            unit, actor, conversation_id=int(conversation_id), account_id=int(account_id), nickname=body.nickname
        )
    )
    return Response(status_code=204)


@router.get("/bans", response_model=answers.Bans)
async def list_bans(
    core: CoreDep, actor: ChatActor, conversation_id: PathId, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """List who may not come back."""

    def query(connection: Connection) -> list[Any]:
        check_group_admin(connection, actor, int(conversation_id))
        return groups_store.list_bans(connection, int(conversation_id), after_id=after(cursor), limit=limit)

    items = [
        {
            "account_id": str(row.account_id),
            "name": row.name,
            "reason": row.reason,
            "banned_by": str(row.banned_by),
            "at": format_time(row.at),
        }
        for row in await core.read(query)
    ]
    return json_response({"items": items, "next_cursor": items[-1]["account_id"] if len(items) == limit else None})


@router.put("/bans/{account_id}", status_code=204)
async def ban(core: CoreDep, actor: ChatActor, conversation_id: PathId, account_id: PathId, body: Ban) -> Response:
    """Remove somebody and keep him from coming back."""
    await core.run(
        lambda unit: moderation.ban(
            unit, actor, conversation_id=int(conversation_id), account_id=int(account_id), reason=body.reason
        )
    )
    return Response(status_code=204)


@router.delete("/bans/{account_id}", status_code=204)
async def unban(core: CoreDep, actor: ChatActor, conversation_id: PathId, account_id: PathId) -> Response:
    """Let somebody come back."""
    await core.run(
        lambda unit: moderation.unban(unit, actor, conversation_id=int(conversation_id), account_id=int(account_id))
    )
    return Response(status_code=204)


@router.put("/pins/{seq}", status_code=204)
async def pin(core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq) -> Response:
    """Pin a message for all to find."""
    await core.run(lambda unit: notices.pin(unit, actor, conversation_id=int(conversation_id), seq=seq, on=True))
    return Response(status_code=204)


@router.delete("/pins/{seq}", status_code=204)
async def unpin(core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq) -> Response:
    """Take a pinned message down."""
    await core.run(lambda unit: notices.pin(unit, actor, conversation_id=int(conversation_id), seq=seq, on=False))
    return Response(status_code=204)


@router.get("/audit", response_model=answers.AuditLog)
async def list_acts(
    core: CoreDep, actor: ChatActor, conversation_id: PathId, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """List what admins have done, newest first, to the owner and admins."""

    def query(connection: Connection) -> list[Any]:
        check_group_admin(connection, actor, int(conversation_id))
        return audit.list_acts(connection, int(conversation_id), before_id=before(cursor), limit=limit)

    items = [
        {
            "id": str(row.id),
            "act": row.act,
            "actor_id": str(row.actor_id),
            "actor_name": row.actor_name,
            "target_id": str(row.target_id) if row.target_id is not None else None,
            "target_name": row.target_name,
            "data": msgspec.Raw(row.data.encode()),
            "at": format_time(row.at),
        }
        for row in await core.read(query)
    ]
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


def check_group_admin(connection: Connection, actor: Actor, conversation_id: int) -> None:
    """Refuse everybody but the owner and admins of a group."""
    conversation = store.find(connection, conversation_id)
    own = store.find_member(connection, conversation_id, actor.account_id)
    if conversation is None or own is None or own.left_seq is not None:
        raise CoreError("not_a_member", conversation_id=str(conversation_id))
    policy.check_group(conversation.kind)
    policy.check_admin(own.role)
