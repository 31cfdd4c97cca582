"""uvicorn's WebSocket protocol with two short cuts: frames in past the ASGI queue, framed bytes out to the transport.

The ASGI application shakes hands and says welcome; then the session adopts the connection and the application ends, so
an idle connection costs neither a task nor a queue. The application finds the short cut in `scope["extensions"]`; under
another server, or in a test client, the extension is absent and plain `receive` and `send` are used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import State
from websockets.server import ServerProtocol

from messaging_core.transport.splitter import FrameSplitter, read_text

log = structlog.get_logger("kefu.websocket")
EXTENSION = "kefu.direct"
# Above this a reader that is behind is waited for while it catches up (live traffic is cut off at a higher mark).
_DRAIN_BYTES = 262_144
# No client that reads lets this much pile up: more than a link may lag, and its welcome, together.
_UNREAD_BYTES = 4_194_304
_MAX_FRAGMENTS = 64
_ABORT_AFTER_S = 1.0


class DirectWebSocketProtocol(WebSocketsSansIOProtocol):
    """A connection that can be handed straight to a session."""

    _on_text: Callable[[bytes], None] | None = None
    _on_lost: Callable[[], None] | None = None
    _splitter: FrameSplitter | None = None
    _slow = False

    def data_received(self, data: bytes) -> None:
        """Take whole text frames the short way; all else goes through the library, one whole frame at a time."""
        if self._slow:
            super().data_received(data)
            return
        if self._splitter is None:
            self._shake_hands(data)
            return
        for frame in self._splitter.split(data):
            text = read_text(frame, limit=self.config.ws_max_size) if self._on_text is not None else None
            if text is None or self._in_fragments:
                super().data_received(frame)
            elif not self.close_sent:
                assert self._on_text is not None
                self._on_text(text)

    def _shake_hands(self, data: bytes) -> None:
        super().data_received(data)
        if self.handshake_initiated:
            # Only when nothing follows the request do we know that the library stands between two frames.
            if data.endswith(b"\r\n\r\n"):
                self._splitter = FrameSplitter(limit=self.config.ws_max_size)
            else:
                self._slow = True

    @property
    def _in_fragments(self) -> bool:
        return bool(self.frames)

    def handle_connect(self, event: Any) -> None:
        """Offer ourselves to the application."""
        # Keepalive pings and data share the transport, so what is written directly never splits a frame.
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"][EXTENSION] = {"protocol": self}

    def adopt(self, on_text: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        """Take the connection over from the ASGI application, which may end now: no task, no queue, no scope is kept.

        Args:
            on_text: gets every complete message at once, undecoded; what is waiting already comes first.
            on_lost: is called once, when the connection is gone.
        """
        self._on_text, self._on_lost = on_text, on_lost
        while not self.queue.empty():
            message = self.queue.get_nowait()
            if message["type"] == "websocket.receive":
                text = message.get("text")
                on_text(text.encode() if text is not None else message.get("bytes") or b"")
        if self.read_paused:
            self.read_paused = False
            self.resume()
        for name in ("request", "response", "scope"):
            self.__dict__.pop(name, None)
        self._forget_handshake()
        if self.disconnected:
            self._tell_lost()

    def _forget_handshake(self) -> None:
        """Let go of the request, which the library keeps in its parser, where it stands between two frames."""
        if self._splitter is not None and not self._in_fragments and self.conn.state is State.OPEN:
            self.conn.parser.close()
            self.conn = ServerProtocol(state=State.OPEN, max_size=self.config.ws_max_size, logger=self.conn.logger)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who adopted us; what goes round in a circle is opened, for full collections of garbage are rare."""
        super().connection_lost(exc)
        self.conn.parser.close()
        self._tell_lost()

    def _tell_lost(self) -> None:
        on_lost, self._on_lost, self._on_text = self._on_lost, None, None
        if on_lost is not None:
            on_lost()

    async def run_asgi(self) -> None:
        """Run the application; when it ends the connection ends, unless it was adopted."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            log.debug("websocket.gone")
        except BaseException as error:
            log.error("websocket.bug", error=repr(error), exc_info=error)
            self.send_500_response()
        else:
            if not self.handshake_complete:
                self.send_500_response()
        if self.close_timer is None and self._on_text is None:
            self.transport.close()

    def handle_text(self, event: Frame) -> None:
        """Pass a whole text message on; fragments take the slow way and meet it again in the end."""
        if self._on_text is not None and event.fin:
            self._on_text(bytes(event.data))
            return
        super().handle_text(event)

    def handle_cont(self, event: Frame) -> None:
        """Keep a message's fragments few: empty ones count for no limit, and small ones cost more than they carry."""
        if not event.fin and not event.data:
            return
        if len(self.frames) >= _MAX_FRAGMENTS:
            self.frames = [b"".join(self.frames)]
        super().handle_cont(event)

    def keepalive_timeout(self) -> None:
        """End a connection that answers no ping; one that also reads nothing would keep what waits for it for ever."""
        super().keepalive_timeout()
        self.loop.call_later(_ABORT_AFTER_S, self.transport.abort)

    def handle_ping(self) -> None:
        """Answer; who asks and asks and reads no answer is cut off."""
        super().handle_ping()
        if self.transport.get_write_buffer_size() > _UNREAD_BYTES:
            self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        """Pass on a message that came in fragments, or as binary: it is read like text."""
        if self._on_text is None:
            # Undecoded: a hello that is no UTF-8 is refused like any other that cannot be read.
            self.curr_msg_data_type = "bytes"
            super().send_receive_event_to_app()
            return
        data, self.frames = b"".join(self.frames), []
        if not self.close_sent:
            self._on_text(data)

    def write_framed(self, data: bytes) -> int:
        """Write framed bytes; return how many bytes now wait for the receiver."""
        if self.transport.is_closing():
            return 0
        self.transport.write(data)
        return int(self.transport.get_write_buffer_size())

    async def drained(self) -> None:
        """Wait until little waits for the receiver."""
        if self.transport.get_write_buffer_size() > _DRAIN_BYTES:
            await self.writable.wait()

    def pause(self) -> None:
        """Stop reading from this client for now."""
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume(self) -> None:
        """Read from this client again."""
        if not self.transport.is_closing():
            self.transport.resume_reading()
