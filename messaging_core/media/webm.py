"""The length of a WebM, measured in the time stamps of its blocks (RFC 8794 and RFC 9559), never believed."""

from __future__ import annotations

import math
import struct
from typing import BinaryIO

from messaging_core.media.mp4 import Movie
from messaging_core.media.policy import refused

_MOST_ELEMENTS = 100_000
_MOST_VALUE = 1 << 16
_EBML, _DOCTYPE, _SEGMENT, _CLUSTER, _INFO = 0x1A45DFA3, 0x4282, 0x18538067, 0x1F43B675, 0x1549A966
_TRACKS, _TRACK, _VIDEO, _GROUP = 0x1654AE6B, 0xAE, 0xE0, 0xA0
_SCALE, _DURATION, _WIDTH, _HEIGHT = 0x2AD7B1, 0x4489, 0xB0, 0xBA
_CLUSTER_TIME, _SIMPLE, _BLOCK, _BLOCK_DURATION = 0xE7, 0xA3, 0xA1, 0x9B
_PARENTS = frozenset({_EBML, _SEGMENT, _CLUSTER, _INFO, _TRACKS, _TRACK, _VIDEO, _GROUP})
_VALUES = frozenset({_DOCTYPE, _SCALE, _DURATION, _WIDTH, _HEIGHT, _CLUSTER_TIME, _BLOCK_DURATION})
# What an element of unknown size may not hold: it ends there.
_TOP = frozenset({_CLUSTER, _INFO, _TRACKS})


class _Reader:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size, self.elements = file, size, 0
        self.values: dict[int, bytes] = {}
        self.cluster_time = self.block_time = 0
        self.end = self.step = self.blocks = 0

    def number(self, *, keep_mark: bool) -> int | None:
        """Return a variable-length number at the file's place, None for 'unknown'."""
        first = self.file.read(1)
        if not first or not first[0]:
            raise refused("broken_file")
        length = 9 - first[0].bit_length()
        rest = self.file.read(length - 1)
        if len(rest) != length - 1:
            raise refused("broken_file")
        value = int.from_bytes(first + rest, "big")
        if keep_mark:
            return value
        value &= (1 << (7 * length)) - 1
        return None if value == (1 << (7 * length)) - 1 else value

    def walk(self, start: int, end: int, *, parent: int, open_end: bool = False, depth: int = 0) -> int:
        """Read the elements of one parent and return where it ends."""
        at = start
        while at < end:
            self.elements += 1
            if self.elements > _MOST_ELEMENTS or depth > 8:
                raise refused("broken_file")
            self.file.seek(at)
            kind = self.number(keep_mark=True)
            if open_end and parent == _CLUSTER and kind in _TOP:
                return at
            size = self.number(keep_mark=False)
            body = self.file.tell()
            stop = end if size is None else body + size
            if stop > end or (size is None and kind not in (_SEGMENT, _CLUSTER)):
                raise refused("broken_file")
            if kind in _PARENTS:
                assert kind is not None
                at = self.walk(body, stop, parent=kind, open_end=size is None, depth=depth + 1)
            else:
                self.take(kind or 0, body, stop)
                at = stop
        return at

    def take(self, kind: int, body: int, stop: int) -> None:
        if kind in (_SIMPLE, _BLOCK):
            self.number(keep_mark=False)
            self.block_time = self.cluster_time + struct.unpack(">h", self.file.read(2))[0]
            self.step = max(self.step, self.block_time - self.end)
            self.end, self.blocks = max(self.end, self.block_time), self.blocks + 1
        elif kind in _VALUES:
            if stop - body > _MOST_VALUE:
                raise refused("broken_file")
            value = self.file.read(stop - body)
            if kind == _CLUSTER_TIME:
                self.cluster_time = int.from_bytes(value, "big")
            elif kind == _BLOCK_DURATION:
                self.end = max(self.end, self.block_time + int.from_bytes(value, "big"))
            else:
                self.values[kind] = value

    def movie(self) -> Movie:
        if self.values.get(_DOCTYPE, b"").rstrip(b"\0") != b"webm" or not self.blocks:
            raise refused("broken_file")
        scale_ns = int.from_bytes(self.values.get(_SCALE, b""), "big") or 1_000_000
        declared = self.values.get(_DURATION)
        declared_ms = None
        if declared is not None:
            told = struct.unpack(">d" if len(declared) == 8 else ">f", declared)[0] * scale_ns / 1_000_000
            if not math.isfinite(told):
                raise refused("broken_file")
            declared_ms = math.ceil(told)
        width, height = (int.from_bytes(self.values.get(key, b""), "big") for key in (_WIDTH, _HEIGHT))
        measured_ms = -(-self.end * scale_ns // 1_000_000)
        if declared_ms is not None:
            # A block says when it begins: the last one may last as long as the longest before it.
            step_ms = -(-self.step * scale_ns // 1_000_000)
            measured_ms = max(measured_ms, min(declared_ms, measured_ms + step_ms))
        return Movie(width, height, measured_ms, declared_ms)


def read_webm(file: BinaryIO, size: int) -> Movie:
    """Return what a WebM of `size` bytes is. Raises `upload_refused`."""
    reader = _Reader(file, size)
    try:
        reader.walk(0, size, parent=0)
        return reader.movie()
    except (struct.error, OverflowError) as error:
        raise refused("broken_file") from error
