"""How goods are shown: the body of a product card, the size whose price stands on it, a size in words."""

from __future__ import annotations

from typing import Any

from bot.replies.render import money
from bot.shop import Product, Variant


def card(product: Product, *, note: str = "", variant: Variant | None = None) -> dict[str, Any]:
    """Return the body of a product card with the least price in stock (or of the variant)."""
    shown = variant or cheapest(product)
    body: dict[str, Any] = {"product_id": product.product_id, "title": product.name}
    if shown is not None:
        body["price_fen"] = shown.price_fen
    if product.image_url:
        body["image_url"] = product.image_url
    if product.url:
        body["url"] = product.url
    if note:
        body["note"] = note[:500]
    return body


def cheapest(product: Product) -> Variant | None:
    """Return the cheapest full-size variant in stock, else the cheapest of all."""
    in_stock = [variant for variant in product.variants if variant.stock > 0]
    full = [variant for variant in in_stock if not is_trial(variant)]
    return min(full or in_stock or product.variants, key=lambda variant: variant.price_fen, default=None)


def is_trial(variant: Variant) -> bool:
    """Whether a variant is a small pack to try."""
    return "试饮" in variant.label


def variant_words(variant: Variant, *, stock: bool = True) -> str:
    """Write a variant with its price, and that it is sold out when it is."""
    words = f"{variant.label} {money(variant.price_fen)}"
    return f"{words}（缺货）" if stock and variant.stock <= 0 else words
