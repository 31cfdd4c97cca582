"""The WebSocket as a link: text frames, one JSON object each."""

from __future__ import annotations

import asyncio

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidProxy

from .errors import ConnectionLost, ProtocolError
from .frames import AnyClientFrame, AnyServerFrame, Closing, ErrorFrame, Hello, Welcome, decode_frame, encode_frame
from .link import FATAL_CLOSE_CODES

_MAX_FRAME_BYTES = 8 * 1024 * 1024  # a welcome of 100 conversations, each with a long last message, in UTF-8


class WebSocketLink:
    """One WebSocket. Bounded: at most 16 frames are read ahead, then the server has to wait."""

    __slots__ = ("_closing", "_hello_timeout_s", "_ping_s", "_socket", "_url")

    def __init__(self, url: str, *, hello_timeout_s: float = 10.0, ping_s: float | None = 20.0) -> None:
        self._url = url
        self._hello_timeout_s = hello_timeout_s
        self._ping_s = ping_s
        self._socket: ClientConnection | None = None
        self._closing: Closing | None = None

    async def open(self, hello: Hello) -> Welcome:
        """Connect and say hello; raise ApiError when the server refuses it, ConnectionLost for all else."""
        try:
            async with asyncio.timeout(self._hello_timeout_s):
                self._socket = await connect(
                    self._url,
                    compression=None,
                    max_size=_MAX_FRAME_BYTES,
                    max_queue=16,
                    ping_interval=self._ping_s,
                    ping_timeout=self._ping_s,
                    open_timeout=None,
                    close_timeout=1.0,
                )
                await self.write(hello)
                frame = await self.read()
        except TimeoutError as error:
            raise ConnectionLost(0, f"no welcome within {self._hello_timeout_s} s") from error
        except (OSError, InvalidHandshake, InvalidMessage, InvalidProxy, ConnectionClosed) as error:
            # ConnectionClosed: under uvloop the end of a connection may be heard before the handshake begins.
            raise ConnectionLost(0, f"cannot connect: {error}") from error
        if isinstance(frame, ErrorFrame):
            raise frame.to_error()
        if not isinstance(frame, Welcome):
            raise ProtocolError(f"a {type(frame).__name__} came instead of a welcome")
        return frame

    async def read(self) -> AnyServerFrame:
        """Return the next frame; raise ConnectionLost at the end."""
        assert self._socket is not None, "open first"
        try:
            frame = decode_frame(await self._socket.recv(decode=False))
        except ConnectionClosed as error:
            raise self._lost(error) from error
        if type(frame) is Closing:
            self._closing = frame
        return frame

    async def write(self, frame: AnyClientFrame) -> None:
        """Send a frame, waiting while the other side is slow; raise ConnectionLost when it is gone."""
        assert self._socket is not None, "open first"
        try:
            await self._socket.send(encode_frame(frame), text=True)
        except ConnectionClosed as error:
            raise self._lost(error) from error

    async def close(self) -> None:
        """End the connection. Safe to call at any time, and twice."""
        if self._socket is not None:
            await self._socket.close()

    def _lost(self, error: ConnectionClosed) -> ConnectionLost:
        code = error.rcvd.code if error.rcvd is not None else 1006
        closing = self._closing
        if closing is not None:
            return ConnectionLost(
                code,
                closing.detail or closing.code,
                resume=closing.resume and code not in FATAL_CLOSE_CODES,
                retry_after_ms=closing.retry_after_ms,
            )
        reason = error.rcvd.reason if error.rcvd is not None and error.rcvd.reason else "the connection broke off"
        return ConnectionLost(code, reason, resume=code not in FATAL_CLOSE_CODES)
