"""Goods in a colour: which sizes have it, which goods do when none was named, and what there is instead."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.decision import Evidence
from bot.dialogue.wish import Asked
from bot.gather.finding import Finding, Promise
from bot.gather.scene import Scene
from bot.shop import Product, Variant

# A blank-parted word of a size's label that is a colour: 黛蓝, 米白, 黑色.
_COLOUR = re.compile("[\u4e00-\u9fff]{0,3}[红橙黄绿青蓝紫黑白灰粉棕褐金银]色?")
_MOST = 3


def colour_of(variant: Variant) -> str | None:
    """Return the colour in a variant's label, None when it has none."""
    return next((word for word in variant.label.split() if _COLOUR.fullmatch(word)), None)


def in_colour(variants: Sequence[Variant], wanted: str) -> list[Variant]:
    """Return the variants in a colour; a plain one also means its shades (蓝: 黛蓝)."""
    plain = wanted.removesuffix("色")
    return [
        variant
        for variant in variants
        if (colour := colour_of(variant)) is not None
        and (colour.removesuffix("色") == plain or (len(plain) == 1 and plain in colour))
    ]


async def answer(asked: Asked, scene: Scene) -> Finding | None:
    """Say which goods, of the groups named or of all, come in the colour asked for, or that none do and which colours
    there are; None when no goods differ by colour.
    """
    wanted = asked.slots["colour"]
    catalogue = await scene.catalogue()
    among = [product for group in asked.groups for product in catalogue.members(group)] or catalogue.products
    coloured = [product.product_id for product in among if any(map(colour_of, product.variants))]
    products = await scene.view.products(coloured)
    if not products:
        return None
    fitting = [(product, variants) for product in products if (variants := in_colour(product.variants, wanted))][:_MOST]
    if not fitting:
        names = "、".join(f"{product.name}（{_colours(product)}）" for product in products[:_MOST])
        text = scene.wording.say("goods.colour_none", colour=wanted.removesuffix("色"), names=names)
        return _finding(products[:_MOST], [], text, wanted, scene)
    lines = [f"{product.name}（{'、'.join(_with_stock(one) for one in variants)}）" for product, variants in fitting]
    told = [variant for _, variants in fitting for variant in variants]
    text = scene.wording.say("goods.colour_some", colour=wanted.removesuffix("色"), names="、".join(lines))
    return _finding([product for product, _ in fitting], told, text, wanted, scene)


def _with_stock(variant: Variant) -> str:
    return variant.label if variant.stock > 0 else f"{variant.label}，暂时缺货"


def _colours(product: Product) -> str:
    return "、".join(dict.fromkeys(colour for one in product.variants if (colour := colour_of(one))))


def _finding(products: Sequence[Product], told: Sequence[Variant], text: str, wanted: str, scene: Scene) -> Finding:
    version = str(scene.turn.now_us)
    return Finding(
        reason="fact",
        key=f"colour:{wanted}",
        text=text,
        evidence=tuple(
            Evidence(
                "fact",
                f"fact:{product.product_id}/colour",
                "；".join(f"{one.label} 库存{one.stock}" for one in product.variants),
                data={"at": product.source},
            )
            for product in products
        ),
        promises=tuple(Promise("stock", f"{one.sku}/stock", version, str(one.stock), one.label) for one in told),
        grounds=(*(product.name for product in products), *(v.label for p in products for v in p.variants)),
        products=tuple(product.product_id for product in products),
    )
