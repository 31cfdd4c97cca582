"""Small videos, built box by box, so that a test says exactly what a file claims and what it holds."""

from __future__ import annotations

import struct


def box(kind: bytes, *content: bytes) -> bytes:
    """Return an ISO box."""
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, body: bytes) -> bytes:
    return box(kind, b"\0\0\0\0" + body)


def make_mp4(
    ms: int,
    *,
    says_ms: int | None = None,
    track_says_ms: int | None = None,
    stsz_count: int | None = None,
    brand: bytes = b"isom",
    size: tuple[int, int] = (640, 360),
    extra: bytes = b"",
) -> bytes:
    """Return an MP4 whose sample table lasts `ms`; `says_ms` is what its head claims."""
    says = ms if says_ms is None else says_ms
    track_says = says if track_says_ms is None else track_says_ms
    step = 40
    count, rest = divmod(ms, step)
    runs = [(count, step)] + ([(1, rest)] if rest else [])
    samples = count + (1 if rest else 0)
    mvhd = _full(b"mvhd", struct.pack(">IIII", 0, 0, 1000, says) + bytes(80))
    tkhd = _full(
        b"tkhd", struct.pack(">IIIII", 0, 0, 1, 0, says) + bytes(52) + struct.pack(">II", size[0] << 16, size[1] << 16)
    )
    mdhd = _full(b"mdhd", struct.pack(">IIIII", 0, 0, 1000, track_says, 0))
    hdlr = _full(b"hdlr", b"\0\0\0\0vide" + bytes(13))
    stts = _full(b"stts", struct.pack(">I", len(runs)) + b"".join(struct.pack(">II", *run) for run in runs))
    stsz = _full(b"stsz", struct.pack(">II", 1, samples if stsz_count is None else stsz_count))
    stbl = box(b"stbl", stts, stsz)
    trak = box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, box(b"minf", stbl)))
    moov = box(b"moov", mvhd, trak, extra)
    return box(b"ftyp", brand, b"\0\0\2\0", brand) + moov + box(b"mdat", bytes(max(samples, 1)))


def make_fragments(ms: int) -> bytes:
    """Return a fragmented MP4, as recorders write it: the head says 0, the fragments last `ms`."""
    mvhd = _full(b"mvhd", struct.pack(">IIII", 0, 0, 1000, 0) + bytes(80))
    tkhd = _full(b"tkhd", struct.pack(">IIIII", 0, 0, 1, 0, 0) + bytes(52) + struct.pack(">II", 320 << 16, 240 << 16))
    mdhd = _full(b"mdhd", struct.pack(">IIIII", 0, 0, 1000, 0, 0))
    hdlr = _full(b"hdlr", b"\0\0\0\0vide" + bytes(13))
    empty = box(b"stbl", _full(b"stts", bytes(4)), _full(b"stsz", bytes(8)))
    trak = box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, box(b"minf", empty)))
    trex = _full(b"trex", struct.pack(">IIIII", 1, 1, 0, 0, 0))
    tfhd = _full(b"tfhd", struct.pack(">I", 1))
    parts = b""
    for piece in (ms // 2, ms - ms // 2):
        trun = box(b"trun", struct.pack(">III", 0x100, 1, piece))
        parts += box(b"moof", box(b"traf", tfhd, trun)) + box(b"mdat", b"\0")
    return box(b"ftyp", b"iso5", b"\0\0\2\0") + box(b"moov", mvhd, trak, box(b"mvex", trex)) + parts


def element(kind: int, *content: bytes, unknown: bool = False) -> bytes:
    """Return an EBML element; `unknown` writes no size, as live recorders do."""
    body = b"".join(content)
    head = kind.to_bytes((kind.bit_length() + 7) // 8, "big")
    return head + (b"\x01" + b"\xff" * 7 if unknown else (len(body) | 1 << 56).to_bytes(8, "big")) + body


def make_webm(ms: int, *, says_ms: int | None = None, live: bool = False, doctype: bytes = b"webm") -> bytes:
    """Return a WebM whose last block ends at `ms`; `says_ms` is what its head claims, `live` claims nothing."""
    info = element(0x2AD7B1, (1_000_000).to_bytes(4, "big"))
    if not live:
        info += element(0x4489, struct.pack(">d", ms if says_ms is None else says_ms))
    video = element(0xE0, element(0xB0, (640).to_bytes(2, "big")), element(0xBA, (360).to_bytes(2, "big")))
    tracks = element(0x1654AE6B, element(0xAE, element(0x83, b"\1"), video))
    clusters = b""
    for at in range(0, ms, 5000):
        last = min(at + 5000, ms)
        first = element(0xA3, b"\x81" + struct.pack(">hB", 0, 0x80) + b"x")
        block = element(0xA1, b"\x81" + struct.pack(">hB", last - at - 10, 0) + b"x")
        group = element(0xA0, block, element(0x9B, b"\x0a"))
        clusters += element(0x1F43B675, element(0xE7, at.to_bytes(4, "big")), first, group, unknown=live)
    head = element(0x1A45DFA3, element(0x4282, doctype))
    return head + element(0x18538067, element(0x1549A966, info), tracks, clusters, unknown=live)
