"""Types of what comes in over HTTP, shared by the routes."""

from __future__ import annotations

from typing import Annotated
from unicodedata import category
from urllib.parse import urlsplit

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from kefu.base.clock import parse_time
from messaging_core.transport.frames import MAX_ID

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LAST_US = 253_402_300_799_999_999  # 9999-12-31T23:59:59.999999Z, the last that RFC 3339 can write


def _check_id(text: str) -> str:
    if int(text) > MAX_ID:
        raise ValueError("is not an id")
    return text


def _check_name(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return _check_line(text)


def _check_line(text: str) -> str:
    # Controls, halves of characters, line ends; and what turns the direction of writing: a name must look as it is.
    if any(category(char) in ("Cc", "Cs", "Zl", "Zp") or char in _TURNING for char in text):
        raise ValueError("must not hold control characters")
    return text


def _check_time(text: str) -> str:
    try:
        at_us = parse_time(text)
    except (ValueError, OverflowError) as error:
        raise ValueError("is not an RFC 3339 time with an offset") from error
    if not 0 <= at_us <= _LAST_US:
        raise ValueError("is out of range")
    return text


def _check_remark(text: str) -> str:
    _check_line(text.translate({9: " ", 10: " ", 13: " "}))
    return text


def _check_url(text: str) -> str:
    if any(ord(char) <= 32 or ord(char) == 127 or char == "\\" for char in text):
        raise ValueError("must not hold spaces or control characters")
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:  # `port` raises over 65,535
        raise ValueError("must be http://host or https://host")
    return text


IdText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,19}$"), AfterValidator(_check_id)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_check_name)]
TimeText = Annotated[str, StringConstraints(max_length=40), AfterValidator(_check_time)]
Line = Annotated[str, StringConstraints(max_length=100), AfterValidator(_check_line)]
Remark = Annotated[str, StringConstraints(max_length=500), AfterValidator(_check_remark)]
Summary = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_check_remark)]
LongText = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_check_remark)]
Url = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_check_url)]
PathId = Annotated[IdText, Path()]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=40, pattern=r"^[0-9]{1,19}$")]
SeqQuery = Annotated[int, Query(ge=0, le=2**62)]


class Body(BaseModel):
    """A request body: unknown fields are ignored, as on the WebSocket."""

    model_config = ConfigDict(frozen=True)


def after(cursor: str | None) -> int:
    """Return the id after which a page that goes upwards starts."""
    return min(int(cursor), MAX_ID) if cursor is not None else 0


def before(cursor: str | None) -> int:
    """Return the id before which a page that goes downwards starts."""
    return min(int(cursor), MAX_ID) if cursor is not None else MAX_ID
