"""A shop whose goods stand in the workspace's graph: what `kefu graph` makes live, the bot tells."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from bot.recommend.sales import Sale, SalesHistory
from bot.shop import (
    ActionName,
    ActionResult,
    Customer,
    FaqAnswer,
    Order,
    PolicyFact,
    Product,
    Promotion,
    Shop,
    Variant,
)
from kefu.base.clock import Clock
from kefu.base.errors import ConfigError
from knowledge_graph.folder import Entry, GraphFolder
from knowledge_graph.graph import KnowledgeGraph, Node

log = structlog.get_logger("kefu.graph_goods")
_OWN = frozenset({"category", "series", "description", "image", "url", "goes_with", "place"})
"""Predicates with a field of their own; what a place's name is taken from is told as the origin."""


_ADDRESS = ("https://", "http://", "/")


class WholeShop(Shop, SalesHistory, Protocol):
    """A shop that also tells what was bought."""


class GraphGoods:
    """Goods, prices and stock of the graph's live version as of now; without one, and for all else, the shop's own.

    Every read looks which version is live, so that a load, a changed price or a step back is told at once. A version
    that cannot be read is logged, and the one before goes on. A variant without a price or a stock is not told.
    Raises ShopUnavailable when the shop is down.
    """

    def __init__(self, shop: WholeShop, folder: GraphFolder, clock: Clock) -> None:
        self._shop = shop
        self._folder = folder
        self._clock = clock
        self._entry: Entry | None = None
        self._graph: KnowledgeGraph | None = None

    async def products(self) -> Sequence[Product]:
        """See Shop."""
        own = await self._shop.products()
        graph = await asyncio.to_thread(self._live)
        return own if graph is None else await asyncio.to_thread(lambda: self._read(graph, graph.nodes("product"), own))

    async def get_products(self, product_ids: Sequence[str]) -> Sequence[Product]:
        """See Shop."""
        own = await self._shop.get_products(product_ids)
        graph = await asyncio.to_thread(self._live)
        return own if graph is None else self._read(graph, product_ids, own)

    async def facts(self, *, at_us: int) -> Sequence[PolicyFact]:
        """See Shop."""
        return await self._shop.facts(at_us=at_us)

    async def promotions(self, *, at_us: int) -> Sequence[Promotion]:
        """See Shop."""
        return await self._shop.promotions(at_us=at_us)

    async def faq(self) -> Sequence[FaqAnswer]:
        """See Shop."""
        return await self._shop.faq()

    async def find_customer(self, *, account_id: int) -> Customer | None:
        """See Shop."""
        return await self._shop.find_customer(account_id=account_id)

    async def orders(self, *, customer_id: str, limit: int = 10) -> Sequence[Order]:
        """See Shop."""
        return await self._shop.orders(customer_id=customer_id, limit=limit)

    async def sales(self) -> Sequence[Sale]:
        """See SalesHistory."""
        return await self._shop.sales()

    async def find_order(self, *, order_id: str, customer_id: str | None) -> Order | None:
        """See Shop."""
        return await self._shop.find_order(order_id=order_id, customer_id=customer_id)

    async def act(self, name: ActionName, *, order_id: str, customer_id: str, key: str, note: str = "") -> ActionResult:
        """See Shop."""
        return await self._shop.act(name, order_id=order_id, customer_id=customer_id, key=key, note=note)

    def _live(self) -> KnowledgeGraph | None:
        """The live version, None when there is none or it speaks of other things than goods."""
        try:
            entries = self._folder.history()
            if not entries:
                self._entry = self._graph = None
            elif entries[-1] != self._entry:
                graph = self._folder.open(entries[-1])
                self._graph = graph if {"product", "variant"} <= graph.schema.kinds.keys() else None
                self._entry = entries[-1]
                log.info("graph.live", version=entries[-1].version, told=self._graph is not None)
        except ConfigError as error:
            log.warning("graph.unreadable", error=str(error))
        return self._graph

    def _read(self, graph: KnowledgeGraph, ids: Iterable[str], own: Sequence[Product]) -> list[Product]:
        now_us = self._clock.now_us()
        nodes = [graph.find_node(id) for id in ids]
        told = [_product(graph, node, now_us) for node in nodes if node is not None and node.kind == "product"]
        pages = {product.product_id: product for product in own}
        return [_with_pages(product, pages.get(product.product_id)) for product in told]


def _with_pages(product: Product, own: Product | None) -> Product:
    """A table names files; where picture and page really are, the shop knows."""
    image, url = [one if one.startswith(_ADDRESS) else "" for one in (product.image_url, product.url)]
    if own is not None:
        image, url = image or own.image_url, url or own.url
    return replace(product, image_url=image, url=url)


def _product(graph: KnowledgeGraph, node: Node, at_us: int) -> Product:
    said: dict[str, list[str]] = {}
    for fact in graph.facts(node.id, at_us=at_us):
        target = graph.find_node(str(fact.value)) if graph.schema.is_edge(fact.predicate) else None
        is_name = target is not None and fact.predicate != "goes_with"
        said.setdefault(fact.predicate, []).append(target.name if target and is_name else str(fact.value))
    fields = {predicate: field for field, predicate in graph.schema.by_field.items()}
    attributes: dict[str, str | tuple[str, ...]] = {
        fields.get(name, name): tuple(values) if graph.schema.predicates[name].many else values[0]
        for name, values in said.items()
        if name not in _OWN
    }
    one = {name: values[0] for name, values in said.items()}
    return Product(
        product_id=node.id,
        name=node.name,
        aliases=node.aliases,
        category=one.get("category", ""),
        series=one.get("series", ""),
        attributes=attributes,
        goes_with=tuple(said.get("goes_with", ())),
        description=one.get("description", ""),
        image_url=one.get("image", ""),
        url=one.get("url", ""),
        variants=_variants(graph, node.id, at_us),
        source=node.source,
    )


def _variants(graph: KnowledgeGraph, product_id: str, at_us: int) -> tuple[Variant, ...]:
    found: list[Variant] = []
    for sku in graph.subjects("product", product_id, at_us=at_us):
        said = {fact.predicate: fact.value for fact in graph.facts(sku, at_us=at_us)}
        price, stock = said.get("price"), said.get("stock")
        if isinstance(price, int) and isinstance(stock, int):
            label, weight = said.get("size"), said.get("weight", 0)
            node = graph.find_node(sku)
            name = str(label) if label is not None else node.name if node is not None else sku
            found.append(Variant(sku, product_id, name, price, stock, int(weight)))
    return tuple(found)
