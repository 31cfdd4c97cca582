"""GIF without decoding it: counts frames, refuses what no decoder should see, drops what could carry a secret."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from messaging_core.media.policy import refused

_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


@dataclass(frozen=True, slots=True)
class Gif:
    """A GIF without comments, plain text and foreign extensions, and what it is."""

    data: bytes
    width: int
    height: int
    frames: int
    duration_ms: int


def read_gif(data: bytes) -> Gif:
    """Return the GIF, cleaned; whatever stands behind its end is left out. See the GIF89a specification."""
    try:
        return _read(data)
    except (IndexError, struct.error) as error:
        raise refused("broken_file") from error


def _read(data: bytes) -> Gif:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _table(flags)
    kept, frames, hundredths = [data[:at]], 0, 0
    while data[at] != 0x3B:
        if data[at] == 0x2C:
            left, top, wide, high, local = struct.unpack_from("<HHHHB", data, at + 1)
            if left + wide > width or top + high > height or not wide or not high:
                raise refused("broken_file")
            end = _skip_blocks(data, at + 10 + _table(local) + 1)
            frames += 1
            kept.append(data[at:end])
        elif data[at] == 0x21:
            end = _skip_blocks(data, at + 2)
            label = data[at + 1]
            if label == 0xF9:
                hundredths += struct.unpack_from("<H", data, at + 4)[0]
            if label == 0xF9 or (label == 0xFF and data[at + 3 : at + 14] in _KEPT):
                kept.append(data[at:end])
        else:
            raise refused("broken_file")
        at = end
    if not frames:
        raise refused("broken_file")
    return Gif(b"".join(kept) + b";", width, height, frames, hundredths * 10)


def _table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1
