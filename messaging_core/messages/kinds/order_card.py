"""A card for one order: before there is one it has a buy entry, afterwards it shows where the order stands."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from messaging_core.errors import invalid
from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import Address, Fen, Note, Short, check_address, lines
from messaging_core.settings import Limits

Status = Literal["to_buy", "unpaid", "paid", "shipped", "completed", "refunding", "refunded", "closed"]


class OrderCard(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the card shows; the shop's own system stays the truth. `to_buy` is an offer: it has no `order_id` yet."""

    title: Short
    status: Status = "to_buy"
    order_id: Annotated[str, msgspec.Meta(max_length=200)] = ""
    product_id: Annotated[str, msgspec.Meta(max_length=200)] = ""
    quantity: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1
    total_fen: Fen | None = None
    image_url: Address = ""
    url: Address = ""
    note: Note = ""


def check(body: OrderCard, _limits: Limits) -> None:
    """Refuse an offer with nothing to buy, an order without its number, and addresses that a browser would run."""
    if body.status == "to_buy" and not body.product_id:
        raise invalid("missing", "body.product_id")
    if body.status != "to_buy" and not body.order_id:
        raise invalid("missing", "body.order_id")
    check_address(body.image_url, "body.image_url")
    check_address(body.url, "body.url")


KIND = kind(OrderCard, check=check, words=lambda body: lines(body.title, body.note))
