"""XMPP as ejabberd speaks it: stream management for acknowledgements, MUC for groups, MAM for history."""

from __future__ import annotations

import asyncio
import base64
import re
from collections import deque
from dataclasses import dataclass

from eval.load.world import RawClient, World, mark

DOMAIN = "localhost"
_ANSWERED = re.compile(rb"<a [^>]*h=['\"](\d+)['\"]")
_FIRST = re.compile(rb"<first[^>]*>([^<]+)</first>")
_SM = "urn:xmpp:sm:3"
_HEADER = (
    f"<?xml version='1.0'?><stream:stream to='{DOMAIN}' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
).encode()


class XmppClient(RawClient):
    """One user of ejabberd. A direct send is accepted when stream management counts it, a group send by its echo."""

    def __init__(self, world: World, index: int) -> None:
        super().__init__(world, index)
        self.room = ""
        self._managed = False
        self._received = 0
        self._sent = 0
        self._counted: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def _say(self, stanza: str | bytes, answer: bytes) -> re.Match[bytes]:
        found = self.expect(answer)
        self.transport.write(stanza if isinstance(stanza, bytes) else stanza.encode())
        return await found

    async def register(self) -> None:
        """Make the account; an account that exists already is fine."""
        await self._say(_HEADER, rb"</stream:features>")
        await self._say(
            "<iq type='set' id='r1'><query xmlns='jabber:iq:register'>"
            f"<username>u{self.index}</username><password>pw</password></query></iq>",
            rb"</iq>|id='r1'[^>]*/>|type='error'",
        )

    async def sign_in(self) -> None:
        """Authenticate, bind, turn stream management on and become available."""
        await self._say(_HEADER, rb"</stream:features>")
        secret = base64.b64encode(f"\0u{self.index}\0pw".encode()).decode()
        verdict = await self._say(
            f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>",
            rb"<success[^>]*>|<failure.*?</failure>",
        )
        if b"failure" in verdict[0]:
            raise ConnectionError(f"ejabberd refused user {self.index}: {verdict[0]!r}")
        await self._say(_HEADER, rb"</stream:features>")
        bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind>"
        await self._say(f"<iq type='set' id='b1'>{bind}</iq>", rb"</iq>")

    async def manage_stream(self) -> None:
        """Turn stream management on: the acknowledgements of direct sends."""
        await self._say(f"<enable xmlns='{_SM}'/>", rb"<enabled[^>]*>")
        self._managed = True

    def become_available(self) -> None:
        """Send the first presence, which makes the server deliver."""
        self.transport.write(b"<presence/>")
        self._sent += 1

    async def join(self, room: str) -> None:
        """Enter the room; the first to come makes it."""
        self.room = room
        history = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>"
        verdict = await self._say(
            f"<presence to='{room}@conference.{DOMAIN}/u{self.index}'>{history}</presence>",
            rb"code=['\"]110['\"]|type=['\"]error['\"]",
        )
        if b"error" in verdict[0]:
            raise ConnectionError(f"ejabberd did not let user {self.index} into {room}")

    def feed(self, data: bytes) -> None:
        if self._managed:
            self._received += data.count(b"</message>") + data.count(b"<presence") + data.count(b"</iq>")
            if b"<r xmlns" in data or b"<r/>" in data:
                self.transport.write(f"<a xmlns='{_SM}' h='{self._received}'/>".encode())
            if self._counted:
                self._count(data)
        self.scan(data)

    def _count(self, data: bytes) -> None:
        for match in _ANSWERED.finditer(data):
            while self._counted and self._counted[0][0] <= int(match[1]):
                future = self._counted.popleft()[1]
                if not future.done():
                    future.set_result(None)

    def send_direct(self, peer: int, mark_id: int) -> asyncio.Future[None]:
        """Send to user `peer` and ask for the count."""
        self._sent += 1
        future: asyncio.Future[None] = self.world.loop.create_future()
        self._counted.append((self._sent, future))
        self.transport.write(
            f"<message to='u{peer}@{DOMAIN}' type='chat' id='m{self.world.run}-{mark_id}'>"
            f"<body>{mark(mark_id)}</body></message><r xmlns='{_SM}'/>".encode()
        )
        return future

    def send_group(self, mark_id: int) -> asyncio.Future[None]:
        """Send to the joined room; done when the room echoes it."""
        future: asyncio.Future[None] = self.world.loop.create_future()
        self.world.echoes[mark_id] = future
        self.transport.write(
            f"<message to='{self.room}@conference.{DOMAIN}' type='groupchat' id='g{self.world.run}-{mark_id}'>"
            f"<body>{mark(mark_id)}</body></message>".encode()
        )
        return future

    async def page(self, before: str | None) -> str | None:
        """Fetch 50 messages of the joined room's archive."""
        edge = f"<before>{before}</before>" if before else "<before/>"
        limits = f"<set xmlns='http://jabber.org/protocol/rsm'><max>50</max>{edge}</set>"
        answer = await self._say(
            f"<iq type='set' to='{self.room}@conference.{DOMAIN}' id='h1'>"
            f"<query xmlns='urn:xmpp:mam:2'>{limits}</query></iq>",
            rb"<fin.*?</iq>",
        )
        first = _FIRST.search(answer[0])
        return first[1].decode() if first else None


@dataclass(frozen=True, kw_only=True)
class XmppWire:
    """Connects users to ejabberd; `managed` asks for acknowledgements of direct sends."""

    port: int
    host: str = "127.0.0.1"
    managed: bool = True

    async def _connect(self, world: World, index: int) -> XmppClient:
        _, client = await world.loop.create_connection(lambda: XmppClient(world, index), self.host, self.port)
        return client

    async def open(self, world: World, index: int) -> XmppClient:
        """Connect and sign in user `index`."""
        client = await self._connect(world, index)
        await client.sign_in()
        if self.managed:
            await client.manage_stream()
        client.become_available()
        return client

    async def register(self, world: World, index: int) -> None:
        """Make the account of user `index`."""
        client = await self._connect(world, index)
        await client.register()
        client.close()

    async def open_pager(self, world: World, room: str) -> XmppClient:
        """Connect user 0 as a reader of `room`."""
        client = await self.open(world, 0)
        await client.join(room)
        return client
