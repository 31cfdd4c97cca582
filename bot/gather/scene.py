"""What the answers to one turn share: the turn, what was tracked, and the shop's reads, each made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.dialogue.wish import Tracked
from bot.gather.catalogue import Catalogue
from bot.gather.shop_view import ShopView
from bot.recommend.personal import Liked
from bot.replies.placeholders import ShopFacts
from bot.replies.wording import Wording
from bot.shop import Customer, Order
from bot.turn import Turn

_LOOKED_AT = 2
_MOST_LIKED = 40


@dataclass(slots=True)
class Scene:
    """One turn's view of the shop; every read may raise ShopUnavailable."""

    turn: Turn
    tracked: Tracked
    view: ShopView
    wording: Wording
    _facts: ShopFacts | None = field(default=None, init=False)
    _customer: Customer | None = field(default=None, init=False)
    _customer_known: bool = field(default=False, init=False)
    _orders: Sequence[Order] | None = field(default=None, init=False)

    @property
    def zone(self) -> str:
        """The enterprise's time zone."""
        return self.turn.settings.hours.zone

    async def facts(self) -> ShopFacts:
        """Return rules and promotions as of the turn."""
        if self._facts is None:
            self._facts = await self.view.facts(at_us=self.turn.now_us, zone=self.zone)
        return self._facts

    async def catalogue(self) -> Catalogue:
        """Return the catalogue for names; prices are read with `view.products`."""
        return await self.view.catalogue(at_us=self.turn.now_us)

    async def customer(self) -> Customer | None:
        """Return who the customer is in the shop, None when the account is not linked."""
        if not self._customer_known:
            self._customer = await self.view.customer(self.turn.customer_id)
            self._customer_known = True
        return self._customer

    async def liked(self, *, among: Sequence[str]) -> dict[str, Liked]:
        """Return what of these goods fits what a known customer bought or just looked at, by product."""
        likings = await self.view.likings(at_us=self.turn.now_us)
        if likings is None:
            return {}
        customer = await self.customer()
        seen = self.turn.state.products[:_LOOKED_AT]
        found = likings.suggest(customer.customer_id if customer else "", liked=seen, most=_MOST_LIKED)
        return {one.product_id: one for one in found if one.product_id in among}

    async def orders(self) -> Sequence[Order]:
        """Return the customer's own orders, newest first; none when the account is not linked."""
        if self._orders is None:
            customer = await self.customer()
            self._orders = await self.view.shop.orders(customer_id=customer.customer_id) if customer else ()
        return self._orders
