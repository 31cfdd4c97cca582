"""A moving picture (GIF). The sender names his upload; the server adds what it has measured."""

from __future__ import annotations

import msgspec

from messaging_core.messages.kinds.image import Measured
from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import IdText
from messaging_core.settings import Limits


class Gif(msgspec.Struct, frozen=True):
    """An upload of the use `gif`."""

    media_id: IdText


class StoredGif(Gif, frozen=True, omit_defaults=True, kw_only=True):
    """As the reader gets it."""

    media: Measured


def check(_body: Gif, _limits: Limits) -> None:
    """Nothing more: whose upload it is only the database knows."""


KIND = kind(Gif, check=check, words=lambda _body: "", completed=True)
