"""What a connected client's frames do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ClassVar

import msgspec

from kefu.base.clock import format_time
from messaging_core.conversations import store as conversations
from messaging_core.conversations.reading import check_member
from messaging_core.core import Core
from messaging_core.delivery.catch_up import error_frame
from messaging_core.delivery.link import Link
from messaging_core.errors import CoreError, forbidden, invalid
from messaging_core.messages.kinds import read_body
from messaging_core.messages.model import Outcome, SendRequest, Sent, Waiting, make_quote
from messaging_core.transport import frames
from messaging_core.transport.carriers import DirectCarrier
from messaging_core.transport.limits import Bucket


class Session:
    """The frames of one link, one at a time, in the order they come."""

    def __init__(self, core: Core, link: Link) -> None:
        self._core = core
        self._link = link
        limits = core.settings.limits
        self._limits = limits
        self._bucket = Bucket(rate=limits.frames_per_s, burst=limits.frames_burst)
        self._in_flight = 0
        self._paused = False
        self._room: asyncio.Future[None] | None = None
        self._closed = False

    def close(self) -> None:
        """Stop taking frames."""
        self._closed = True

    def on_frame(self, data: bytes) -> None:
        """Digest one frame; whatever is wrong with it is told, and the connection lives on."""
        if self._closed or self._link.closed:
            return
        self._core.metrics.frames.inc()
        frame: frames.ClientFrame | None = None
        try:
            if len(data) > self._limits.frame_bytes:
                raise CoreError("too_large", limit=self._limits.frame_bytes)
            try:
                frame = frames.decode(data)
            finally:
                self._bucket.take()  # what cannot be read counts as well
            self._HANDLERS[type(frame)](self, frame)
        except Exception as error:
            if isinstance(error, CoreError) and isinstance(frame, frames.Send):
                error.data.setdefault("conversation_id", frame.conversation_id)
                error.data.setdefault("client_msg_id", frame.client_msg_id)
            self._tell(error, ref=frame.ref if frame is not None else None)

    def _send(self, frame: frames.Send) -> None:
        request = SendRequest(
            actor=self._link.actor,
            conversation_id=frames.parse_id(frame.conversation_id),
            client_msg_id=frame.client_msg_id,
            kind=frame.kind,
            v=frame.v,
            body=read_body(frame.kind, frame.v, frame.body, self._limits),
            settle=self._settled,
            assignment_version=frame.assignment_version,
            ref=frame.ref,
            quote=make_quote(
                frame.reply_to, [frames.parse_id(text) for text in frame.mentions], mention_all=frame.mention_all
            ),
        )
        self._core.submit(request)
        self._started()

    def _settled(self, request: SendRequest, outcome: Outcome) -> None:
        self._ended()
        if self._link.closed:
            return
        if isinstance(outcome, Sent):
            self._link.push_frames([_ack(request, outcome)])
            return
        if isinstance(outcome, Waiting):
            self._link.push_frames([_waits(request, outcome)])
            return
        refusal = CoreError(outcome.code, **outcome.data)
        refusal.data.setdefault("conversation_id", str(request.conversation_id))
        refusal.data.setdefault("client_msg_id", request.client_msg_id)
        self._tell(refusal, ref=request.ref)

    def _started(self) -> None:
        """Count what is under way; with too much of it the client is not read from until some has ended."""
        self._in_flight += 1
        if self._in_flight >= self._limits.sends_in_flight and not self._paused:
            self._pause(True)

    def _ended(self) -> None:
        self._in_flight -= 1
        if self._paused and self._in_flight <= self._limits.sends_in_flight // 2:
            self._pause(False)

    async def has_room(self) -> None:
        """Wait until the next frame may be taken; for carriers whose reading cannot be paused."""
        if self._paused and not self._closed:
            self._room = asyncio.get_running_loop().create_future()
            await self._room

    def _pause(self, on: bool) -> None:
        self._paused = on
        carrier = self._link.carrier
        if isinstance(carrier, DirectCarrier):
            if on:
                carrier.protocol.pause()
            else:
                carrier.protocol.resume()
        if not on:
            room, self._room = self._room, None
            if room is not None and not room.done():
                room.set_result(None)

    def _read(self, frame: frames.Read) -> None:
        conversation_id = frames.parse_id(frame.conversation_id)
        if conversation_id in self._link.conversations:
            self._mark_read(frame)
        else:
            self._spawn(self._read_checked(frame), frame.ref, name="read")

    async def _read_checked(self, frame: frames.Read) -> None:
        await self._check_member(frames.parse_id(frame.conversation_id))
        self._mark_read(frame)

    def _mark_read(self, frame: frames.Read) -> None:
        def refused(refusal: CoreError) -> None:
            if not self._link.closed:
                data = {**refusal.data, "conversation_id": frame.conversation_id}
                self._tell(CoreError(refusal.code, **data), ref=frame.ref)

        conversation_id, account_id = frames.parse_id(frame.conversation_id), self._link.actor.account_id
        self._core.mark_read(conversation_id, account_id, frame.msg_no, refused=refused)

    def _typing(self, frame: frames.Typing) -> None:
        conversation_id = frames.parse_id(frame.conversation_id)
        if conversation_id in self._link.conversations:
            self._core.hub.push_typing(conversation_id, self._link.actor.account_id, on=frame.on, but=self._link)
        else:  # a member's is let go: told later, it could come after the end of the typing
            self._spawn(self._check_member(conversation_id), frame.ref, name="typing")

    async def _check_member(self, conversation_id: int) -> None:
        """Refuse a conversation this account is not in.

        A link is in the feeds of its conversations, but of a new one only a moment after it was made: until then
        the storage is asked.
        """
        await self._core.read(lambda connection: check_member(connection, self._link.actor, conversation_id))

    def _watch(self, frame: frames.Watch) -> None:
        account_ids = list(dict.fromkeys(frames.parse_id(text) for text in frame.account_ids))
        limit = self._limits.watched_accounts
        if len(account_ids) > limit:
            raise invalid("too_long", "account_ids", limit=limit)
        self._spawn(self._watch_checked(account_ids), frame.ref, name="watch")

    async def _watch_checked(self, account_ids: list[int]) -> None:
        core, own = self._core, self._link.actor.account_id
        if account_ids:
            allowed = await core.read(
                lambda connection: conversations.share_conversation(
                    connection, own, account_ids, kinds=("direct", "service")
                )
            )
            refused = [account_id for account_id in account_ids if account_id not in allowed]
            if refused:
                raise forbidden("not_watchable", account_id=str(refused[0]))
        if not self._link.closed:
            core.presence.watch(self._link, account_ids)

    def _sync(self, frame: frames.Sync) -> None:
        conversation_id = frames.parse_id(frame.conversation_id)
        work = self._core.catch_up.sync(self._link, conversation_id, frame.after_seq, ref=frame.ref)
        self._spawn(work, frame.ref, name="sync")

    def _ping(self, frame: frames.Ping) -> None:
        ref = f'"ref":{_quote(frame.ref)},' if frame.ref is not None else ""
        self._link.push_frames([f'{{"type":"pong",{ref}"at":"{format_time(self._core.clock.now_us())}"}}'.encode()])

    def _hello(self, _frame: frames.Hello) -> None:
        raise CoreError("invalid_frame", reason="hello_once")

    _HANDLERS: ClassVar[Mapping[type[Any], Callable[[Session, Any], None]]] = {
        frames.Send: _send,
        frames.Read: _read,
        frames.Typing: _typing,
        frames.Watch: _watch,
        frames.Sync: _sync,
        frames.Ping: _ping,
        frames.Hello: _hello,
    }

    def _spawn(self, work: Coroutine[Any, Any, None], ref: str | None, *, name: str) -> None:
        self._started()
        self._core.spawn(self._guard(work, ref), name=name)

    async def _guard(self, work: Coroutine[Any, Any, None], ref: str | None) -> None:
        try:
            await work
        except Exception as error:
            self._tell(error, ref=ref)
        finally:
            self._ended()

    def _tell(self, error: BaseException, *, ref: str | None) -> None:
        refusal = self._core.refusal(error, doing="frame")
        data = dict(refusal.data)
        own = data.pop("ref", None)
        self._core.metrics.errors.labels(refusal.code).inc()
        frame = error_frame(
            refusal.code,
            refusal.status,
            refusal.detail(self._link.lang),
            data,
            ref=ref if ref is not None else (own if isinstance(own, str) else None),
        )
        self._link.push_frames([frame])


def _ack(request: SendRequest, sent: Sent) -> bytes:
    ref = f'"ref":{_quote(request.ref)},' if request.ref is not None else ""
    return (
        f'{{"type":"ack",{ref}"status":"sent","conversation_id":"{request.conversation_id}",'
        f'"client_msg_id":"{request.client_msg_id}","message_id":"{sent.message_id}","seq":{sent.seq},'
        f'"msg_no":{sent.msg_no},"at":"{format_time(sent.at_us)}","duplicate":{"true" if sent.duplicate else "false"}}}'
    ).encode()


def _waits(request: SendRequest, waiting: Waiting) -> bytes:
    ref = f'"ref":{_quote(request.ref)},' if request.ref is not None else ""
    return (
        f'{{"type":"ack",{ref}'.encode()
        + msgspec.json.encode(waiting.said(request.conversation_id, request.client_msg_id))[1:]
    )


def _quote(ref: str) -> str:
    return msgspec.json.encode(ref).decode()
