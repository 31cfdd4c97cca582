"""Ask which of several goods is meant that fit one name."""

from __future__ import annotations

from collections.abc import Sequence

from bot.decision import Evidence
from bot.dialogue.state import Choice, Pending
from bot.dialogue.wish import Asked
from bot.gather.cards import card, cheapest, variant_words
from bot.gather.finding import Finding, Promise
from bot.gather.scene import Scene
from bot.replies.render import money
from bot.shop import Product

_MOST_CHOICES = 3


def ask(asked: Asked, products: Sequence[Product], scene: Scene) -> Finding:
    """Return the question with at most three goods and their cards; who asked what they cost reads the prices."""
    offered = products[:_MOST_CHOICES]
    choices = tuple(
        Choice(product.name, product.name, intent=asked.intent, product=product.product_id) for product in offered
    )
    english = "english" in scene.tracked.cues
    text = scene.wording.say("ask.which_product_en" if english else "ask.which_product")
    promises: list[Promise] = []
    grounds = [product.name for product in offered]
    if asked.intent == "ask_price":
        for product in offered:
            variant = cheapest(product)
            if variant is None:
                continue
            price = money(variant.price_fen)
            text += f"\n{product.name}{': ' if english else ' '}{variant_words(variant)}"
            promises.append(
                Promise("price", f"{variant.sku}/price", str(scene.turn.now_us), str(variant.price_fen), price)
            )
            grounds += [variant.label, price]
    return Finding(
        reason="products_close",
        key=f"which_product:{','.join(product.product_id for product in offered)}",
        act="clarify",
        text=text,
        choices=choices,
        pending=Pending("product", intent=asked.intent, choices=choices),
        evidence=tuple(
            Evidence("fact", f"fact:{product.product_id}/name", product.name, data={"at": product.source})
            for product in offered
        ),
        promises=tuple(promises),
        grounds=tuple(grounds),
        cards=tuple(card(product) for product in offered),
        slots=dict(asked.slots),
    )
