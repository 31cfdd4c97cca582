"""Our protocol 1 (messaging_core/protocol.md), spoken raw: hello with a token, send, ack, event."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import msgspec

from eval.load.http_client import HttpClient
from eval.load.websocket import WebSocketClient
from eval.load.world import World, mark

# A quotation mark inside a text is escaped on the wire, so these words can only be frame types.
_ANSWER = re.compile(rb'"(?:ack|error)"')
_ANSWER_TAIL = len(b'"error"') - 1
_SEQ = re.compile(rb'"seq": ?(\d+)')
_PAGE = 50


class People(msgspec.Struct):
    """Who and what was seeded: all that clients need to sign in and to send.

    `direct` holds the conversation of users 2i and 2i + 1 at i; `rooms` the group's id by its name.
    """

    tokens: list[str]
    account_ids: list[str]
    direct: list[str]
    rooms: dict[str, str]


class KefuClient(WebSocketClient):
    """One user of our server."""

    def __init__(self, world: World, index: int, people: People, *, refusals: bool) -> None:
        super().__init__(world, index)
        self._people = people
        self._refusals = refusals
        self._answer_tail = b""
        self.room = ""

    async def say_hello(self) -> None:
        """Sign in; raise ConnectionError when the server does not welcome."""
        token = self._people.tokens[self.index % len(self._people.tokens)]
        verdict = self.expect(rb'"type": ?"(welcome|error)".*')
        self.write_text(b'{"type":"hello","protocol":1,"token":"%s","client":"load","cursors":{}}' % token.encode())
        found = await verdict
        if found[1] != b"welcome":
            raise ConnectionError(f"user {self.index} is not welcome: {found[0][:300]!r}")

    async def join(self, room: str) -> None:
        """Choose the group to send to; membership was seeded."""
        self.room = self._people.rooms[room]

    def feed(self, data: bytes) -> None:
        if self.pending:
            self._count_answers(data)
        self.scan(data)
        self.answer_ping(data)

    def _count_answers(self, data: bytes) -> None:
        stream = self._answer_tail + data
        count = end = 0
        for match in _ANSWER.finditer(stream):
            count += 1
            end = match.end()
            if match[0] == b'"error"':
                self.world.refused += 1
                if not self._refusals:
                    self.fail_pending(RuntimeError(f"refused: {stream[match.start() : end + 300]!r}"))
        self.settle(count)
        self._answer_tail = stream[max(end, len(stream) - _ANSWER_TAIL) :] if self.pending else b""

    def send_to(self, conversation_id: str, mark_id: int) -> asyncio.Future[None]:
        """Send to a conversation; done at the acknowledgement, which the server writes after the commit."""
        answered = self.promise()
        self.write_text(
            f'{{"type":"send","ref":"{mark_id}","conversation_id":"{conversation_id}",'
            f'"client_msg_id":"{self.world.run}-{mark_id}","kind":"text","v":1,'
            f'"body":{{"text":"{mark(mark_id)}"}}}}'.encode()
        )
        return answered

    def send_direct(self, peer: int, mark_id: int) -> asyncio.Future[None]:
        """Send to the direct conversation with `peer`, who must be the other of the pair."""
        return self.send_to(self._people.direct[peer // 2], mark_id)

    def send_group(self, mark_id: int) -> asyncio.Future[None]:
        """Send to the group that was joined."""
        return self.send_to(self.room, mark_id)


class KefuPager:
    """Reads a conversation's messages over HTTP on one kept connection."""

    def __init__(self, http: HttpClient, conversation_id: str, token: str) -> None:
        self._http = http
        self._path = f"/v1/conversations/{conversation_id}/messages?limit={_PAGE}"
        self._token = token

    async def page(self, before: str | None) -> str | None:
        """Fetch 50 messages with a `seq` less than `before`."""
        path = f"{self._path}&before_seq={before}" if before else self._path
        seqs = _SEQ.findall(await self._http.fetch("GET", path, token=self._token))
        return seqs[-1].decode() if len(seqs) >= _PAGE else None

    def close(self) -> None:
        """Drop the connection at once."""
        self._http.close()


@dataclass(frozen=True, kw_only=True)
class KefuWire:
    """Connects seeded users to our server; with `refusals` a refused send is an answer, not a failure."""

    port: int
    people: People
    host: str = "127.0.0.1"
    refusals: bool = False

    async def open(self, world: World, index: int) -> KefuClient:
        """Connect and sign in user `index`; beyond the seeded users each gets one more connection."""
        _, client = await world.loop.create_connection(
            lambda: KefuClient(world, index, self.people, refusals=self.refusals), self.host, self.port
        )
        await client.shake_hands("/v1/ws")
        await client.say_hello()
        return client

    async def open_pager(self, world: World, room: str) -> KefuPager:
        """Connect user 0 as a reader of `room`."""
        http = await HttpClient.open(self.port, self.host)
        return KefuPager(http, self.people.rooms[room], self.people.tokens[0])
