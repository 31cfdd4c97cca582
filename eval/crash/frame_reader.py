"""One direction of a connection, cut into WebSocket messages (RFC 6455). No I/O."""

from __future__ import annotations

_TEXT = 1
_LONG, _LONGEST = 126, 127


class FrameReader:
    """Takes the bytes as they come and returns whole text messages; what is not a WebSocket is passed over."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._in_head = True
        self.is_websocket = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the text messages that these bytes complete."""
        if not self._in_head and not self.is_websocket:
            return []
        self._buffer += data
        if self._in_head and not self._read_head():
            return []
        messages: list[bytes] = []
        while self.is_websocket and (frame := self._next()) is not None:
            opcode, payload = frame
            if opcode == _TEXT:
                messages.append(payload)
        return messages

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._buffer[:end]).lower()
        del self._buffer[: end + 4]
        self._in_head = False
        self.is_websocket = head.startswith(b"http/1.1 101") or b"\r\nupgrade: websocket" in head
        return True

    def _next(self) -> tuple[int, bytes] | None:
        """Return opcode and payload of the next frame, or None while it is not whole. Neither side splits messages."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        at, size = 2, buffer[1] & 0x7F
        if size >= _LONG:
            width = 8 if size == _LONGEST else 2
            size = int.from_bytes(buffer[2 : 2 + width], "big")
            at += width
        masked = bool(buffer[1] & 0x80)
        mask = bytes(buffer[at : at + 4]) if masked else b""
        at += len(mask) if masked else 0
        if (masked and len(mask) < 4) or len(buffer) < at + size:
            return None
        payload = bytes(buffer[at : at + size])
        opcode = buffer[0] & 0x0F
        del buffer[: at + size]
        return opcode, _unmask(payload, mask) if masked else payload


def _unmask(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
