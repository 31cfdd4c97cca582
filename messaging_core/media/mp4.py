"""The length of an MP4 or MOV, measured in its sample tables and fragments (ISO/IEC 14496-12), never believed."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from messaging_core.media.policy import refused

_MOST_BOXES = 20_000
_MOST_TABLE = 4 << 20
_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf"})
# They carry where and with what a video was taken.
PRIVATE = frozenset({b"udta", b"meta", b"uuid"})


@dataclass(slots=True)
class _Track:
    scale: int = 0
    declared: int = 0
    video: bool = False
    ticks: int = 0
    samples: int = 0
    sized: int | None = None
    size: tuple[int, int] = (0, 0)
    step: int = 0


@dataclass(slots=True)
class Movie:
    """What the boxes say. `private` are the (start, end) of the boxes to be blanked, header included."""

    width: int = 0
    height: int = 0
    measured_ms: int = 0
    declared_ms: int | None = None
    private: list[tuple[int, int]] = field(default_factory=list)


class _Reader:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size, self.boxes = file, size, 0
        self.tracks: dict[int, _Track] = {}
        self.now = _Track()
        self.scale = self.declared = 0
        self.private: list[tuple[int, int]] = []

    def walk(self, start: int, end: int, *, depth: int = 0) -> None:
        if depth > 8:
            raise refused("broken_file")
        for kind, at, body, stop in self.boxes_in(start, end):
            if kind in PRIVATE:
                self.private.append((at, stop))
            elif kind in _PARENTS:
                if kind in (b"trak", b"traf"):
                    self.now = _Track()
                self.walk(body, stop, depth=depth + 1)
            elif kind in _TAKES:
                if stop - body > _MOST_TABLE:
                    raise refused("broken_file")
                self.file.seek(body)
                _TAKES[kind](self, self.file.read(stop - body))

    def boxes_in(self, start: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
        at = start
        while at + 8 <= end:
            self.boxes += 1
            if self.boxes > _MOST_BOXES:
                raise refused("broken_file")
            self.file.seek(at)
            size, kind = struct.unpack(">I4s", self.file.read(8))
            body = at + 8
            if size == 1:
                size, body = struct.unpack(">Q", self.file.read(8))[0], at + 16
            stop = at + size if size else end
            if stop > end or stop < body:
                raise refused("broken_file")
            yield kind, at, body, stop
            at = stop

    def take_mvhd(self, box: bytes) -> None:
        self.scale, self.declared = _times(box)

    def take_tkhd(self, box: bytes) -> None:
        number = struct.unpack_from(">I", box, 20 if box[0] else 12)[0]
        width, height = struct.unpack_from(">II", box, len(box) - 8)
        self.now.size = width >> 16, height >> 16
        if number in self.tracks:
            raise refused("broken_file")
        self.tracks[number] = self.now

    def take_mdhd(self, box: bytes) -> None:
        self.now.scale, self.now.declared = _times(box)

    def take_hdlr(self, box: bytes) -> None:
        self.now.video = self.now.video or box[8:12] == b"vide"

    def take_stts(self, box: bytes) -> None:
        count = struct.unpack_from(">I", box, 4)[0]
        for samples, step in struct.iter_unpack(">II", box[8 : 8 + 8 * count]):
            self.now.samples += samples
            self.now.ticks += samples * step

    def take_stsz(self, box: bytes) -> None:
        each, count = struct.unpack_from(">II", box, 4)
        sizes = box[12 : 12 + 4 * count]
        total = each * count if each else sum(value for (value,) in struct.iter_unpack(">I", sizes))
        if (not each and len(sizes) != 4 * count) or total > self.size:
            raise refused("broken_file")
        self.now.sized = count

    def take_trex(self, box: bytes) -> None:
        number, _, step = struct.unpack_from(">III", box, 4)
        if number in self.tracks:
            self.tracks[number].step = step

    def take_tfhd(self, box: bytes) -> None:
        flags, number = struct.unpack_from(">II", box)
        if number not in self.tracks:
            raise refused("broken_file")
        self.now = self.tracks[number]
        if flags & 8:
            at = 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
            self.now.step = struct.unpack_from(">I", box, at)[0]

    def take_trun(self, box: bytes) -> None:
        flags, count = struct.unpack_from(">II", box)
        at = 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
        width = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
        if width and at + width * count > len(box):
            raise refused("broken_file")
        if count > self.size:
            raise refused("broken_file")
        if flags & 0x100:
            self.now.ticks += sum(struct.unpack_from(">I", box, at + width * place)[0] for place in range(count))
        else:
            self.now.ticks += self.now.step * count

    def movie(self) -> Movie:
        shown = [track for track in self.tracks.values() if track.video and track.ticks]
        if not shown or not all(track.scale for track in self.tracks.values() if track.ticks):
            raise refused("broken_file")
        if any(track.sized is not None and track.sized != track.samples for track in self.tracks.values()):
            raise refused("duration_lies")
        told = [_ms(self.declared, self.scale)] if self.declared and self.scale else []
        told += [_ms(track.declared, track.scale) for track in shown if track.declared]
        measured = max(_ms(track.ticks, track.scale) for track in self.tracks.values() if track.ticks)
        # The one that is farthest off: no two of a file's own words may differ.
        declared = max(told, key=lambda ms: abs(ms - measured), default=None)
        width, height = shown[0].size
        return Movie(width, height, measured, declared, self.private)


_TAKES: dict[bytes, Callable[[_Reader, bytes], None]] = {
    b"mvhd": _Reader.take_mvhd,
    b"tkhd": _Reader.take_tkhd,
    b"mdhd": _Reader.take_mdhd,
    b"hdlr": _Reader.take_hdlr,
    b"stts": _Reader.take_stts,
    b"stsz": _Reader.take_stsz,
    b"trex": _Reader.take_trex,
    b"tfhd": _Reader.take_tfhd,
    b"trun": _Reader.take_trun,
}


def read_mp4(file: BinaryIO, size: int) -> Movie:
    """Return what an MP4 or MOV of `size` bytes is; `mdat` itself is never read. Raises `upload_refused`."""
    reader = _Reader(file, size)
    try:
        reader.walk(0, size)
        return reader.movie()
    except (struct.error, IndexError, OverflowError) as error:
        raise refused("broken_file") from error


def _times(box: bytes) -> tuple[int, int]:
    """Return (scale, duration) of mvhd or mdhd; an unknown duration (all ones) as 0."""
    scale, duration = struct.unpack_from(">IQ", box, 20) if box[0] else struct.unpack_from(">II", box, 12)
    return scale, 0 if duration in (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF) else duration


def _ms(ticks: int, scale: int) -> int:
    """Return milliseconds, rounded up: a tick past the limit is past it."""
    return -(-ticks * 1000 // scale) if scale else 0
