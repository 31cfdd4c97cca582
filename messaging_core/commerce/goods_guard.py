"""The guard of goods that an enterprise's people show: the product is in its catalogue, at one of its prices there.

The core has no catalogue. The application hands one in (`Core.tools.catalogue_of`); without one nothing is checked.
Bots are not asked: what they show they have just read in the shop, which may be newer than the catalogue here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from messaging_core.errors import CoreError, not_found
from messaging_core.kernel.unit import Unit
from messaging_core.messages.guards import Candidate, Guard, Rule
from messaging_core.messages.kinds.order_card import OrderCard
from messaging_core.messages.kinds.product_card import ProductCard

Prices = Mapping[str, frozenset[int]]
"""What a catalogue asks for each of its products, in fen: one price for each variant."""
CatalogueOf = Callable[[int], Prices | None]
"""Returns an enterprise's catalogue, None where none is known; asked inside transactions, so it must not wait."""

_product = msgspec.json.Decoder(ProductCard)
_order = msgspec.json.Decoder(OrderCard)


class Goods(Rule):
    """Refuses cards of products that the enterprise does not have, or has at another price."""

    def __init__(self, catalogue_of: CatalogueOf) -> None:
        self._catalogue_of = catalogue_of

    def judge(self, candidate: Candidate) -> None:
        """Refuse, or let pass."""
        shown = _shown(candidate)
        prices = self._catalogue_of(candidate.row.enterprise_id) if shown is not None else None
        if shown is None or prices is None:
            return
        product_id, total_fen, quantity = shown
        asked = prices.get(product_id)
        if asked is None:
            raise not_found("product")
        if total_fen is not None and total_fen not in {price * quantity for price in asked}:
            right = min(asked, default=0) * quantity
            raise CoreError(
                "price_differs",
                product_id=product_id,
                price_fen=right,
                given_fen=total_fen,
                price=f"{right / 100:.2f}",
                given=f"{total_fen / 100:.2f}",
            )


def load_goods(unit: Unit, candidates: Sequence[Candidate]) -> Guard | None:
    """Return the guard where an application has handed in catalogues and the batch shows goods."""
    catalogue_of = unit.tools.catalogue_of
    if catalogue_of is None or not any(one.request.kind in ("product_card", "order_card") for one in candidates):
        return None
    return Goods(catalogue_of)


def _shown(candidate: Candidate) -> tuple[str, int | None, int] | None:
    """Return product, total and quantity of goods that an enterprise's people show; None for every other message."""
    request, actor = candidate.request, candidate.request.actor
    of_house = candidate.row.enterprise_id is not None and actor.enterprise_id == candidate.row.enterprise_id
    if not of_house or actor.kind != "personal":  # a visitor is of the house, too, and shows what he asks about
        return None
    if request.kind == "product_card":
        product = _product.decode(request.body)
        return product.product_id, product.price_fen, 1
    if request.kind != "order_card":
        return None
    order = _order.decode(request.body)
    return (order.product_id, order.total_fen, order.quantity) if order.status == "to_buy" else None
