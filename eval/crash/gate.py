"""A client's own way to the servers: it is read along, cut at will, and finds another node when one is down."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from enum import Enum

from eval.crash.tap import Record, Tap

_CHUNK = 65_536


class Side(Enum):
    """Where bytes come from."""

    CLIENT = "client"
    SERVER = "server"


class _Connection:
    """One connection through the gate."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter, tap: Tap) -> None:
        self.writers = {Side.CLIENT: client, Side.SERVER: server}
        self.tap = tap
        self.fuse: tuple[Side, int] | None = None
        """The connection breaks off after so many more bytes from that side."""

    def abort(self) -> None:
        """Break off both ways, as a cable does."""
        for writer in self.writers.values():
            writer.transport.abort()

    def close(self) -> None:
        """Hand on what is under way, then close."""
        for writer in self.writers.values():
            if not writer.is_closing():
                writer.close()


class Gate:
    """Listens on a loopback port for one client and connects each of its connections to a server that takes it.

    Args:
        ports: the servers' ports; tried in random order, as a load balancer would.
    """

    def __init__(self, record: Record, *, ports: Sequence[int], rng: random.Random) -> None:
        self.record = record
        self._ports = ports
        self._random = rng
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self.port = 0
        self.cuts = 0

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no more and break off what is open."""
        if self._server is not None:
            self._server.close()
            for connection in tuple(self._connections):
                connection.abort()
            await self._server.wait_closed()

    def cut(self, side: Side, *, after_bytes: int) -> None:
        """Break off the WebSockets that are open, in the middle of a frame if it so happens."""
        for connection in tuple(self._connections):
            if connection.tap.is_websocket:
                self.cuts += 1
                connection.fuse = (side, after_bytes)
                if after_bytes <= 0:
                    connection.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found = await self._connect()
        if found is None:
            writer.transport.abort()
            return
        server_reader, server_writer = found
        connection = _Connection(writer, server_writer, Tap(self.record))
        self._connections.add(connection)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(connection, Side.CLIENT, reader, server_writer, connection.tap.from_client))
                group.create_task(_pump(connection, Side.SERVER, server_reader, writer, connection.tap.from_server))
        finally:
            connection.abort()
            self._connections.discard(connection)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for port in self._random.sample(list(self._ports), len(self._ports)):
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue
        return None


async def _pump(
    connection: _Connection,
    side: Side,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    listen: Callable[[bytes], None],
) -> None:
    try:
        while (data := await reader.read(_CHUNK)) and not writer.is_closing():
            listen(data)
            if connection.fuse is not None and connection.fuse[0] is side:
                left = connection.fuse[1] - len(data)
                connection.fuse = (side, left)
                if left <= 0:
                    writer.write(data[:left] if left else data)
                    await writer.drain()
                    connection.abort()
                    return
            writer.write(data)
            await writer.drain()
    except OSError:
        connection.abort()  # the other side was killed, or we have cut it
        return
    connection.close()
