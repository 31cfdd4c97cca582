"""What the server finds in the bytes of an upload, whatever the client says they are."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from messaging_core.errors import CoreError
from messaging_core.media.measure import Checked, check_bytes
from messaging_core.media.policy import Use, sniff
from messaging_core.settings import Media
from tests.support.videos import box, make_fragments, make_mp4, make_webm

RULES = Media(image_pixels=100_000, gif_frames=5)
PLACE = {0x8825: {1: "N", 2: (31.0, 14.0, 0.0)}}
"""A GPS block."""


def picture(form: str, size: tuple[int, int] = (40, 20), **how: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 50).convert("RGB").save(out, form, **how)
    return out.getvalue()


def moving(frames: int) -> bytes:
    out = io.BytesIO()
    images = [Image.new("RGB", (8, 8), (place * 40, 0, 0)) for place in range(frames)]
    images[0].save(out, "GIF", save_all=True, append_images=images[1:], duration=100, loop=0, comment=b"secret place")
    return out.getvalue()


def check(tmp_path: Path, data: bytes, use: Use, rules: Media = RULES) -> tuple[Checked, bytes]:
    staged = tmp_path / "staged"
    staged.write_bytes(data)
    return check_bytes(staged, use=use, video_ms=15_000, rules=rules), staged.read_bytes()


def refusal(tmp_path: Path, data: bytes, use: Use, rules: Media = RULES) -> str:
    with pytest.raises(CoreError) as refused:
        check(tmp_path, data, use, rules)
    assert refused.value.code == "upload_refused"
    return str(refused.value.data["reason"])


@pytest.mark.parametrize(("form", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_a_picture_is_what_its_bytes_are(tmp_path: Path, form: str, mime: str) -> None:
    checked, _ = check(tmp_path, picture(form), "image")
    assert (checked.facts.mime, checked.facts.width, checked.facts.height) == (mime, 40, 20)
    assert checked.thumbnail is not None and sniff(checked.thumbnail) == "image/webp"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_where_and_with_what_a_picture_was_taken_does_not_stay(tmp_path: Path, form: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.update(PLACE)  # type: ignore[arg-type]
    data = picture(form, exif=exif) + b"<script>alert(1)</script>"
    _, kept = check(tmp_path, data, "image")
    assert b"SecretCamera" in data and b"SecretCamera" not in kept
    assert not dict(Image.open(io.BytesIO(kept)).getexif())
    assert b"<script>" not in kept


def test_a_picture_stands_upright_without_its_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    checked, kept = check(tmp_path, picture("JPEG", exif=exif), "image")
    assert (checked.facts.width, checked.facts.height) == Image.open(io.BytesIO(kept)).size == (20, 40)


def test_a_gif_keeps_its_frames_and_loses_its_comments(tmp_path: Path) -> None:
    checked, kept = check(tmp_path, moving(3) + b"<html>", "gif")
    assert (checked.facts.mime, checked.facts.duration_ms) == ("image/gif", 300)
    assert getattr(Image.open(io.BytesIO(kept)), "n_frames", 1) == 3
    assert b"secret" not in kept and b"<html>" not in kept


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few hundred bytes that claims to be huge."""
    data = bytearray(picture("PNG"))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "use", "reason"),
    [
        (picture("PNG", (400, 300)), "image", "too_many_pixels"),
        (bomb(60_000, 60_000), "image", "too_many_pixels"),
        (moving(6), "gif", "too_many_frames"),
        (picture("JPEG")[:300], "image", "broken_file"),
        (b"\x89PNG\r\n\x1a\n", "image", "broken_file"),
        (moving(2)[:-20], "gif", "broken_file"),
        (b"GIF89a", "gif", "broken_file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image", "not_this_type"),
        (b"<!doctype html><script>alert(1)</script>", "image", "not_this_type"),
        (b"%PDF-1.7", "image", "not_this_type"),
        (b"MZ\x90\x00", "image", "not_this_type"),
        (moving(2), "image", "not_this_type"),
        (picture("PNG"), "video", "not_this_type"),
        (picture("PNG"), "gif", "not_this_type"),
        (make_mp4(5000), "image", "not_this_type"),
    ],
)
def test_what_no_use_of_ours_takes_is_refused(tmp_path: Path, data: bytes, use: Use, reason: str) -> None:
    assert refusal(tmp_path, data, use) == reason


@pytest.mark.parametrize(
    ("data", "ms"),
    [
        (make_mp4(15_000), 15_000),
        (make_mp4(2_000, brand=b"qt  "), 2_000),
        (make_mp4(2_000, says_ms=0), 2_000),
        (make_fragments(15_000), 15_000),
        (make_webm(15_000), 15_000),
        (make_webm(9_500, live=True), 9_500),
    ],
)
def test_a_video_of_at_most_15_seconds_is_taken(tmp_path: Path, data: bytes, ms: int) -> None:
    checked, _ = check(tmp_path, data, "video")
    assert checked.facts.duration_ms == ms


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (make_mp4(15_001), "video_too_long"),
        (make_fragments(15_001), "video_too_long"),
        (make_webm(15_040), "video_too_long"),
        (make_webm(20_000, live=True), "video_too_long"),
        (make_mp4(60_000, says_ms=10_000), "duration_lies"),
        (make_mp4(10_000, says_ms=60_000), "duration_lies"),
        (make_mp4(10_000, track_says_ms=14_000), "duration_lies"),
        (make_mp4(10_000, stsz_count=10), "duration_lies"),
        (make_webm(60_000, says_ms=10_000), "duration_lies"),
        (make_mp4(0), "broken_file"),
        (make_mp4(5_000, stsz_count=2**31), "broken_file"),
        (make_mp4(5_000)[:200], "broken_file"),
        (make_webm(5_000)[:100], "broken_file"),
        (make_webm(5_000, doctype=b"matroska"), "broken_file"),
        (box(b"ftyp", b"isom") + box(b"moov") * 30_000, "broken_file"),
        (b"\0\0\0\x18ftypisom" + bytes(12) + b"\0\0\0\1moov" + b"\xff" * 8, "broken_file"),
        (make_mp4(5_000, size=(20_000, 20_000)), "too_many_pixels"),
    ],
)
def test_a_video_that_is_longer_or_lies_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    assert refusal(tmp_path, data, "video") == reason


def test_where_a_video_was_taken_does_not_stay(tmp_path: Path) -> None:
    place = box(b"udta", box(b"\xa9xyz", b"+31.2304+121.4737/"))
    data = make_mp4(3_000, extra=place)
    checked, kept = check(tmp_path, data, "video")
    assert b"+31.2304" in data and b"+31.2304" not in kept
    assert len(kept) == len(data) == checked.size
