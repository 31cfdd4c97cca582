"""Where one WebSocket frame ends and the next begins, and the one kind of frame that chat consists of."""

from __future__ import annotations

from collections.abc import Iterator

try:
    from websockets.speedups import apply_mask
except ImportError:  # platforms without the C extension
    from websockets.utils import apply_mask

_FINAL_TEXT = 0x81
_MASKED = 0x80


def _size(data: bytes, start: int) -> int | None:
    """Return the length in bytes of the client frame at `start`, header included; None while that is not known yet."""
    if len(data) < start + 2:
        return None
    length = data[start + 1] & 0x7F
    head = 6  # two bytes and the mask
    if length == 126:
        if len(data) < start + 4:
            return None
        length, head = int.from_bytes(data[start + 2 : start + 4], "big"), 8
    elif length == 127:
        if len(data) < start + 10:
            return None
        length, head = int.from_bytes(data[start + 2 : start + 10], "big"), 14
    return head + length


class FrameSplitter:
    """Cuts a client's byte stream into whole frames (RFC 6455, section 5.2).

    What can never become a good frame (unmasked, over `limit` bytes) is passed on as it comes, so that the library
    refuses it and closes the connection.
    """

    __slots__ = ("_limit", "_rest")

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._rest = b""

    def split(self, data: bytes) -> Iterator[bytes]:
        """Yield the frames that are complete; the beginning of the next one is kept."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        start, end = 0, len(data)
        while start < end:
            size = _size(data, start)
            bad = (end - start >= 2 and not data[start + 1] & _MASKED) or (size is not None and size > self._limit + 14)
            if bad:
                yield data[start:]
                return
            if size is None or start + size > end:
                self._rest = data[start:]
                return
            yield data[start : start + size] if size < end else data
            start += size


def read_text(frame: bytes, *, limit: int) -> bytes | None:
    """Return the payload of a whole, final, masked text frame; None for every other frame."""
    if frame[0] != _FINAL_TEXT or len(frame) < 6 or not frame[1] & _MASKED:
        return None
    length = frame[1] & 0x7F
    head = 2 if length < 126 else 4 if length == 126 else 10
    if len(frame) - head - 4 > limit:
        return None
    return apply_mask(frame[head + 4 :], frame[head : head + 4])
