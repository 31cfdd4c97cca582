"""A card that shows one product of a shop."""

from __future__ import annotations

import msgspec

from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import Address, Fen, Note, Short, check_address, lines
from messaging_core.settings import Limits


class ProductCard(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the card shows; the shop's own system stays the truth for price and stock."""

    product_id: Short
    title: Short
    price_fen: Fen | None = None
    image_url: Address = ""
    url: Address = ""
    note: Note = ""


def check(body: ProductCard, _limits: Limits) -> None:
    """Refuse addresses that a browser would run instead of open."""
    check_address(body.image_url, "body.image_url")
    check_address(body.url, "body.url")


KIND = kind(ProductCard, check=check, words=lambda body: lines(body.title, body.note))
