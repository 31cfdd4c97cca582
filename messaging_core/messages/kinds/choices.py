"""A text with a few answers to choose from; a press sends the answer's `say` as the reader's own text."""

from __future__ import annotations

from typing import Annotated

import msgspec

from messaging_core.errors import CoreError, invalid
from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import lines
from messaging_core.settings import Limits


class Choice(msgspec.Struct, frozen=True):
    """One button: what it shows and what a press says."""

    label: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    say: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Choices(msgspec.Struct, frozen=True):
    """A text of 1 to `limits.text_chars` code points with 1 to 6 choices."""

    text: str
    choices: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=1, max_length=6)]


def check(body: Choices, limits: Limits) -> None:
    """Refuse an empty text, one that is too long, and choices that say nothing."""
    if len(body.text) > limits.text_chars:
        raise CoreError("message_too_long", limit=limits.text_chars, used=len(body.text))
    if not body.text or body.text.isspace():
        raise invalid("empty", "body.text")
    for place, choice in enumerate(body.choices):
        if choice.label.isspace() or choice.say.isspace():
            raise invalid("empty", f"body.choices[{place}]")


def words(body: Choices) -> str:
    """Return the text, and what each button shows and says."""
    return lines(body.text, *(part for choice in body.choices for part in (choice.label, choice.say)))


KIND = kind(Choices, check=check, words=words)
