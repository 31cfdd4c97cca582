"""HTTP: what is done to a message that stands, who has read it, and forwarding."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Response
from pydantic import Field, StringConstraints
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.conversations import store as conversations
from messaging_core.conversations.reading import check_reader
from messaging_core.errors import invalid, not_found
from messaging_core.identity.policy import Actor
from messaging_core.kernel.unit import Unit
from messaging_core.messages import acts, answers, changes_store, forwarding, policy
from messaging_core.messages import reading_store as store
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, Cursor, IdText, Limit, Line, PathId, after

router = APIRouter(prefix="/v1/conversations/{conversation_id}", tags=["messages"])
PathSeq = Annotated[int, Path(ge=1, le=2**62)]
Emoji = Annotated[str, StringConstraints(min_length=1, max_length=16)]


class NewWords(Body):
    """A text's other words."""

    kind: Annotated[str, StringConstraints(max_length=40)] = "text"
    v: Annotated[int, Field(ge=1, le=1000)] = 1
    body: dict[str, Any]


class NewForward(Body):
    """Messages of another conversation, `merged` into one card or one by one."""

    client_msg_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:\-]{1,60}$")]
    from_conversation_id: IdText
    seqs: Annotated[list[Annotated[int, Field(ge=1, le=2**62)]], Field(min_length=1, max_length=500)]
    merged: bool = False
    title: Line = ""


def _shown(connection: Connection, actor: Actor, conversation_id: int, seq: int) -> Response:
    from_seq, _ = check_reader(connection, actor, conversation_id)
    row = store.find_message(connection, conversation_id, seq, viewer=actor.account_id)
    if row is None or seq < from_seq:
        raise not_found("message")
    return Response(b'{"message":%s}' % store.encode_shown(row), media_type="application/json")


@router.get("/messages/{seq}", response_model=answers.OneMessage)
async def get_message(core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq) -> Response:
    """Return one message as the reader may see it."""
    return await core.read(lambda connection: _shown(connection, actor, int(conversation_id), seq))


@router.post("/messages/{seq}/recall", response_model=answers.OneMessage)
async def recall(core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq) -> Response:
    """Take a message back for everybody."""

    def action(unit: Unit) -> Response:
        acts.recall(unit, actor, conversation_id=int(conversation_id), seq=seq)
        return _shown(unit.connection, actor, int(conversation_id), seq)

    return await core.run(action)


@router.patch("/messages/{seq}", response_model=answers.OneMessage)
async def edit(core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq, body: NewWords) -> Response:
    """Give one's own text other words."""
    try:
        raw = msgspec.json.encode(body.body)
    except (UnicodeEncodeError, RecursionError) as error:
        raise invalid("wrong_form", "body", hint=str(error)) from error

    def action(unit: Unit) -> Response:
        acts.edit(unit, actor, conversation_id=int(conversation_id), seq=seq, kind=body.kind, v=body.v, raw=raw)
        return _shown(unit.connection, actor, int(conversation_id), seq)

    return await core.run(action)


@router.delete("/messages/{seq}", status_code=204)
async def delete_for_me(core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq) -> Response:
    """Take a message out of one's own view."""
    await core.run(lambda unit: acts.delete_for_me(unit, actor, conversation_id=int(conversation_id), seq=seq))
    return Response(status_code=204)


@router.put("/messages/{seq}/reactions/{emoji}", response_model=answers.OneMessage)
async def react(core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq, emoji: Emoji) -> Response:
    """Set an emoji under a message."""
    return await _react(core, actor, int(conversation_id), seq, emoji, on=True)


@router.delete("/messages/{seq}/reactions/{emoji}", response_model=answers.OneMessage)
async def unreact(core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq, emoji: Emoji) -> Response:
    """Take an emoji back."""
    return await _react(core, actor, int(conversation_id), seq, emoji, on=False)


async def _react(core: CoreDep, actor: Actor, conversation_id: int, seq: int, emoji: str, *, on: bool) -> Response:
    def action(unit: Unit) -> Response:
        acts.react(unit, actor, conversation_id=conversation_id, seq=seq, emoji=emoji, on=on)
        return _shown(unit.connection, actor, conversation_id, seq)

    return await core.run(action)


@router.get("/messages/{seq}/versions", response_model=answers.Versions)
async def list_versions(core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq) -> Response:
    """Return what an edited message was before each edit; of one that was recalled, nothing."""

    def query(connection: Connection) -> list[dict[str, Any]]:
        from_seq, _ = check_reader(connection, actor, int(conversation_id))
        row = store.find_message(connection, int(conversation_id), seq, viewer=actor.account_id)
        if row is None or seq < from_seq or row.deleted_seq is not None:
            raise not_found("message")
        if row.kind == policy.RECALLED:
            return []
        rows = changes_store.list_versions(connection, int(conversation_id), seq)
        return [
            {"kind": one.kind, "v": one.v, "body": msgspec.Raw(one.body.encode()), "replaced_at": format_time(one.at)}
            for one in rows
        ]

    return json_response({"items": await core.read(query)})


@router.get("/messages/{seq}/readers", response_model=answers.Readers)
async def list_readers(
    core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    """Return who has read a message, by their read cursors: a message costs nothing more for being read."""

    def query(connection: Connection) -> dict[str, Any]:
        from_seq, _ = check_reader(connection, actor, int(conversation_id))
        row = store.find_message(connection, int(conversation_id), seq, viewer=actor.account_id)
        if row is None or seq < from_seq:
            raise not_found("message")
        place = {"seq": seq, "msg_no": row.msg_no, "but": row.sender_id}
        read, members = conversations.count_readers(connection, int(conversation_id), **place)
        rows = conversations.list_readers(
            connection, int(conversation_id), **place, after_id=after(cursor), limit=limit
        )
        items = [{"account_id": str(one.account_id), "name": one.nickname or one.name} for one in rows]
        more = items[-1]["account_id"] if len(items) == limit else None
        return {"items": items, "next_cursor": more, "read_count": read, "member_count": members}

    return json_response(await core.read(query))


@router.post("/forward", status_code=201, response_model=answers.Forwarded)
async def forward(core: CoreDep, actor: ChatActor, conversation_id: PathId, body: NewForward) -> Response:
    """Send messages of another conversation into this one; the same `client_msg_id` sends them once."""

    def action(unit: Unit) -> dict[str, Any]:
        from_seq, _ = check_reader(unit.connection, actor, int(body.from_conversation_id))
        sent = forwarding.forward(
            unit,
            actor,
            conversation_id=int(conversation_id),
            client_msg_id=body.client_msg_id,
            from_id=int(body.from_conversation_id),
            from_seq=from_seq,
            seqs=body.seqs,
            title=body.title if body.merged else None,
        )
        items = [{"message_id": str(one.message_id), "seq": one.seq, "msg_no": one.msg_no} for one in sent]
        return {"items": items, "duplicate": any(one.duplicate for one in sent)}

    return json_response(await core.run(action), status=201)
