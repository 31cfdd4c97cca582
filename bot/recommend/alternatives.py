"""When a product is out of stock: what comes nearest to it, and in what that differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.shop import Product, Variant

# What makes two goods alike; the rest is told, not counted.
_WEIGHTS = {"taste": 2.0, "fits": 1.0, "origin": 1.0, "roast": 1.0, "season": 0.5, "caffeine": 0.5}
_CATEGORY, _SERIES, _PRICE = 3.0, 0.5, 2.0


@dataclass(frozen=True, slots=True)
class Difference:
    """An attribute in which the alternative is another: `price` in fen, all others in the shop's words."""

    name: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """A product in stock, what it has in common with the one that was wanted (`shared`), and where it differs."""

    product: Product
    variant: Variant
    shared: tuple[str, ...]
    differences: tuple[Difference, ...]
    score: float


def alternatives(wanted: Product, products: Iterable[Product], *, label: str = "", most: int = 2) -> list[Alternative]:
    """Return the products in stock nearest to `wanted`, nearest first; `label` is the size that was asked for.

    Of another category nothing is near: who wants a tea is not offered a cup.
    """
    found: list[Alternative] = []
    for product in products:
        if product.product_id == wanted.product_id or product.category != wanted.category:
            continue
        variant = _like(product, label)
        if variant is not None:
            found.append(_compared(wanted, product, variant, label))
    found.sort(key=lambda one: (-one.score, one.product.product_id))
    return found[:most]


def _like(product: Product, label: str) -> Variant | None:
    there = [variant for variant in product.variants if variant.stock > 0]
    same = [variant for variant in there if label and variant.label == label]
    full = [variant for variant in there if "试饮" not in variant.label]
    return min(same or full or there, key=lambda variant: variant.price_fen, default=None)


def _compared(wanted: Product, product: Product, variant: Variant, label: str) -> Alternative:
    score, shared = _CATEGORY, [product.category]
    differences: list[Difference] = []
    if wanted.series and wanted.series == product.series:
        score += _SERIES
    for name, weight in _WEIGHTS.items():
        here, there = _words(wanted, name), _words(product, name)
        both = [word for word in there if word in here]
        if here or there:
            score += weight * len(both) / max(len({*here, *there}), 1)
        if name == "taste":
            shared += both
        if name in ("taste", "origin") and here and there and here != there:
            differences.append(Difference(name, "、".join(here), "、".join(there)))
    asked = next((one for one in wanted.variants if one.label == label), None) or min(
        wanted.variants, key=lambda one: one.price_fen, default=None
    )
    if asked is not None:
        ratio = min(asked.price_fen, variant.price_fen) / max(asked.price_fen, variant.price_fen, 1)
        score += _PRICE * ratio
        if asked.price_fen != variant.price_fen:
            differences.append(Difference("price", str(asked.price_fen), str(variant.price_fen)))
    return Alternative(product, variant, tuple(shared), tuple(differences), score)


def _words(product: Product, name: str) -> Sequence[str]:
    value = product.attributes.get(name)
    return value if isinstance(value, tuple) else (value,) if value else ()
