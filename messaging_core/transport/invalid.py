"""What is wrong with a request, in words of the catalogue: pydantic and msgspec only speak English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from messaging_core.errors import CoreError, invalid

_WORDS = {
    "missing": "missing",
    "json_invalid": "not_json",
    "literal_error": "wrong_choice",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_big",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "too_short": "too_short",
    "too_long": "too_long",
}
_LIMITS = ("min_length", "max_length", "ge", "le", "expected")
_MAX_PLACE = 100
_PLACE = re.compile(r" - at `(?:key in )?\$\.?(.*)`$")


def explain_request(error: Mapping[str, Any]) -> CoreError:
    """Return the refusal for an entry of pydantic's `errors()`; `hint` keeps what pydantic itself said."""
    kind, context = str(error["type"]), error.get("ctx") or {}
    place = ".".join(str(part) for part in error["loc"])[:_MAX_PLACE]
    word = _WORDS.get(kind) or ("wrong_type" if kind.endswith(("_type", "_parsing")) else "wrong_form")
    limit = next((context[name] for name in _LIMITS if name in context), None)
    return invalid(word, place, limit=limit, hint=str(error["msg"]))


def explain_frame(error: Exception) -> CoreError:
    """Return the refusal for a frame that msgspec could not read."""
    if isinstance(error, UnicodeDecodeError):
        return CoreError("invalid_frame", reason="not_unicode", hint=str(error))
    if isinstance(error, RecursionError):
        return CoreError("invalid_frame", reason="too_deep")
    if isinstance(error, msgspec.ValidationError):
        place = _PLACE.search(str(error))
        field = (place[1] if place is not None else "")[:_MAX_PLACE] or "{}"
        return CoreError("invalid_frame", reason="wrong_form", field=field, hint=str(error)[:300])
    return CoreError("invalid_frame", reason="not_json", hint=str(error)[:300])
