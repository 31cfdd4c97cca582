"""A shop's catalogue, rules and promotions as records; whoever has these fields can hand them in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import rjieba

from knowledge_graph.model import Value
from knowledge_graph.records import FactRecord, NodeRecord, Record
from knowledge_graph.schema import Schema

_NET = re.compile(r"(\d+(?:\.\d+)?)\s*(kg|千克|公斤|g|克|ml|毫升|l|升)(?![a-z])", re.IGNORECASE)
_GRAMS = {"kg": 1000, "千克": 1000, "公斤": 1000, "g": 1, "克": 1}
_PLACE_BREAK = re.compile("[配与和、，]|引种|产区|正岩|烘烤|炒制")


class VariantRow(Protocol):
    """One size of a product; money in fen, weight in grams."""

    @property
    def sku(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def price_fen(self) -> int: ...
    @property
    def stock(self) -> int: ...
    @property
    def weight_g(self) -> int: ...


class ProductRow(Protocol):
    """A product; `attributes` by the shop's own names, `source` says where it stands."""

    @property
    def product_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> Sequence[str]: ...
    @property
    def category(self) -> str: ...
    @property
    def series(self) -> str: ...
    @property
    def attributes(self) -> Mapping[str, str | tuple[str, ...]]: ...
    @property
    def goes_with(self) -> Sequence[str]: ...
    @property
    def description(self) -> str: ...
    @property
    def image_url(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def variants(self) -> Sequence[VariantRow]: ...
    @property
    def source(self) -> str: ...


class RuleRow(Protocol):
    """A number or word of the shop's rules, valid in [valid_from_us, valid_to_us)."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def value(self) -> int | float | str | tuple[str, ...]: ...
    @property
    def unit(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def valid_from_us(self) -> int: ...
    @property
    def valid_to_us(self) -> int | None: ...


class PromotionRow(Protocol):
    """A promotion, valid in [valid_from_us, valid_to_us)."""

    @property
    def promotion_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def facts(self) -> Sequence[RuleRow]: ...
    @property
    def valid_from_us(self) -> int: ...
    @property
    def valid_to_us(self) -> int: ...


def shop_records(
    products: Iterable[ProductRow],
    rules: Iterable[RuleRow] = (),
    promotions: Iterable[PromotionRow] = (),
    *,
    schema: Schema,
) -> Iterator[Record]:
    """Yield the records of a shop; an attribute that the schema does not know is left to the builder to refuse."""
    for product in products:
        yield from product_records(product, schema=schema)
    seen: set[str] = set()
    for rule in rules:
        yield from _rule_records(rule, seen)
    for promotion in promotions:
        yield from _promotion_records(promotion)
        for rule in promotion.facts:
            yield from _rule_records(rule, seen)


def product_records(product: ProductRow, *, schema: Schema) -> Iterator[Record]:
    """Yield a product with its variants."""
    id, source = product.product_id, product.source
    yield NodeRecord(id, "product", product.name, tuple(product.aliases), source)
    yield FactRecord(id, "category", product.category, source)
    for name, text in (
        ("series", product.series),
        ("description", product.description),
        ("image", product.image_url),
        ("url", product.url),
    ):
        if text:
            yield FactRecord(id, name, text, source)
    for partner in product.goes_with:
        yield FactRecord(id, "goes_with", partner, source)
    for field, given in product.attributes.items():
        predicate = schema.by_field.get(field, field)
        for text in (given,) if isinstance(given, str) else given:
            if text:
                yield FactRecord(id, predicate, _typed(text, predicate, schema), source)
        if predicate == "origin" and isinstance(given, str):
            for place in places(given):
                yield FactRecord(id, "place", place, source)
    for variant in product.variants:
        yield from variant_records(product, variant)


def variant_records(product: ProductRow, variant: VariantRow) -> Iterator[Record]:
    """Yield one size of a product; its net weight is what its label says."""
    source = product.source
    yield NodeRecord(variant.sku, "variant", f"{product.name} {variant.label}", (), source)
    yield FactRecord(variant.sku, "product", product.product_id, source)
    yield FactRecord(variant.sku, "size", variant.label, source)
    yield FactRecord(variant.sku, "price", variant.price_fen, source)
    yield FactRecord(variant.sku, "stock", variant.stock, source)
    yield FactRecord(variant.sku, "weight", variant.weight_g, source)
    net = net_grams(variant.label)
    if net is not None:
        yield FactRecord(variant.sku, "net", net, source)


def net_grams(label: str) -> int | None:
    """The grams that a label states: `100g 罐装` is 100; None when it states none, or several."""
    found = {
        round(float(number) * _GRAMS[unit.lower()]) for number, unit in _NET.findall(label) if unit.lower() in _GRAMS
    }
    return found.pop() if len(found) == 1 else None


def places(origin: str) -> tuple[str, ...]:
    """The names of places in an origin: `福建武夷山桐木` holds 福建, 武夷山 and 桐木."""
    words = [word for part in _PLACE_BREAK.split(origin) for word in rjieba.cut(part)]
    # 湖南岳阳 is one word of the dictionary, and two places.
    halves = [half for word in words if len(word) == 4 for half in (word[:2], word[2:])]
    return tuple(dict.fromkeys(word for word in (*words, *halves) if len(word) > 1))


def _typed(text: str, predicate: str, schema: Schema) -> Value:
    rule = schema.predicates.get(predicate)
    if rule is not None and rule.unit in ("year", "celsius", "s", "g", "count", "fen") and text.lstrip("-").isdecimal():
        return int(text)
    return text


def _rule_records(rule: RuleRow, seen: set[str]) -> Iterator[Record]:
    if rule.name not in seen:
        seen.add(rule.name)
        yield NodeRecord(rule.name, "policy", rule.label, (), rule.source)
    for value in rule.value if isinstance(rule.value, tuple) else (rule.value,):
        yield FactRecord(rule.name, "value", value, rule.source, rule.valid_from_us, rule.valid_to_us, rule.unit)


def _promotion_records(promotion: PromotionRow) -> Iterator[Record]:
    id, source = promotion.promotion_id, f"promotion:{promotion.promotion_id}"
    start, end = promotion.valid_from_us, promotion.valid_to_us
    yield NodeRecord(id, "promotion", promotion.name, (), source)
    yield FactRecord(id, "text", promotion.text, source, start, end)
    yield FactRecord(id, "starts", start, source)
    yield FactRecord(id, "ends", end, source)
