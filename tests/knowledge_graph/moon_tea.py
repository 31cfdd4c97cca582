"""Moon Tea's catalogue as plain rows, straight from the demo's tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from io import StringIO

from knowledge_graph.catalogue import shop_records
from knowledge_graph.graph import KnowledgeGraph, graph_of
from knowledge_graph.schema import packed_schema

DAY_US = 86_400_000_000
NOW_US = 1_795_334_400_000_000  # 2026-11-22T08:00:00Z


@dataclass(frozen=True, slots=True)
class VariantRow:
    sku: str
    label: str
    price_fen: int
    stock: int
    weight_g: int


@dataclass(frozen=True, slots=True)
class ProductRow:
    product_id: str
    name: str
    aliases: tuple[str, ...] = ()
    category: str = "红茶"
    series: str = ""
    attributes: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    goes_with: tuple[str, ...] = ()
    description: str = ""
    image_url: str = ""
    url: str = ""
    variants: tuple[VariantRow, ...] = ()
    source: str = "products.csv:2"


@dataclass(frozen=True, slots=True)
class RuleRow:
    name: str
    label: str
    value: int | float | str | tuple[str, ...]
    unit: str
    source: str
    valid_from_us: int
    valid_to_us: int | None


@dataclass(frozen=True, slots=True)
class PromotionRow:
    promotion_id: str
    name: str
    text: str
    facts: tuple[RuleRow, ...]
    valid_from_us: int
    valid_to_us: int


RULES = (
    RuleRow("shipping_fee_fen", "普通地区运费", 800, "fen", "policies.yaml:60", NOW_US - 300 * DAY_US, None),
    RuleRow(
        "payment_methods", "支付方式", ("微信支付", "支付宝"), "list", "policies.yaml:90", NOW_US - 300 * DAY_US, None
    ),
)
PROMOTIONS = (
    PromotionRow("double11", "双11满月茶香", "全店每满300元减50元", (), NOW_US - 23 * DAY_US, NOW_US - 11 * DAY_US),
    PromotionRow("warm_winter", "暖冬焙茶季", "红茶满199元减30元", (), NOW_US - 4 * DAY_US, NOW_US + 13 * DAY_US),
)


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of the demo's tables."""
    text = resources.files("kefu.demo").joinpath("shop_data", f"{name}.csv").read_text("utf-8")
    yield from csv.DictReader(StringIO(text))


def _several(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def products() -> list[ProductRow]:
    """The whole catalogue."""
    variants: dict[str, list[VariantRow]] = {}
    for row in rows("variants"):
        one = VariantRow(row["sku"], row["label"], int(row["price_fen"]), int(row["stock"]), int(row["weight_g"]))
        variants.setdefault(row["product_id"], []).append(one)
    found = []
    for line, row in enumerate(rows("products"), start=2):
        single = ("origin", "year", "season", "roast", "caffeine", "brew_temp_c", "brew_seconds")
        attributes: dict[str, str | tuple[str, ...]] = {name: row[name] for name in single if row[name]}
        attributes |= {name: _several(row[name]) for name in ("taste", "fits")}
        found.append(
            ProductRow(
                row["product_id"], row["name"], _several(row["aliases"]), row["category"], row["series"], attributes,
                _several(row["goes_with"]), row["description"], row["image"], "", tuple(variants[row["product_id"]]),
                f"products.csv:{line}",
            )
        )  # fmt: skip
    return found


def moon_tea() -> KnowledgeGraph:
    """The demo shop's graph."""
    schema = packed_schema("retail")
    return graph_of(shop_records(products(), RULES, PROMOTIONS, schema=schema), schema)
