"""Which sizes of a product a customer asks about."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.dialogue.amounts import Budget
from bot.dialogue.slots import find_amount
from bot.dialogue.wish import Asked
from bot.gather.colours import in_colour
from bot.shop import Product, Variant
from knowledge_graph.asking.sizes import meant


def pick_variants(product: Product, asked: Asked) -> tuple[list[Variant], bool]:
    """Return the variants that were asked for, and whether the words narrowed them."""
    amount, size, budget = (asked.slots.get(name) for name in ("amount", "size", "budget"))
    offered = _without(product.variants, asked.slots.get("size_apart", ""))
    if sku := asked.slots.get("size_sku"):
        fitting = [variant for variant in product.variants if variant.sku == sku]
        if fitting:
            return fitting, True
    if (colour := asked.slots.get("colour")) and (fitting := in_colour(offered, colour)):
        return fitting, True
    if amount:
        fitting = [variant for variant in offered if _holds(variant, amount)]
        if fitting:
            return fitting, True
    if size and offered:
        keyed: dict[str, Callable[[], Variant]] = {
            "largest": lambda: max(offered, key=lambda v: (v.weight_g, v.price_fen)),
            "smallest": lambda: min(offered, key=lambda v: (v.weight_g, v.price_fen)),
            "dearest": lambda: max(offered, key=lambda v: v.price_fen),
            "cheapest": lambda: min(offered, key=lambda v: v.price_fen),
        }
        if size in keyed:
            return [keyed[size]()], True
    if budget:
        wanted = Budget.from_text(budget)
        fitting = [variant for variant in offered if wanted.holds(variant.price_fen)]
        if fitting:
            return fitting, True
    return offered, len(offered) < len(product.variants)


def _holds(variant: Variant, amount: str) -> bool:
    """Whether the label names an amount: 50g, which 250g is not."""
    return re.search(rf"(?<![\d.]){re.escape(amount)}", variant.label.replace(" ", "")) is not None


def _without(variants: Sequence[Variant], apart: str) -> list[Variant]:
    """All sizes but those that the words mean; all where they mean none, or every one."""
    amount = find_amount(apart)
    unwanted = {variant.sku for variant in variants if amount is not None and _holds(variant, amount)}
    unwanted = unwanted or set(meant(apart, {variant.sku: variant.label for variant in variants}) or ())
    return [variant for variant in variants if variant.sku not in unwanted] or list(variants)
