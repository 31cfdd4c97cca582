"""A shop's own system as a feed: its products, variants, prices and stock as they are now, through the Shop port."""

from __future__ import annotations

import asyncio
import pkgutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from kefu.base.errors import ConfigError
from knowledge_graph.catalogue import ProductRow, product_records
from knowledge_graph.records import NodeRecord, Problem, Record
from knowledge_graph.schema import Schema

_TIMEOUT_S = 120.0


class CatalogueShop(Protocol):
    """What a feed needs of the Shop port."""

    async def products(self) -> Sequence[ProductRow]:
        """Return the whole catalogue with present prices and stock."""
        ...


OpenShop = Callable[[], AbstractAsyncContextManager[CatalogueShop]]


@dataclass(frozen=True, slots=True)
class ShopFeed:
    """A shop, opened anew for every reading; `name` is for people."""

    name: str
    open: OpenShop

    kinds: ClassVar = ("product", "variant")
    """What a shop tells all of."""

    def records(self, schema: Schema) -> Iterator[Record | Problem]:
        """Yield the catalogue's records; a product that names no source is `shop:3`, the third that the shop told.

        Raises ConfigError when the shop does not answer.
        """
        told: set[str] = set()
        for number, product in enumerate(asyncio.run(self._products()), start=1):
            yield from _checked(product, f"shop:{number}", schema, told)

    async def _products(self) -> Sequence[ProductRow]:
        try:
            async with asyncio.timeout(_TIMEOUT_S), self.open() as shop:
                return list(await shop.products())
        except ConfigError:
            raise
        except Exception as error:  # a shop is a plug-in and may raise anything
            raise ConfigError(f"{self.name}: 店铺没有应答（{error!r}） · the shop does not answer") from error


def named_shop(name: str) -> OpenShop:
    """Return how to open the shop of an import path `module:factory`.

    The factory is called without arguments; it returns the shop, or an async context manager that gives it and closes
    it afterwards. Raises ConfigError when the path leads to nothing that can be called.
    """
    try:
        factory = pkgutil.resolve_name(name) if ":" in name else None
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"--shop {name}: 导入不了（{error}） · cannot be imported") from error
    if not callable(factory):
        raise ConfigError(f"--shop {name}: 应是 模块:工厂函数，如 myshop.port:open_shop · must be module:factory")

    @asynccontextmanager
    async def opened() -> AsyncIterator[CatalogueShop]:
        made = factory()
        if isinstance(made, AbstractAsyncContextManager):
            async with made as shop:
                yield shop
        else:
            yield made

    return opened


def _checked(product: ProductRow, place: str, schema: Schema, told: set[str]) -> Iterator[Record | Problem]:
    try:
        records = list(product_records(product, schema=schema))
    except (AttributeError, TypeError) as error:
        yield Problem(place, "bad_product", f"不是店铺接口的商品（{error}） · not a product of the Shop port")
        return
    for record in records:
        source = record.source or place
        if isinstance(record, NodeRecord):
            if record.id in told:
                yield Problem(source, "duplicate_id", f"编号 {record.id!r} 出现两次 · the id is used twice")
                return
            told.add(record.id)
        yield replace(record, source=source)
