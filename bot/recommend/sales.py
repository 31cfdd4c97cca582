"""What was bought, as the recommender learns from it: an optional side of a shop's system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.shop import Order

_NOT_KEPT = frozenset({"cancelled", "refunded", "closed"})


@dataclass(frozen=True, slots=True)
class Sale:
    """A customer bought a product; `weight` counts how much, 1 for once."""

    customer_id: str
    product_id: str
    weight: float = 1.0


def sales_of(orders: Iterable[Order]) -> list[Sale]:
    """Return what orders tell of liking: what was paid for, once for each order."""
    bought: Counter[tuple[str, str]] = Counter()
    for order in orders:
        if order.paid_at_us is not None and order.status not in _NOT_KEPT:
            bought.update({(order.customer_id, line.product_id) for line in order.lines})
    return [Sale(customer, product, float(times)) for (customer, product), times in sorted(bought.items())]


@runtime_checkable
class SalesHistory(Protocol):
    """A shop that also tells what was bought; without it goods are suggested by what is said alone."""

    async def sales(self) -> Sequence[Sale]:
        """Return who bought what, without cancelled and returned orders; may raise ShopUnavailable."""
        ...
