"""The guard of cards that an enterprise sends: the coupon is its own and as it was made, the order its customer's."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kefu.base.clock import format_time, parse_time
from messaging_core.commerce import coupons_store, orders_store
from messaging_core.errors import CoreError, invalid, not_found
from messaging_core.kernel.unit import Unit
from messaging_core.messages.guards import Candidate, Guard, Rule
from messaging_core.messages.kinds.coupon_card import CouponCard
from messaging_core.messages.kinds.order_card import OrderCard

_coupon = msgspec.json.Decoder(CouponCard)
_order = msgspec.json.Decoder(OrderCard)
_ID_DIGITS = 18
_WORTH = ("amount_fen", "percent", "min_spend_fen")


class Cards(Rule):
    """Refuses cards of coupons and orders that commerce does not know as they are shown.

    What a customer shows of an order is his word; an offer (`to_buy`) has no order yet.
    """

    def __init__(
        self, coupons: dict[int, coupons_store.CouponRow], orders: set[tuple[int, str]], *, now_us: int
    ) -> None:
        self._coupons = coupons
        self._orders = orders
        self._now_us = now_us

    def judge(self, candidate: Candidate) -> None:
        """Refuse, or let pass."""
        if _is_coupon(candidate):
            self._check_coupon(candidate, _coupon.decode(candidate.request.body))
            return
        number = _order_number(candidate)
        if number is not None and (candidate.request.conversation_id, number) not in self._orders:
            raise not_found("order")

    def _check_coupon(self, candidate: Candidate, card: CouponCard) -> None:
        row = self._coupons.get(_id(card))
        if row is None or row.enterprise_id != candidate.row.enterprise_id:
            raise not_found("coupon")
        if self._now_us >= row.ends_at:
            raise CoreError("coupon_expired", expired_at=format_time(row.ends_at))
        if row.closed or self._now_us < row.starts_at:
            raise CoreError("coupon_closed")
        for name in _WORTH:
            if getattr(card, name) != getattr(row, name):
                raise invalid("not_the_coupons", f"body.{name}", limit=getattr(row, name))
        if card.expires_at is not None and parse_time(card.expires_at) > row.ends_at:
            raise invalid("not_the_coupons", "body.expires_at", limit=format_time(row.ends_at))


def load_cards(unit: Unit, candidates: Sequence[Candidate]) -> Guard | None:
    """Read the coupons and orders that the cards of this batch show: one statement for each of the two."""
    coupons = {_id(_coupon.decode(one.request.body)) for one in candidates if _is_coupon(one)}
    orders = {(one.request.conversation_id, number) for one in candidates if (number := _order_number(one)) is not None}
    if not coupons and not orders:
        return None
    return Cards(
        coupons_store.find_coupons(unit.connection, sorted(coupons)) if coupons else {},
        orders_store.find_shown(unit.connection, sorted(orders)) if orders else set(),
        now_us=unit.now_us,
    )


def _is_coupon(candidate: Candidate) -> bool:
    return candidate.request.kind == "coupon_card" and not candidate.request.house


def _order_number(candidate: Candidate) -> str | None:
    """Return the order that an enterprise's card shows; None for every other message."""
    if candidate.request.kind != "order_card" or candidate.origin not in ("agent", "bot"):
        return None
    return _order.decode(candidate.request.body).order_id or None


def _id(card: CouponCard) -> int:
    """Return a coupon's id; 0, which nothing has, for what is none."""
    text = card.coupon_id
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _ID_DIGITS else 0
