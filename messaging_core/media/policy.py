"""The rules of uploads: pure. What a use allows, in which parts it comes, and when the bytes are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from messaging_core.errors import CoreError, invalid
from messaging_core.identity.policy import Actor
from messaging_core.settings import Media

Use = Literal["image", "gif", "video", "emoji"]
MIMES: dict[Use, frozenset[str]] = {
    "image": frozenset({"image/jpeg", "image/png", "image/webp"}),
    "gif": frozenset({"image/gif"}),
    "video": frozenset({"video/mp4", "video/quicktime", "video/webm"}),
    "emoji": frozenset({"image/png", "image/webp", "image/gif"}),
}
_NAMES = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "image/gif": "GIF",
    "video/mp4": "MP4",
    "video/quicktime": "MOV",
    "video/webm": "WebM",
}
"""What people call them."""
INLINE = frozenset().union(*MIMES.values())
"""What a browser may show in place; anything else is only ever offered to be saved."""

_FORMS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypqt  ", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was measured in the bytes: pixels, milliseconds."""

    mime: str
    width: int
    height: int
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who loads an upload: an account, the enterprise whose conversations it serves, whether it reviews packs."""

    account_id: int
    serves: int | None
    reviews: bool = False


def reader_of(actor: Actor) -> Reader:
    """Return what an actor may load by."""
    enterprise_id = actor.enterprise_id
    serves = enterprise_id if enterprise_id is not None and actor.serves(enterprise_id) else None
    return Reader(actor.account_id, serves, actor.is_operator)


def refused(reason: str, **data: object) -> CoreError:
    """Return the refusal of an upload; `reason` is a word of the catalogue's section `reason`."""
    return CoreError("upload_refused", reason=reason, **data)


def sniff(head: bytes) -> str | None:
    """Return the media type that the first bytes show, None for none of ours; a client's label is never asked."""
    for offset, mark, mime in _FORMS:
        if head[offset : offset + len(mark)] == mark and (mime != "image/webp" or head[:4] == b"RIFF"):
            return mime
    return None


def check_type(use: Use, mime: str | None) -> str:
    """Return the type if this use takes it; SVG, HTML and everything else that could run are no type of ours."""
    if mime is None or mime not in MIMES[use]:
        raise refused("not_this_type", limit=", ".join(sorted(_NAMES[one] for one in MIMES[use])))
    return mime


def most_bytes(use: Use, rules: Media) -> int:
    """Return the largest upload of a use, in bytes."""
    return {
        "image": rules.image_bytes,
        "gif": rules.gif_bytes,
        "video": rules.video_bytes,
        "emoji": rules.emoji_bytes,
    }[use]


def check_new(use: Use, size: int, *, open_now: int, today_bytes: int, rules: Media) -> None:
    """Refuse an upload that is too large, one too many at once, or more than an account may bring in a day."""
    limit = most_bytes(use, rules)
    if size > limit:
        raise CoreError("too_large", limit=limit)
    if open_now >= rules.uploads_open:
        raise CoreError("too_many_uploads", limit=rules.uploads_open, used=open_now)
    if today_bytes + size > rules.day_bytes:
        raise CoreError("upload_quota", limit=rules.day_bytes, used=today_bytes)


def check_part(*, size: int, received: int, total: int, rules: Media) -> None:
    """Refuse a part that is too large, goes past the end, or is too small without being the last."""
    if size > rules.part_bytes:
        raise CoreError("too_large", limit=rules.part_bytes)
    if received + size > total:
        raise invalid("too_big", "body", limit=total - received)
    if size < rules.part_min_bytes and received + size < total:
        raise invalid("too_small", "body", limit=rules.part_min_bytes)


def check_picture(*, width: int, height: int, use: Use, rules: Media) -> None:
    """Refuse a picture of more pixels than its use allows; asked before anything is decoded."""
    limit = {"image": rules.image_pixels, "gif": rules.gif_pixels, "emoji": rules.emoji_pixels}.get(
        use, rules.video_pixels
    )
    if width < 1 or height < 1:
        raise refused("broken_file")
    if width * height > limit:
        raise refused("too_many_pixels", limit=limit, used=width * height)


def check_frames(frames: int, rules: Media) -> None:
    """Refuse a moving picture of too many frames."""
    if frames > rules.gif_frames:
        raise refused("too_many_frames", limit=rules.gif_frames, used=frames)


def check_duration(*, measured_ms: int, declared_ms: int | None, limit_ms: int, rules: Media) -> None:
    """Refuse a video that is too long (the limit itself is not), or whose head says another length than its frames."""
    if measured_ms < 1:
        raise refused("broken_file")
    if declared_ms is not None and abs(declared_ms - measured_ms) > rules.duration_slack_ms:
        raise refused("duration_lies", declared_ms=declared_ms, used=measured_ms)
    if measured_ms > limit_ms:
        raise refused("video_too_long", limit=limit_ms, used=measured_ms)
