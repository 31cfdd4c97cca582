"""HTTP: history, sending, events."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.conversations import store as conversations
from messaging_core.conversations.reading import check_reader
from messaging_core.errors import CoreError, invalid
from messaging_core.kernel.event_log import hidden
from messaging_core.messages import reading_store as store
from messaging_core.messages.kinds import read_body
from messaging_core.messages.model import SendRequest, Waiting, make_quote
from messaging_core.transport import answers
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, IdText, Limit, PathId, SeqQuery

router = APIRouter(prefix="/v1/conversations/{conversation_id}", tags=["messages"])


class NewMessage(Body):
    """A message; the same as the WebSocket's `send`."""

    client_msg_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:\-]{1,64}$")]
    kind: Annotated[str, StringConstraints(max_length=40)]
    v: Annotated[int, Field(ge=1, le=1000)] = 1
    body: dict[str, Any]
    assignment_version: Annotated[int, Field(ge=0, le=2**31)] | None = None
    reply_to: Annotated[int, Field(ge=0, le=2**62)] | None = None
    mentions: Annotated[list[IdText], Field(max_length=500)] = []
    mention_all: bool = False


@router.get("/messages", response_model=answers.Messages)
async def list_messages(
    core: CoreDep, actor: ChatActor, conversation_id: PathId, before_seq: SeqQuery = 2**62, limit: Limit = 50
) -> Response:
    """Return messages before a `seq`, newest first."""

    def query(connection: Connection) -> list[bytes]:
        from_seq, _ = check_reader(connection, actor, int(conversation_id))
        return store.list_before(
            connection,
            int(conversation_id),
            before_seq=before_seq,
            from_seq=from_seq,
            limit=limit,
            viewer=actor.account_id,
        )

    rows = await core.read(query)
    items = b",".join(rows)
    more = b"true" if len(rows) == limit else b"false"
    return Response(b'{"items":[%s],"more":%s}' % (items, more), media_type="application/json")


@router.post(
    "/messages",
    status_code=201,
    response_model=answers.Sent,
    responses={200: {"model": answers.Sent}, 202: {"model": answers.PendingSend}},
)
async def send_message(core: CoreDep, actor: ChatActor, conversation_id: PathId, body: NewMessage) -> Response:
    """Send a message; `client_msg_id` is its idempotency key."""
    try:
        raw = msgspec.json.encode(body.body)
    except (UnicodeEncodeError, RecursionError) as error:
        raise invalid("wrong_form", "body", hint=str(error)) from error
    request = SendRequest(
        actor=actor,
        conversation_id=int(conversation_id),
        client_msg_id=body.client_msg_id,
        kind=body.kind,
        v=body.v,
        body=read_body(body.kind, body.v, raw, core.settings.limits),
        settle=lambda _request, _outcome: None,
        assignment_version=body.assignment_version,
        quote=make_quote(body.reply_to, [int(one) for one in body.mentions], mention_all=body.mention_all),
    )
    outcome = await core.send(request)
    if isinstance(outcome, Waiting):
        return json_response(outcome.said(int(conversation_id), body.client_msg_id), status=202)
    if isinstance(outcome, CoreError):
        data = {**outcome.data, "conversation_id": conversation_id, "client_msg_id": body.client_msg_id}
        raise CoreError(outcome.code, **data)
    return json_response(
        {
            "status": "sent",
            "conversation_id": conversation_id,
            "client_msg_id": body.client_msg_id,
            "message_id": str(outcome.message_id),
            "seq": outcome.seq,
            "msg_no": outcome.msg_no,
            "at": format_time(outcome.at_us),
            "duplicate": outcome.duplicate,
        },
        status=200 if outcome.duplicate else 201,
    )


@router.get("/events", response_model=answers.Events)
async def list_events(
    core: CoreDep, actor: ChatActor, conversation_id: PathId, after_seq: SeqQuery = 0, limit: Limit = 100
) -> Response:
    """Return events after a `seq`, in order; what the reader may not see is one `hidden` event."""

    def query(connection: Connection) -> tuple[list[bytes], int]:
        from_seq, _ = check_reader(connection, actor, int(conversation_id))
        conversation = conversations.find(connection, int(conversation_id))
        assert conversation is not None
        frames: list[bytes] = []
        start = after_seq
        if start + 1 < from_seq:
            tombstone = hidden(int(conversation_id), seq=start + 1, to_seq=from_seq - 1, at_us=core.clock.now_us())
            frames.append(tombstone.frame())
            start = from_seq - 1
        found = store.list_events(
            connection, int(conversation_id), after_seq=start, to_seq=None, limit=limit, viewer=actor.account_id
        )
        return frames + [event.frame_for(actor.account_id) for event in found], conversation.last_seq

    frames, last_seq = await core.read(query)
    return Response(b'{"items":[%s],"last_seq":%d}' % (b",".join(frames), last_seq), media_type="application/json")
