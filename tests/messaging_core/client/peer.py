"""A scripted server of protocol 1 on a real socket: the test says what it answers, connection by connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve

ME = {"id": "10", "kind": "personal", "name": "林小姐", "enterprise_id": None}
AT = "2026-11-22T08:00:00.000000Z"


class Talk:
    """The server's end of one connection."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket

    async def hear(self, type_: str | None = None) -> dict[str, Any]:
        """Return the client's next frame, which must be of this type."""
        frame: dict[str, Any] = json.loads(await self.socket.recv())
        assert type_ is None or frame["type"] == type_, frame
        return frame

    async def say(self, type_: str, **fields: Any) -> None:
        """Send a frame."""
        await self.socket.send(json.dumps({"type": type_, **fields}, ensure_ascii=False))

    async def welcome(self, *conversations: dict[str, Any], more: bool = False) -> dict[str, Any]:
        """Hear the hello, answer it, and return it."""
        hello = await self.hear("hello")
        await self.say(
            "welcome",
            protocol=1,
            session_id="900",
            account=ME,
            at=AT,
            features=[],
            limits={"frame_bytes": 65536, "text_chars": 5000, "welcome_conversations": 100},
            conversations=list(conversations),
            more=more,
        )
        return hello

    async def acknowledge(self, send: dict[str, Any], *, seq: int, duplicate: bool = False) -> None:
        """Acknowledge a send."""
        same = {key: send[key] for key in ("ref", "conversation_id", "client_msg_id")}
        await self.say("ack", **same, status="sent", message_id="801", seq=seq, msg_no=seq, at=AT, duplicate=duplicate)

    async def tell(self, conversation_id: str, seq: int, *, sender_id: str = "11") -> None:
        """Tell of a message with this `seq` and the same `msg_no`."""
        await self.say("event", **event(conversation_id, seq, sender_id=sender_id))

    async def hang(self) -> None:
        """Say nothing more until the client goes."""
        await self.socket.wait_closed()

    async def die(self) -> None:
        """Break the connection off without a word, as a killed process does."""
        self.socket.transport.abort()
        await self.socket.wait_closed()


Script = Callable[[Talk], Awaitable[None]]


class Peer:
    """Plays one script per connection, in the order given; after the last script every connection hangs.

    Leaving the context raises what failed in a script.
    """

    def __init__(self, *scripts: Script, port: int = 0) -> None:
        self._scripts = list(scripts)
        self._errors: list[BaseException] = []
        self._port = port
        self._stack = AsyncExitStack()
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        server: Server = await self._stack.enter_async_context(
            serve(self._serve, "127.0.0.1", self._port, compression=None, ping_interval=None)
        )
        self._port = next(iter(server.sockets)).getsockname()[1]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._stack.aclose()
        if self._errors:
            raise self._errors[0]

    async def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        assert socket.request.path == "/v1/ws"
        self.connections += 1
        try:
            if self._scripts:
                await self._scripts.pop(0)(Talk(socket))
            else:
                await socket.wait_closed()
        except Exception as error:
            self._errors.append(error)


def summary(conversation_id: str, *, last_seq: int, read: int | None = None, kind: str = "group") -> dict[str, Any]:
    """Return a conversation in which every event was a message."""
    return {
        "id": conversation_id,
        "kind": kind,
        "title": "茶友群",
        "enterprise_id": None,
        "created_at": AT,
        "role": "member",
        "joined_seq": 1,
        "last_seq": last_seq,
        "last_msg_no": last_seq,
        "read_msg_no": last_seq if read is None else read,
        "unread": 0 if read is None else last_seq - read,
        "member_count": 2,
        "peer": None,
        "last_message": None,
        "session": None,
    }


def event(conversation_id: str, seq: int, *, sender_id: str = "11") -> dict[str, Any]:
    """Return a message's event without its type."""
    message = {
        "id": f"8{seq:04}",
        "client_msg_id": f"c-{seq}",
        "sender_id": sender_id,
        "origin": "person",
        "kind": "text",
        "v": 1,
        "body": {"text": f"第 {seq} 条"},
        "seq": seq,
        "msg_no": seq,
        "at": AT,
    }
    head = {"conversation_id": conversation_id, "seq": seq, "kind": "message.sent", "v": 1, "at": AT}
    return {**head, "actor_id": sender_id, "message": message}


async def until(condition: Callable[[], object], *, timeout_s: float = 5.0) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.005)
