"""The catalogues that the messenger checks cards against: the last that a shop told, and nothing invented."""

from __future__ import annotations

from typing import Any, cast

from bot.shop import Product, Shop, ShopUnavailable, Variant
from kefu.catalogues import Catalogues


def product(product_id: str, *prices: int) -> Product:
    variants = tuple(Variant(f"{product_id}-{n}", product_id, "", price, 1, 1) for n, price in enumerate(prices))
    return Product(product_id, "茶", (), "", "", {}, (), "", "", "", variants, "")


class Fake:
    def __init__(self) -> None:
        self.goods: list[Product] | None = [product("A", 100, 200)]

    async def products(self) -> list[Product]:
        if self.goods is None:
            raise ShopUnavailable("down")
        return self.goods


async def test_a_shop_that_is_down_keeps_the_last_catalogue_and_what_was_just_read_is_taken_over() -> None:
    shop = Fake()
    catalogues = Catalogues(lambda enterprise_id: cast("Shop", shop) if enterprise_id == 1 else None)
    assert catalogues.find(1) is None, "before it was read nothing is known"
    await catalogues.read(1)
    await catalogues.read(2)
    assert (catalogues.find(1), catalogues.find(2)) == ({"A": frozenset({100, 200})}, None)
    shop.goods = None
    await catalogues.read(1)
    catalogues.note(1, [product("B", 300)])
    catalogues.note(2, [product("B", 300)])
    found: Any = catalogues.find(1)
    assert (found, catalogues.find(2)) == ({"A": frozenset({100, 200}), "B": frozenset({300})}, None)
    await catalogues.close()
