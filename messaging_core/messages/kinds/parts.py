"""Fields that several kinds share, and the check of an address that a reader may open."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from kefu.base.clock import parse_time
from messaging_core.errors import invalid

Short = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Note = Annotated[str, msgspec.Meta(max_length=500)]
Address = Annotated[str, msgspec.Meta(max_length=2000)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.:\-]{1,64}\Z")]
"""A reference that somebody else's system gave."""
IdText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,19}\Z")]
TimeText = Annotated[str, msgspec.Meta(min_length=20, max_length=40)]


def check_address(address: str, field: str) -> None:
    """Refuse an address that a browser would run instead of open; an empty one stands for none."""
    if address and not is_safe(address):
        raise invalid("wrong_form", field, hint="must be https, http or a path")


def check_time(at: str | None, field: str) -> int | None:
    """Return a time in microseconds, None for none; refuse what is not RFC 3339 with an offset."""
    if at is None:
        return None
    try:
        return parse_time(at)
    except (ValueError, OverflowError) as error:
        raise invalid("wrong_form", field, hint="must be an RFC 3339 time with an offset") from error


def check_words(text: str, field: str) -> None:
    """Refuse a text of white space only."""
    if not text or text.isspace():
        raise invalid("empty", field)


def is_safe(address: str) -> bool:
    """Return whether an address is http, https or a path of this site."""
    if any(ord(char) <= 32 or ord(char) == 127 or char == "\\" for char in address):
        return False
    if address.startswith("/") and not address.startswith("//"):
        return True
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.netloc)


def lines(*parts: str) -> str:
    """Return the parts that say something, a line each."""
    return "\n".join(part for part in parts if part)
