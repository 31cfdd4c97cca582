"""HTTP: conversations, members, read cursors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.commerce import coupons
from messaging_core.conversations import actions, own, store
from messaging_core.conversations.own import Box
from messaging_core.conversations.reading import check_member, check_reader
from messaging_core.conversations.summary import summarise
from messaging_core.core import Core
from messaging_core.desk import actions as desk
from messaging_core.errors import invalid, not_found
from messaging_core.identity.policy import Actor
from messaging_core.kernel.unit import Unit
from messaging_core.transport import answers
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.idempotency import Key, create_once
from messaging_core.transport.inputs import Body, Cursor, IdText, Limit, Name, PathId, after

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])
MemberIds = Annotated[list[IdText], Field(max_length=5000)]


class NewConversation(Body):
    """A direct (`account_id`), group (`title`, `member_ids`) or service (`enterprise_id`) conversation."""

    kind: Literal["direct", "group", "service"]
    account_id: IdText | None = None
    title: Name | None = None
    member_ids: MemberIds = []
    enterprise_id: IdText | None = None


class NewTitle(Body):
    """Another title."""

    title: Name


class NewMembers(Body):
    """Whom to add."""

    account_ids: Annotated[list[IdText], Field(min_length=1, max_length=5000)]


class NewRole(Body):
    """A role in a group."""

    role: Literal["owner", "admin", "member"]


class ReadMark(Body):
    """How far one has read."""

    msg_no: Annotated[int, Field(ge=0, le=2**62)]


def _shown(core: Core, connection: Connection, actor: Actor, conversation_id: int) -> dict[str, Any]:
    found = summarise(connection, actor.account_id, [conversation_id], core.moment())
    if not found:
        raise not_found("conversation")
    return {"conversation": found[0]}


def _create(unit: Unit, actor: Actor, body: NewConversation) -> int:
    if body.kind == "direct":
        return actions.open_direct(unit, actor, account_id=int(_need(body.account_id, "account_id")))
    if body.kind == "service":
        enterprise_id = int(_need(body.enterprise_id, "enterprise_id"))
        conversation_id = desk.open_service(unit, actor, enterprise_id=enterprise_id)
        coupons.preload(unit, actor, enterprise_id=enterprise_id, conversation_id=conversation_id)
        return conversation_id
    return actions.create_group(
        unit,
        actor,
        title=_need(body.title, "title"),
        member_ids=[int(account_id) for account_id in body.member_ids],
        enterprise_id=int(body.enterprise_id) if body.enterprise_id is not None else None,
    )


def _need(value: str | None, field: str) -> str:
    if value is None:
        raise invalid("missing", f"body.{field}")
    return value


@router.post("", status_code=201, response_model=answers.OneConversation)
async def create_conversation(
    core: CoreDep, actor: ChatActor, request: Request, body: NewConversation, key: Key
) -> Response:
    """Make a conversation, or find the one that is there (direct, service)."""

    def action(unit: Unit) -> Any:
        return _shown(core, unit.connection, actor, _create(unit, actor, body))

    return await create_once(core, request, actor, key, body, action)


@router.get("", response_model=answers.ConversationList)
async def list_conversations(
    core: CoreDep, actor: ChatActor, box: Box = "all", cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """List one's conversations: pinned ones first, then the last active. The cursor is a place in that list.

    `box`: `main` has neither what is archived nor what is folded; `archived`, `folded`; `all`.
    """
    start = after(cursor)

    def query(connection: Connection) -> tuple[list[Any], bool]:
        moment = core.moment()
        ids = own.list_box(connection, actor.account_id, box, moment)
        return summarise(connection, actor.account_id, ids[start : start + limit], moment), len(ids) > start + limit

    items, more = await core.read(query)
    return json_response({"items": items, "next_cursor": str(start + limit) if more else None})


@router.get("/{conversation_id}", response_model=answers.OneConversation)
async def get_conversation(core: CoreDep, actor: ChatActor, conversation_id: PathId) -> Response:
    """Return one conversation."""
    return json_response(await core.read(lambda connection: _shown(core, connection, actor, int(conversation_id))))


@router.patch("/{conversation_id}", response_model=answers.OneConversation)
async def rename(core: CoreDep, actor: ChatActor, conversation_id: PathId, body: NewTitle) -> Response:
    """Give a group another title."""

    def action(unit: Unit) -> Any:
        actions.rename(unit, actor, conversation_id=int(conversation_id), title=body.title)
        return _shown(core, unit.connection, actor, int(conversation_id))

    return json_response(await core.run(action))


@router.get("/{conversation_id}/members", response_model=answers.MemberList)
async def list_members(
    core: CoreDep, actor: ChatActor, conversation_id: PathId, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    """List the members with their roles and read cursors."""

    def query(connection: Connection) -> list[store.MemberRow]:
        check_reader(connection, actor, int(conversation_id))
        return store.list_members(connection, int(conversation_id), after_id=after(cursor), limit=limit)

    rows = await core.read(query)
    items = [
        {
            "account_id": str(row.account_id),
            "name": row.name,
            "nickname": row.nickname,
            "silenced_until": format_time(row.silenced_until) if row.silenced_until is not None else None,
            "kind": row.kind,
            "role": row.role,
            "joined_at": format_time(row.joined_at),
            "read_msg_no": row.read_msg_no,
        }
        for row in rows
    ]
    return json_response({"items": items, "next_cursor": items[-1]["account_id"] if len(items) == limit else None})


@router.post("/{conversation_id}/members", response_model=answers.OneConversation)
async def add_members(core: CoreDep, actor: ChatActor, conversation_id: PathId, body: NewMembers) -> Response:
    """Add people to a group."""

    def action(unit: Unit) -> Any:
        account_ids = [int(account_id) for account_id in body.account_ids]
        actions.add_members(unit, actor, conversation_id=int(conversation_id), account_ids=account_ids)
        return _shown(core, unit.connection, actor, int(conversation_id))

    return json_response(await core.run(action))


@router.patch("/{conversation_id}/members/{account_id}", response_model=answers.OneConversation)
async def set_role(
    core: CoreDep, actor: ChatActor, conversation_id: PathId, account_id: PathId, body: NewRole
) -> Response:
    """Appoint or dismiss an admin, or hand the group over."""

    def action(unit: Unit) -> Any:
        actions.set_role(unit, actor, conversation_id=int(conversation_id), account_id=int(account_id), role=body.role)
        return _shown(core, unit.connection, actor, int(conversation_id))

    return json_response(await core.run(action))


@router.delete("/{conversation_id}/members/{account_id}", status_code=204)
async def remove_member(core: CoreDep, actor: ChatActor, conversation_id: PathId, account_id: PathId) -> Response:
    """Remove a member, or leave."""
    await core.run(
        lambda unit: actions.remove_member(
            unit, actor, conversation_id=int(conversation_id), account_id=int(account_id)
        )
    )
    return Response(status_code=204)


@router.put("/{conversation_id}/read", status_code=202, response_model=answers.Read)
async def mark_read(core: CoreDep, actor: ChatActor, conversation_id: PathId, body: ReadMark) -> Response:
    """Move one's read cursor forward."""
    await core.read(lambda connection: check_member(connection, actor, int(conversation_id)))
    core.mark_read(int(conversation_id), actor.account_id, body.msg_no)
    return Response(msgspec.json.encode({"msg_no": body.msg_no}), status_code=202, media_type="application/json")
