"""The long-poll fallback: what a WebSocket with the same cursors would bring, in one answer."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import Field

from messaging_core.delivery.link import Link
from messaging_core.transport import answers
from messaging_core.transport.carriers import PollCarrier
from messaging_core.transport.http import ChatActor, CoreDep, lang_of
from messaging_core.transport.inputs import Body, IdText

router = APIRouter(prefix="/v1", tags=["messages"])
_MAX_BYTES = 4 * 1024 * 1024


class Poll(Body):
    """Cursors as in hello, and how long to wait for news (milliseconds)."""

    cursors: Annotated[dict[IdText, Annotated[int, Field(ge=0, le=2**62)]], Field(max_length=5000)] = {}
    wait_ms: Annotated[int, Field(ge=0, le=25_000)] = 25_000


class _Head(msgspec.Struct):
    type: str
    conversation_id: str = ""
    seq: int = 0
    data: msgspec.Raw = msgspec.Raw(b"null")
    kind: str = ""


@router.post("/poll", response_model=answers.Polled)
async def poll(core: CoreDep, actor: ChatActor, request: Request, body: Poll) -> Response:
    """Wait for frames after the cursors and return them with the new cursors.

    A first poll without cursors returns the conversations as `conversation` frames and their cursors at once.
    """
    connections = request.app.state.connections
    connections.enter_account(actor.account_id)
    carrier = PollCarrier()
    link = Link(
        actor=actor,
        carrier=carrier,
        session_id=core.tools.ids.new(),
        lang=lang_of(request),
        lag_limit=_MAX_BYTES,
        on_cut=core.metrics.count_cut,
    )
    try:
        cursors = {int(key): seq for key, seq in body.cursors.items()}
        opening = await core.catch_up.open(link, cursors)
        fresh = [summary for summary in opening.summaries if int(summary.id) not in cursors]
        link.push_frames(
            [b'{"type":"conversation","conversation":%s}' % msgspec.json.encode(summary) for summary in fresh]
        )
        await core.catch_up.replay(link, opening)
        if not _news(carrier):
            await _wait(carrier, request, body.wait_ms / 1000)
        return _answer(carrier, opening.cursors)
    finally:
        connections.leave_account(actor.account_id)
        core.hub.remove_link(link)


async def _wait(carrier: PollCarrier, request: Request, seconds: float) -> None:
    """Wait for news, for the time to pass, or for the client to go: an abandoned poll must not hold its place."""
    carrier.arrived.clear()
    news = asyncio.ensure_future(carrier.arrived.wait())
    gone = asyncio.ensure_future(_until_gone(request))
    await asyncio.wait({news, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for waiting in (news, gone):
        waiting.cancel()
    await asyncio.gather(news, gone, return_exceptions=True)


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _news(carrier: PollCarrier) -> bool:
    return any(not frame.startswith(b'{"type":"synced"') for frame in carrier.frames)


def _answer(carrier: PollCarrier, cursors: dict[int, int]) -> Response:
    after = dict(cursors)
    for frame in carrier.frames:
        head = msgspec.json.decode(frame, type=_Head)
        if head.type in ("event", "synced"):
            conversation_id = int(head.conversation_id)
            seq = head.seq
            if head.kind == "hidden":
                seq = int(msgspec.json.decode(head.data)["to_seq"])
            after[conversation_id] = max(seq, after.get(conversation_id, 0))
        elif head.type == "error":
            data = msgspec.json.decode(frame)
            if data["code"] == "cursor_ahead":
                after[int(data["data"]["conversation_id"])] = int(data["data"]["seq"])
            elif data["code"] == "not_a_member":
                after.pop(int(data["data"]["conversation_id"]), None)  # asking for it again would answer at once again
    names = msgspec.json.encode({str(key): seq for key, seq in after.items()})
    return Response(b'{"frames":[%s],"cursors":%s}' % (b",".join(carrier.frames), names), media_type="application/json")
