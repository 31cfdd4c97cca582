"""A picture. The sender names his upload; the server adds what it has measured."""

from __future__ import annotations

import msgspec

from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import IdText, Note
from messaging_core.settings import Limits


class Measured(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the server has found in the bytes; `duration_ms` of moving pictures."""

    mime: str
    bytes: int
    width: int
    height: int
    duration_ms: int | None = None


class Image(msgspec.Struct, frozen=True, omit_defaults=True):
    """An upload of the use `image`, and the sender's words below it."""

    media_id: IdText
    note: Note = ""


class StoredImage(Image, frozen=True, omit_defaults=True, kw_only=True):
    """As the reader gets it."""

    media: Measured


def check(_body: Image, _limits: Limits) -> None:
    """Nothing more: whose upload it is only the database knows."""


KIND = kind(Image, check=check, words=lambda body: body.note, completed=True)
