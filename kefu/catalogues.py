"""What the shops of this process ask for their products: read again and again, so that the messenger never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from bot.shop import Product, Shop, ShopUnavailable

log = structlog.get_logger("kefu.catalogues")
LOOK_S = 10.0
"""A price that has changed holds for cards sent by hand after at most so many seconds."""


def prices_of(products: Sequence[Product]) -> dict[str, frozenset[int]]:
    """Return what products cost, by product, in fen: one price for each variant."""
    return {one.product_id: frozenset(variant.price_fen for variant in one.variants) for one in products}


class Catalogues:
    """The last catalogue of each enterprise that was read; one whose shop is down keeps the last that it told."""

    def __init__(self, find_shop: Callable[[int], Shop | None]) -> None:
        self._find_shop = find_shop
        self._prices: dict[int, dict[str, frozenset[int]]] = {}
        self._looking: asyncio.Task[None] | None = None

    def find(self, enterprise_id: int) -> dict[str, frozenset[int]] | None:
        """Return an enterprise's prices, None before they were read; safe in any thread."""
        return self._prices.get(enterprise_id)

    async def read(self, enterprise_id: int) -> None:
        """Read an enterprise's catalogue, and from then on again and again. One without a shop has none."""
        shop = self._find_shop(enterprise_id)
        if shop is None:
            return
        try:
            self._prices[enterprise_id] = prices_of(await shop.products())
        except ShopUnavailable as error:
            log.warning("catalogue.unavailable", enterprise_id=enterprise_id, error=str(error))
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look_on(), name="catalogues")

    def note(self, enterprise_id: int, products: Sequence[Product]) -> None:
        """Take over what was just read of some products."""
        known = self._prices.get(enterprise_id)
        if known is not None:
            self._prices[enterprise_id] = known | prices_of(products)

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            for enterprise_id in list(self._prices):
                await self.read(enterprise_id)
