"""Just enough WebSocket for a load client: the handshake, masked text frames with a zero key, pongs."""

from __future__ import annotations

from eval.load.world import RawClient

_ZERO_KEY = b"\0\0\0\0"
_TEXT, _PONG = 0x81, 0x8A
# uvicorn pings with four bytes and wants them back. Neither JSON nor UTF-8 holds a byte 0x04, so this is a ping.
_PING = b"\x89\x04"
_PING_BYTES = 4


def frame(payload: bytes, first_byte: int = _TEXT) -> bytes:
    """Return one client frame; the mask of zeros leaves the payload as it is."""
    size = len(payload)
    if size < 126:
        return bytes((first_byte, 0x80 | size)) + _ZERO_KEY + payload
    if size < 65536:
        return bytes((first_byte, 0xFE)) + size.to_bytes(2, "big") + _ZERO_KEY + payload
    return bytes((first_byte, 0xFF)) + size.to_bytes(8, "big") + _ZERO_KEY + payload


class WebSocketClient(RawClient):
    """A raw client over WebSocket."""

    async def shake_hands(self, path: str) -> None:
        """Upgrade the connection; raise ConnectionError when the server does not switch protocols."""
        answered = self.expect(rb"\r\n\r\n")
        self.transport.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = (await answered).string
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise ConnectionError(f"no WebSocket at {path}: {head[:200]!r}")

    def write_text(self, payload: bytes) -> None:
        """Send one text frame."""
        self.transport.write(frame(payload))

    def answer_ping(self, data: bytes) -> None:
        """Answer a ping wherever it stands in the chunk; unanswered ones cost the connection after a while."""
        at = data.find(_PING)
        if at >= 0:
            start = at + len(_PING)
            self.transport.write(frame(data[start : start + _PING_BYTES], _PONG))
