"""A shop's catalogue as links: what its goods have in common, and what goes with what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.recommend.personal import GOES_WITH, Link
from bot.shop import Product

# Attributes that make somebody like another of the kind; a temperature or a year does not.
LIKED_FOR = ("taste", "fits", "roast", "caffeine", "season")


def shop_links(products: Iterable[Product]) -> Iterator[Link]:
    """Yield the links of products; a partner that is no product of the shop is left to the recommender to drop."""
    for product in products:
        yield Link(product.product_id, "category", product.category)
        if product.series:
            yield Link(product.product_id, "series", product.series)
        for name in LIKED_FOR:
            given = product.attributes.get(name) or ()
            for word in (given,) if isinstance(given, str) else given:
                yield Link(product.product_id, name, word)
        for partner in product.goes_with:
            yield Link(product.product_id, GOES_WITH, partner)
