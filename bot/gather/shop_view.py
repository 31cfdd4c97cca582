"""The shop as one turn sees it: the catalogue kept for a minute, everything that is told read afresh."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

from bot.gather.catalogue import Catalogue
from bot.recommend.personal import Recommender
from bot.recommend.sales import SalesHistory
from bot.recommend.shop_links import shop_links
from bot.replies.placeholders import ShopFacts
from bot.shop import Customer, FaqAnswer, Product, Shop

_KEEP_US = 60_000_000
# What was bought tells of tastes: an hour more or less does not matter.
_LIKINGS_KEEP_US = 3_600_000_000


class ShopView:
    """Reads a shop. Names, descriptions and the FAQ may be a minute old; prices, stock, rules, orders never are."""

    def __init__(self, shop: Shop, *, groups: dict[str, str]) -> None:
        self.shop = shop
        self._groups = groups
        self._catalogue: Catalogue | None = None
        self._catalogue_at_us = 0
        self._faq: dict[str, FaqAnswer] = {}
        self._faq_at_us = 0
        self._building: asyncio.Task[Catalogue] | None = None
        self._likings: Recommender | None = None
        self._likings_at_us: int | None = None
        self._lock = asyncio.Lock()

    async def catalogue(self, *, at_us: int) -> Catalogue:
        """Return the catalogue for linking; raise ShopUnavailable."""
        async with self._lock:
            if self._catalogue is None or not 0 <= at_us - self._catalogue_at_us < _KEEP_US:
                products = tuple(await self.shop.products())
                if self._catalogue is None or self._catalogue.products != products:
                    # Shielded: a turn that runs into its deadline must not throw the work away for the next.
                    building = asyncio.to_thread(Catalogue, products, groups=self._groups)
                    self._catalogue = await asyncio.shield(self._keep(building))
                self._catalogue_at_us = at_us
        return self._catalogue

    def _keep(self, building: Coroutine[Any, Any, Catalogue]) -> asyncio.Task[Catalogue]:
        def store(task: asyncio.Task[Catalogue]) -> None:
            if not task.cancelled() and task.exception() is None:
                self._catalogue = task.result()

        task = asyncio.create_task(building)
        task.add_done_callback(store)
        self._building = task
        return task

    async def likings(self, *, at_us: int) -> Recommender | None:
        """Return what is learned from purchases, None for a shop that does not tell them; raise ShopUnavailable."""
        if not isinstance(self.shop, SalesHistory):
            return None
        catalogue = await self.catalogue(at_us=at_us)
        async with self._lock:
            at = self._likings_at_us
            if at is None or not 0 <= at_us - at < _LIKINGS_KEEP_US:
                sales = await self.shop.sales()
                links = list(shop_links(catalogue.products))
                self._likings = await asyncio.shield(asyncio.to_thread(Recommender, links, sales))
                self._likings_at_us = at_us
        return self._likings

    async def answer(self, faq_id: str, *, at_us: int) -> FaqAnswer | None:
        """Return a FAQ entry; raise ShopUnavailable."""
        async with self._lock:
            if not self._faq or not 0 <= at_us - self._faq_at_us < _KEEP_US:
                self._faq = {entry.faq_id: entry for entry in await self.shop.faq()}
                self._faq_at_us = at_us
        return self._faq.get(faq_id)

    async def facts(self, *, at_us: int, zone: str) -> ShopFacts:
        """Return rules and promotions as of an instant; raise ShopUnavailable."""
        facts = await self.shop.facts(at_us=at_us)
        # Everything that ran or starts after the beginning of time: ended promotions are needed to say that they ended.
        promotions = await self.shop.promotions(at_us=0)
        return ShopFacts(facts, promotions, at_us, zone)

    async def products(self, product_ids: Iterable[str]) -> Sequence[Product]:
        """Return products with the prices and stock of this moment; raise ShopUnavailable."""
        ids = list(dict.fromkeys(product_ids))
        return await self.shop.get_products(ids) if ids else ()

    async def customer(self, account_id: int) -> Customer | None:
        """Return who an account is in the shop; raise ShopUnavailable."""
        return await self.shop.find_customer(account_id=account_id)

    def name_of(self, product_id: str) -> str | None:
        """Return a product's name if the catalogue has been read, without asking the shop."""
        product = self._catalogue.find(product_id) if self._catalogue else None
        return product.name if product else None
