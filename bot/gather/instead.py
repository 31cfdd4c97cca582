"""What is offered instead of goods that are out of stock: the nearest ones, with what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.decision import Evidence
from bot.dialogue.wish import Asked
from bot.gather.cards import card
from bot.gather.finding import Finding, Promise
from bot.gather.scene import Scene
from bot.gather.sizes import pick_variants
from bot.recommend.alternatives import Alternative, alternatives
from bot.replies.render import money
from bot.shop import Product

_INTENTS = frozenset({"ask_stock", "ask_price", "how_to_order"})
_MOST = 2


async def with_alternatives(found: Finding, asked: Asked, products: Sequence[Product], scene: Scene) -> Finding:
    """Add the nearest goods in stock when all that was asked for is sold out; else the finding as it is."""
    if asked.intent not in _INTENTS or len(products) != 1 or "english" in scene.tracked.cues:
        return found
    wanted = products[0]
    variants, _ = pick_variants(wanted, asked)
    if not variants or any(variant.stock > 0 for variant in wanted.variants):
        return found
    catalogue = await scene.catalogue()
    near = [one.product_id for one in catalogue.members(wanted.category) if one.product_id != wanted.product_id]
    label = variants[0].label if len(variants) == 1 else ""
    offered = alternatives(wanted, await scene.view.products(near), label=label, most=_MOST)
    if not offered:
        return found
    version = str(scene.turn.now_us)
    lines = [_told(one) for one in offered]
    return replace(
        found,
        text=f"{found.text}\n{scene.wording.say('goods.instead')}\n" + "\n".join(lines),
        evidence=(
            *found.evidence,
            *(
                Evidence("recommendation", f"fact:{one.product.product_id}/instead", line)
                for one, line in zip(offered, lines, strict=True)
            ),
        ),
        promises=(*found.promises, *(_promise(one, version) for one in offered)),
        grounds=(*found.grounds, *lines),
        cards=(*found.cards, *(card(one.product, variant=one.variant) for one in offered)),
    )


def _promise(one: Alternative, version: str) -> Promise:
    price = one.variant.price_fen
    return Promise("price", f"{one.variant.sku}/price", version, str(price), money(price))


def _told(one: Alternative) -> str:
    shared = "、".join(dict.fromkeys(one.shared))
    words = {"origin": "产地是", "taste": "口感"}
    differs = [f"{words[d.name]}{d.there}" for d in one.differences if d.name in words]
    price = next((d for d in one.differences if d.name == "price"), None)
    if price is not None:
        differs.append(f"价格比{money(int(price.here))}{'高' if int(price.there) > int(price.here) else '低'}")
    told = f"{one.product.name}（{one.variant.label} {money(one.variant.price_fen)}）：同是{shared}"
    return f"{told}；不同的是{'，'.join(differs)}" if differs else told
