"""Plain text."""

from __future__ import annotations

import msgspec

from messaging_core.errors import CoreError, invalid
from messaging_core.messages.kinds.kind import kind
from messaging_core.settings import Limits


class Text(msgspec.Struct, frozen=True):
    """A text of 1 to `limits.text_chars` code points, not only white space."""

    text: str


def check(body: Text, limits: Limits) -> None:
    """Refuse an empty text and one that is too long."""
    if len(body.text) > limits.text_chars:
        raise CoreError("message_too_long", limit=limits.text_chars, used=len(body.text))
    if not body.text or body.text.isspace():
        raise invalid("empty", "body.text")


KIND = kind(Text, check=check, words=lambda body: body.text)
