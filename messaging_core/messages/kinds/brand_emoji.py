"""One picture of an enterprise's emoji pack; only packs that a reviewer has approved can be sent."""

from __future__ import annotations

import msgspec

from messaging_core.messages.kinds.image import Measured
from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import IdText
from messaging_core.settings import Limits


class BrandEmoji(msgspec.Struct, frozen=True):
    """Which emoji of which pack."""

    pack_id: IdText
    emoji_id: IdText


class StoredBrandEmoji(BrandEmoji, frozen=True, omit_defaults=True, kw_only=True):
    """As the reader gets it: its name in the pack, and its picture."""

    name: str
    media_id: IdText
    media: Measured


def check(_body: BrandEmoji, _limits: Limits) -> None:
    """Nothing more: whether the pack is approved only the database knows."""


KIND = kind(BrandEmoji, check=check, words=lambda _body: "", completed=True)
