"""Questions over the whole catalogue: how many there are, which is the dearest, what goes with what."""

from __future__ import annotations

from collections.abc import Sequence

from bot.decision import Evidence
from bot.dialogue.wish import Asked
from bot.gather.cards import card, cheapest, is_trial
from bot.gather.finding import Finding, Promise
from bot.gather.scene import Scene
from bot.replies.render import money
from bot.shop import Product, Variant
from knowledge_graph.model import Answer

# Wishes in whose words such a question may stand.
_INTENTS = frozenset(
    {"ask_price", "ask_stock", "ask_spec", "ask_taste", "ask_caffeine", "ask_recommendation", "compare_products"}
    | {"ask_brewing", "ask_origin", "ask_sample"}
)
_KINDS = frozenset({"superlative", "count", "fits", "path"})
_DEAREST, _CHEAPEST = "price most", "price least"
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
    if found.kind == "path" and found.status == "no_data" and _is_told(found):
        return await _no_partner(found, scene)
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
    if not _is_told(found):
        return None
    if "茶" in asked.wish.plain and not asked.groups:
        products = [product for product in products if "brew_temp_c" in product.attributes] or products
    if "order" in found.asked and found.kind in ("superlative", "path"):
        told = _ranked(found, products, dearest=found.asked["order"] == _DEAREST, scene=scene)
    else:
        told = _fitting(found, products, scene)
    return told if told is not None or found.kind != "path" else await _no_partner(found, scene)


def _is_told(found: Answer) -> bool:
    """Whether what is asked of the goods found is told here: their order by price; of partners price and stock."""
    order, wanted = found.asked.get("order"), found.asked.get("wanted", "").split("、")
    if found.kind == "superlative" or (found.kind == "path" and order is not None):
        return order in (_DEAREST, _CHEAPEST)
    return found.kind != "path" or not {"price", "stock"}.isdisjoint(wanted)


async def _no_partner(found: Answer, scene: Scene) -> Finding | None:
    """Say that nothing of the kind goes with a product, rather than tell the product's own price."""
    subject = found.asked.get("subjects", "").split("、")[0]
    product = next(iter(await scene.view.products([subject])), None)
    if product is None:
        return None
    evidence = Evidence("fact", f"fact:{subject}/goes_with", product.name, data={"asked": dict(found.asked)})
    text = scene.wording.say("survey.fits_none", name=product.name)
    return Finding("fact", f"fits_none:{subject}", text, evidence=(evidence,), grounds=(product.name,))


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
    paths = {row.node_id: list(row.path) for row in found.rows if row.path}
    facts = tuple(
        Evidence(
            "fact",
            f"fact:{variant.sku}/price",
            f"{product.name} {variant.label} {money(variant.price_fen)}",
            data={"at": product.source} | ({"path": path} if (path := paths.get(product.product_id)) else {}),
        )
        for product, variant in chosen
    )
    return Finding(
        reason="fact",
        key=f"survey:{found.kind}:{chosen[0][0].product_id}",
        act="recommend",
        text=text,
        evidence=(_evidence(found, text), *facts),
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
