"""A short video (<= 15.0 s). The sender names his upload; the server adds what it has measured, length included."""

from __future__ import annotations

import msgspec

from messaging_core.messages.kinds.image import Measured
from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import IdText, Note
from messaging_core.settings import Limits


class Video(msgspec.Struct, frozen=True, omit_defaults=True):
    """An upload of the use `video`, an upload of the use `image` to show before it plays, and the sender's words."""

    media_id: IdText
    poster_id: IdText | None = None
    note: Note = ""


class StoredVideo(Video, frozen=True, omit_defaults=True, kw_only=True):
    """As the reader gets it."""

    media: Measured


def check(_body: Video, _limits: Limits) -> None:
    """Nothing more: whose upload it is only the database knows."""


KIND = kind(Video, check=check, words=lambda body: body.note, completed=True)
