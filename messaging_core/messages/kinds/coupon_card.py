"""A card that offers one coupon of the enterprise; who has taken or used it is commerce's to know."""

from __future__ import annotations

from typing import Annotated

import msgspec

from messaging_core.errors import invalid
from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import Address, Fen, Note, Short, TimeText, check_address, check_time, lines
from messaging_core.settings import Limits


class CouponCard(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the card shows: `amount_fen` off, or `percent` of the price off, from `min_spend_fen` on."""

    coupon_id: Short
    title: Short
    amount_fen: Fen | None = None
    percent: Annotated[int, msgspec.Meta(ge=1, le=99)] | None = None
    min_spend_fen: Fen = 0
    expires_at: TimeText | None = None
    url: Address = ""
    note: Note = ""


def check(body: CouponCard, _limits: Limits) -> None:
    """Refuse a coupon that is worth nothing or two things, and addresses that a browser would run."""
    if (body.amount_fen is None) == (body.percent is None):
        raise invalid("wrong_form", "body.amount_fen", hint="exactly one of amount_fen and percent")
    check_time(body.expires_at, "body.expires_at")
    check_address(body.url, "body.url")


KIND = kind(CouponCard, check=check, words=lambda body: lines(body.title, body.note), sent_by="enterprise")
