"""The dialect of the bare relay (`relay.py`)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from eval.load.websocket import WebSocketClient
from eval.load.world import World, mark

_ACK = b'"ack":'


class RelayClient(WebSocketClient):
    """One user of the relay."""

    async def join(self, room: str) -> None:
        """Enter the relay's only group (it knows no others)."""
        joined = self.expect(rb'"joined"')
        self.write_text(b'{"t":"join","room":"g"}')
        await joined

    def feed(self, data: bytes) -> None:
        if self.pending and _ACK in data:
            self.settle(data.count(_ACK))
        self.scan(data)
        self.answer_ping(data)

    def send_direct(self, peer: int, mark_id: int) -> asyncio.Future[None]:
        """Send to `peer`; done at the relay's acknowledgement."""
        answered = self.promise()
        self.write_text(
            f'{{"t":"dm","to":{peer},"cid":"c{self.world.run}-{mark_id}","body":"{mark(mark_id)}"}}'.encode()
        )
        return answered

    def send_group(self, mark_id: int) -> asyncio.Future[None]:
        """Send to the group; done at the relay's acknowledgement."""
        answered = self.promise()
        self.write_text(
            f'{{"t":"grp","room":"g","cid":"g{self.world.run}-{mark_id}","body":"{mark(mark_id)}"}}'.encode()
        )
        return answered


@dataclass(frozen=True, kw_only=True)
class RelayWire:
    """Connects users to the relay."""

    port: int
    host: str = "127.0.0.1"

    async def open(self, world: World, index: int) -> RelayClient:
        """Connect user `index`."""
        _, client = await world.loop.create_connection(lambda: RelayClient(world, index), self.host, self.port)
        await client.shake_hands(f"/ws?u={index}")
        return client
