"""Pictures through Pillow: sizes are checked before anything is decoded; what is kept is written anew, without EXIF."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from messaging_core.media.gif import read_gif
from messaging_core.media.policy import Facts, Use, check_frames, check_picture, refused
from messaging_core.settings import Media

_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
_ORIENTATION = 0x0112
_BROKEN = (OSError, ValueError, SyntaxError, UnidentifiedImageError, EOFError)


def clean_picture(source: Path, *, mime: str, use: Use, rules: Media) -> tuple[Facts, bytes, bytes]:
    """Return what a picture is, its bytes to be kept, and a thumbnail as WebP.

    The bytes are those that Pillow writes from the pixels, turned as EXIF asks: no place, camera, comment or page of
    HTML behind the picture survives. A GIF keeps its frames and loses its other blocks. Raises `upload_refused`.
    """
    if mime == "image/gif":
        return _clean_gif(source.read_bytes(), use=use, rules=rules)
    try:
        with Image.open(source, formats=[_FORMATS[mime]]) as image:
            check_picture(width=image.width, height=image.height, use=use, rules=rules)
            turned = image.getexif().get(_ORIENTATION, 1) != 1
            upright = ImageOps.exif_transpose(image)
            out = io.BytesIO()
            _save(upright if turned else image, out, mime)
            facts = Facts(mime, *upright.size)
            return facts, out.getvalue(), _thumbnail(upright, rules)
    except Image.DecompressionBombError as error:  # so large that Pillow itself does not open it
        raise refused("too_many_pixels", limit=rules.image_pixels, used="…") from error
    except _BROKEN as error:
        raise refused("broken_file") from error


def _save(image: Image.Image, out: io.BytesIO, mime: str) -> None:
    extra: dict[str, Any] = {}
    profile = image.info.get("icc_profile")
    if isinstance(profile, bytes) and len(profile) < 1 << 16:
        extra["icc_profile"] = profile
    if mime == "image/jpeg":
        # `keep`: the same tables as the camera's, so that nothing visible is lost; only an untouched JPEG has them.
        quality: Any = "keep" if getattr(image, "format", None) == "JPEG" and image.mode in ("RGB", "L", "CMYK") else 92
        image.save(out, "JPEG", quality=quality, **extra)
    elif mime == "image/png":
        image.save(out, "PNG", compress_level=3, **extra)
    else:
        image.save(out, "WEBP", quality=90, **extra)


def _clean_gif(data: bytes, *, use: Use, rules: Media) -> tuple[Facts, bytes, bytes]:
    gif = read_gif(data)
    check_picture(width=gif.width, height=gif.height, use=use, rules=rules)
    check_frames(gif.frames, rules)
    try:
        with Image.open(io.BytesIO(gif.data), formats=["GIF"]) as image:
            thumbnail = _thumbnail(image, rules)
    except _BROKEN as error:
        raise refused("broken_file") from error
    return Facts("image/gif", gif.width, gif.height, gif.duration_ms), gif.data, thumbnail


def _thumbnail(image: Image.Image, rules: Media) -> bytes:
    small = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
    small.thumbnail((rules.thumb_px, rules.thumb_px))
    out = io.BytesIO()
    small.save(out, "WEBP", quality=80)
    return out.getvalue()
