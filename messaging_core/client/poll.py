"""The long poll as a link, for networks that let no WebSocket through: the same frames, over HTTP requests."""

from __future__ import annotations

import asyncio

from .errors import ApiError, ConnectionLost, NetworkError
from .frames import (
    AnyClientFrame,
    AnyServerFrame,
    ErrorFrame,
    Hello,
    Ping,
    Pong,
    Read,
    Send,
    Sync,
    Synced,
    Welcome,
    decode_frame,
)
from .http import HttpApi

_READ_AHEAD_FRAMES = 1000


class PollLink:
    """Polls in one task of its own; sends and reads are requests beside it.

    Typing and presence exist on the WebSocket only: their frames are dropped, as the network may drop them anyway.
    """

    __slots__ = ("_cursors", "_frames", "_http", "_lost", "_poller", "_wait_ms")

    def __init__(self, http: HttpApi, *, wait_ms: int = 25_000) -> None:
        self._http = http
        self._wait_ms = wait_ms
        self._cursors: dict[str, int] = {}
        self._frames: asyncio.Queue[AnyServerFrame | None] = asyncio.Queue(_READ_AHEAD_FRAMES)
        self._lost: Exception | None = None
        self._poller: asyncio.Task[None] | None = None

    async def open(self, hello: Hello) -> Welcome:
        """Fetch what a welcome tells, and begin to poll; raise ApiError when refused, ConnectionLost for all else."""
        try:
            account = await self._http.me()
            page = await self._http.conversations(limit=100)
        except NetworkError as error:
            raise ConnectionLost(0, f"cannot connect: {error}") from error
        self._cursors = {**{summary.id: summary.last_seq for summary in page.items}, **hello.cursors}
        self._poller = asyncio.create_task(self._poll(), name="kefu-client-poll")
        return Welcome(session_id="", account=account, conversations=page.items, more=page.next_cursor is not None)

    async def read(self) -> AnyServerFrame:
        """Return the next frame; raise ConnectionLost at the end."""
        frame = await self._frames.get()
        if frame is None:
            raise self._lost if self._lost is not None else ConnectionLost(0, "closed")
        return frame

    async def write(self, frame: AnyClientFrame) -> None:
        """Make the request that stands for a frame; its answer comes to `read`."""
        try:
            if isinstance(frame, Send):
                await self._send(frame)
            elif isinstance(frame, Read):
                await self._http.mark_read(frame.conversation_id, frame.msg_no)
            elif isinstance(frame, Sync):
                await self._catch_up(frame)
            elif isinstance(frame, Ping):
                await self._http.me()
                await self._frames.put(Pong(ref=frame.ref if isinstance(frame.ref, str) else None))
        except NetworkError as error:
            raise ConnectionLost(0, str(error)) from error
        except ApiError as error:
            await self._frames.put(_error_frame(frame, error))

    async def close(self) -> None:
        """End the polling. Safe to call at any time, and twice."""
        if self._poller is None:
            return
        self._poller.cancel()
        await asyncio.wait([self._poller])

    async def _poll(self) -> None:
        first = True
        try:
            while True:
                answer = await self._http.poll(self._cursors, wait_ms=0 if first else self._wait_ms)
                self._cursors = answer.cursors
                for raw in answer.frames:
                    await self._take(decode_frame(raw), first=first)
                first = False
        except NetworkError as error:
            self._lost = ConnectionLost(0, str(error))
        except ApiError as error:
            self._lost = error
            if not error.final:
                self._lost = ConnectionLost(0, str(error), retry_after_ms=error.retry_after_ms or 0)
        except Exception as error:
            # Not an end that is to be expected: `read` raises it where the client sees it.
            self._lost = error
        await self._frames.put(None)

    async def _take(self, frame: AnyServerFrame, *, first: bool) -> None:
        if isinstance(frame, Synced) and not first:
            return  # every answer says it for every cursor; once is enough
        if isinstance(frame, ErrorFrame) and frame.code == "not_a_member":
            # Asked again with this cursor, the server would answer the same again, and at once.
            self._cursors.pop(str(frame.data.get("conversation_id")), None)
        await self._frames.put(frame)

    async def _send(self, frame: Send) -> None:
        version = frame.assignment_version
        ack = await self._http.send(
            frame.conversation_id,
            client_msg_id=frame.client_msg_id,
            kind=frame.kind,
            v=frame.v,
            body=frame.body,
            assignment_version=version if isinstance(version, int) else None,
        )
        await self._frames.put(ack)

    async def _catch_up(self, frame: Sync) -> None:
        seq = frame.after_seq
        while True:
            page = await self._http.events(frame.conversation_id, after_seq=seq)
            for event in page.items:
                await self._frames.put(event)
                seq = event.end_seq
            if seq >= page.last_seq or not page.items:
                break
        ref = frame.ref if isinstance(frame.ref, str) else None
        await self._frames.put(Synced(conversation_id=frame.conversation_id, seq=page.last_seq, ref=ref))


def _error_frame(frame: AnyClientFrame, error: ApiError) -> ErrorFrame:
    data = dict(error.data)
    ref = None if isinstance(frame, Hello) or not isinstance(frame.ref, str) else frame.ref
    if isinstance(frame, Send):
        data |= {"conversation_id": frame.conversation_id, "client_msg_id": frame.client_msg_id}
    elif isinstance(frame, Read | Sync):
        data |= {"conversation_id": frame.conversation_id}
    return ErrorFrame(code=error.code, status=error.status, detail=error.detail, ref=ref, data=data)
