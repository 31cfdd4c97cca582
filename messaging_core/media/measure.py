"""One upload from staged bytes to facts: sniffed, measured, cleaned. Runs in a thread."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from messaging_core.media.mp4 import read_mp4
from messaging_core.media.pictures import clean_picture
from messaging_core.media.policy import Facts, Use, check_duration, check_picture, check_type, sniff
from messaging_core.media.webm import read_webm
from messaging_core.settings import Media

_PART = 1 << 20


@dataclass(frozen=True, slots=True)
class Checked:
    """What may be kept: the bytes (in the staged file, which this has cleaned), their hash, a thumbnail if any."""

    facts: Facts
    sha256: str
    size: int
    thumbnail: bytes | None


def check_bytes(staged: Path, *, use: Use, video_ms: int, rules: Media) -> Checked:
    """Check a staged upload and clean it in place. Raises `upload_refused` with the reason."""
    with staged.open("rb") as file:
        mime = check_type(use, sniff(file.read(16)))
    thumbnail = None
    if mime.startswith("image/"):
        facts, kept, thumbnail = clean_picture(staged, mime=mime, use=use, rules=rules)
        staged.write_bytes(kept)
    else:
        facts = _check_video(staged, mime=mime, limit_ms=video_ms, rules=rules)
    return Checked(facts, _hash(staged), staged.stat().st_size, thumbnail)


def _check_video(staged: Path, *, mime: str, limit_ms: int, rules: Media) -> Facts:
    size = staged.stat().st_size
    with staged.open("r+b") as file:
        movie = read_webm(file, size) if mime == "video/webm" else read_mp4(file, size)
        check_duration(measured_ms=movie.measured_ms, declared_ms=movie.declared_ms, limit_ms=limit_ms, rules=rules)
        check_picture(width=movie.width, height=movie.height, use="video", rules=rules)
        for start, end in movie.private:
            # In place, so that no offset in the file moves: a box `free` is passed over by every player.
            file.seek(start)
            head = file.read(8)
            long = head[:4] == b"\0\0\0\1"
            file.seek(start + 4)
            file.write(b"free")
            file.seek(start + (16 if long else 8))
            file.write(bytes(end - file.tell()))
    return Facts(mime, movie.width, movie.height, movie.measured_ms)


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_PART):
            digest.update(part)
    return digest.hexdigest()
