"""What moves a link's bytes: the transport itself, ASGI, or a long poll that waits for an answer."""

from __future__ import annotations

import asyncio

import structlog
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect

from messaging_core.delivery.link import Block
from messaging_core.transport.fast_protocol import DirectWebSocketProtocol

log = structlog.get_logger("kefu.websocket")


class DirectCarrier:
    """Writes framed bytes to the transport of our own WebSocket protocol."""

    __slots__ = ("protocol",)

    def __init__(self, protocol: DirectWebSocketProtocol) -> None:
        self.protocol = protocol

    def write(self, block: Block) -> int:
        """See Carrier.write."""
        return self.protocol.write_framed(block.framed)

    async def drained(self) -> None:
        """See Carrier.drained."""
        await self.protocol.drained()

    def close(self, code: int) -> None:
        """Send the close frame and end the connection; what a slow reader has not taken is dropped."""
        protocol = self.protocol
        if protocol.transport.is_closing() or protocol.close_sent:
            return
        protocol.conn.send_close(code)
        protocol.transport.write(b"".join(protocol.conn.data_to_send()))
        protocol.close_sent = True
        # The other side's close frame ends it sooner.
        protocol.close_timer = protocol.loop.call_later(1.0, protocol.transport.abort)


class AsgiCarrier:
    """Sends through ASGI, for servers that do not offer the short cut; a task keeps the order."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._queue: asyncio.Queue[Block | int] = asyncio.Queue()
        self._waiting = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._task = asyncio.get_running_loop().create_task(self._send_forever(), name="asgi-carrier")

    def write(self, block: Block) -> int:
        """See Carrier.write."""
        if self._task.done():
            return 0
        self._waiting += sum(len(frame) for frame in block.frames)
        self._idle.clear()
        self._queue.put_nowait(block)
        return self._waiting

    async def drained(self) -> None:
        """See Carrier.drained."""
        await self._idle.wait()

    def close(self, code: int) -> None:
        """See Carrier.close."""
        self._queue.put_nowait(code)

    async def _send_forever(self) -> None:
        try:
            while True:
                item = await self._queue.get()
                if isinstance(item, int):
                    await self._websocket.close(item)
                    return
                for frame in item.frames:
                    await self._websocket.send_text(frame.decode())
                    self._waiting -= len(frame)
                if self._waiting <= 0:
                    self._idle.set()
        except (WebSocketDisconnect, RuntimeError) as error:
            log.debug("asgi_carrier.gone", error=repr(error))
        finally:
            self._idle.set()


class PollCarrier:
    """Collects frames until the long poll answers."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self._bytes = 0
        self.arrived = asyncio.Event()

    def write(self, block: Block) -> int:
        """See Carrier.write."""
        self.frames.extend(block.frames)
        self._bytes += sum(len(frame) for frame in block.frames)
        self.arrived.set()
        return self._bytes

    async def drained(self) -> None:
        """See Carrier.drained: the answer holds everything, nothing to wait for."""

    def close(self, code: int) -> None:
        """Have the poll answer at once."""
        self.arrived.set()
