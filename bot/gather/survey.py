"""Questions over the whole catalogue: how many there are, which is the dearest, what goes with what."""

from __future__ import annotations

from collections.abc import Sequence

from bot.decision import Evidence
from bot.dialogue.wish import Asked
from bot.gather.finding import Finding, Promise
from bot.gather.goods import card, cheapest, is_trial
from bot.gather.scene import Scene
from bot.replies.render import money
from bot.shop import Product, Variant
from knowledge_graph.model import Answer

# Wishes in whose words such a question may stand.
_INTENTS = frozenset(
    {"ask_price", "ask_stock", "ask_spec", "ask_taste", "ask_caffeine", "ask_recommendation", "compare_products"}
    | {"ask_brewing", "ask_origin", "ask_sample"}
)
_KINDS = frozenset({"superlative", "count", "fits"})
_UNSURE = 0.5
_MOST = 3


async def answer(asked: Asked, scene: Scene) -> Finding | None:
    """Answer from the graph, with prices read afresh; None when the words are no such question or it has no answer.

    When the intent is unsure, a plain list (黑茶有哪几款) is answered too.
    """
    if "cheaper" in asked.slots:
        return None  # than what was shown, not of all that there is
    unsure = asked.confidence < _UNSURE
    if asked.intent not in _INTENTS and not unsure:
        return None
    catalogue = await scene.catalogue()
    found = catalogue.ask(asked.wish.plain, at_us=scene.turn.now_us, focus=scene.tracked.state.products[:1])
    listed = (unsure or asked.intent == "ask_origin") and found.kind == "filter" and bool(asked.groups)
    if found.status != "answered" or not found.rows or not (found.kind in _KINDS or listed):
        return None
    products = await _present(found, scene)
    if found.kind == "superlative" and asked.products:
        return None  # which of these two is dearer, not which of all
    if not products or (found.kind == "superlative" and found.total > len(found.rows)):
        return None  # of what is not seen whole, no extreme can be told
    if found.kind == "count" or listed:
        return _counted(found, products, scene)
    order = found.asked.get("order", "")
    if found.kind == "superlative" and order not in ("price most", "price least"):
        return None
    if "茶" in asked.wish.plain and not asked.groups:
        products = [product for product in products if "brew_temp_c" in product.attributes] or products
    if found.kind == "superlative":
        return _ranked(found, products, dearest=order.endswith("most"), scene=scene)
    return _fitting(found, products, scene)


async def _present(found: Answer, scene: Scene) -> list[Product]:
    ids = [row.node_id for row in found.rows]
    fresh = {product.product_id: product for product in await scene.view.products(ids)}
    return [fresh[product_id] for product_id in ids if product_id in fresh]


def _counted(found: Answer, products: Sequence[Product], scene: Scene) -> Finding:
    count = f"{found.total}款"
    names = "、".join(product.name for product in products[:_MOST])
    return Finding(
        reason="fact",
        key=f"count:{found.asked.get('include', '')}",
        text=scene.wording.say("survey.count", count=count, names=names),
        evidence=(_evidence(found, count),),
        grounds=(count, names),
        products=tuple(product.product_id for product in products[:_MOST]),
    )


def _ranked(found: Answer, products: Sequence[Product], *, dearest: bool, scene: Scene) -> Finding | None:
    chosen = [(product, variant) for product in products if (variant := _extreme(product, dearest=dearest))]
    chosen.sort(key=lambda pair: pair[1].price_fen, reverse=dearest)
    if not chosen:
        return None
    words = [f"{product.name}（{variant.label} {money(variant.price_fen)}）" for product, variant in chosen[:_MOST]]
    key = "survey.dearest" if dearest else "survey.cheapest"
    return _with_cards(found, chosen[:_MOST], scene.wording.say(key, names="、".join(words)), scene)


def _fitting(found: Answer, products: Sequence[Product], scene: Scene) -> Finding | None:
    chosen = [
        (product, variant) for product in products if (variant := cheapest(product)) is not None and variant.stock > 0
    ]
    if not chosen:
        return None
    words = [f"{product.name}（{variant.label} {money(variant.price_fen)}）" for product, variant in chosen[:_MOST]]
    return _with_cards(found, chosen[:_MOST], scene.wording.say("survey.fits", names="、".join(words)), scene)


def _with_cards(found: Answer, chosen: Sequence[tuple[Product, Variant]], text: str, scene: Scene) -> Finding:
    version = str(scene.turn.now_us)
    return Finding(
        reason="fact",
        key=f"survey:{found.kind}:{chosen[0][0].product_id}",
        act="recommend",
        text=text,
        evidence=(_evidence(found, text),),
        promises=tuple(
            Promise("price", f"{variant.sku}/price", version, str(variant.price_fen), money(variant.price_fen))
            for _, variant in chosen
        ),
        grounds=tuple(
            ground for product, variant in chosen for ground in (product.name, variant.label, money(variant.price_fen))
        ),
        cards=tuple(card(product, variant=variant) for product, variant in chosen),
        products=tuple(product.product_id for product, _ in chosen),
    )


def _extreme(product: Product, *, dearest: bool) -> Variant | None:
    there = [variant for variant in product.variants if variant.stock > 0 and not is_trial(variant)]
    return (max if dearest else min)(there, key=lambda variant: variant.price_fen, default=None)


def _evidence(found: Answer, text: str) -> Evidence:
    source = f"fact:{found.rows[0].node_id}/{found.kind}"
    return Evidence("fact", source, text, data={"asked": dict(found.asked), "graph": found.version})
