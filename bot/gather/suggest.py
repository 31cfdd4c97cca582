"""Recommendations as answers: at most two questions back, then up to three products with their reasons."""

from __future__ import annotations

from dataclasses import replace

from bot.decision import Evidence
from bot.dialogue.amounts import Budget
from bot.dialogue.state import Choice, Pending
from bot.dialogue.wish import Asked
from bot.gather.cards import card, cheapest
from bot.gather.finding import Finding, Promise
from bot.gather.goods import pick_one
from bot.gather.scene import Scene
from bot.recommend.recommend import MOST, Suggestion, Want, known_wishes, recommend
from bot.recommend.words import reason as own_reason
from bot.replies.render import money
from bot.shop import Product
from bot.understanding.normalise import normalise

INTENTS = frozenset({"ask_recommendation", "ask_recommendation_gift"})
_MOST_QUESTIONS = 2


async def answer(asked: Asked, scene: Scene) -> Finding | None:
    """Recommend, or ask for whom or which taste when nothing is known yet."""
    if asked.intent not in INTENTS:
        return None
    gift = asked.intent == "ask_recommendation_gift" or "送" in asked.wish.plain
    slots = {**scene.tracked.state.slots, **asked.slots}
    groups = asked.groups or ((slots["group"],) if "group" in slots else ())
    want = Want(asked.wish.plain, slots, groups, gift)
    fits, tastes = known_wishes(want)
    open_question = not (fits or tastes or want.groups or want.budget)
    may_ask = scene.turn.state.back_questions < _MOST_QUESTIONS
    if open_question and may_ask and gift:
        return _ask_back(asked, scene, gift=True)
    if open_question:
        want = replace(want, text=f"{want.text} 新手")  # nothing known: what nobody finds difficult
    if "cheaper" in slots:
        want = await _below_what_was_shown(want, scene)
    catalogue = await scene.catalogue()
    pool: list[Product] = []
    for group in want.groups:
        pool.extend(product for product in catalogue.members(group) if product not in pool)
    shown = scene.turn.state.products if "another" in asked.slots else ()
    ids = [product.product_id for product in (pool or catalogue.products) if product.product_id not in shown]
    fresh = await scene.view.products(ids)
    found = recommend(fresh, want, liked=await scene.liked(among=ids))
    if not found and "cheaper" in slots:
        shown_last = await scene.view.products(scene.turn.state.shown)
        return pick_one(shown_last, replace(asked, intent="ask_price"), scene, key="none_cheaper")
    if not found:
        return _nothing(want, scene)
    told = _told(found, want, scene)
    if not (open_question and may_ask):
        return told
    back = _ask_back(asked, scene, gift=False)
    return replace(told, text=f"{told.text}\n{back.text}", choices=back.choices, pending=back.pending)


async def _below_what_was_shown(want: Want, scene: Scene) -> Want:
    """Return the wish with a budget under the least price of the goods shown last."""
    products = await scene.view.products(scene.turn.state.shown)
    prices = [variant.price_fen for product in products if (variant := cheapest(product))]
    if not prices:
        return want
    return replace(want, slots={**want.slots, "budget": Budget(None, min(prices) - 1).as_text()})


async def with_cards(told: Finding, scene: Scene) -> Finding:
    """Turn the shop's own advice into a recommendation with cards of the goods that it names and has."""
    catalogue = await scene.catalogue()
    named = catalogue.link(normalise(told.text)).settled().products
    products = await scene.view.products(named)
    there = [product for product in products if any(variant.stock > 0 for variant in product.variants)]
    shown = sorted(there, key=lambda product: named.index(product.product_id))[:MOST]
    return replace(
        told,
        act="recommend" if shown else told.act,
        reason="recommendation" if shown else told.reason,
        cards=tuple(card(product) for product in shown),
        products=tuple(product.product_id for product in shown),
    )


def _told(found: list[Suggestion], want: Want, scene: Scene) -> Finding:
    lines, evidence, promises, cards, grounds = [], [], [], [], []
    version = str(scene.turn.now_us)
    for suggestion in found:
        product, variant = suggestion.product, suggestion.variant
        own = suggestion.liked.why[:1] if suggestion.liked is not None else ()
        said = (*suggestion.reasons, *(own_reason(why, lambda id: scene.view.name_of(id) or id) for why in own))
        reason = "，".join(said) or _taste(product)
        price = money(variant.price_fen)
        lines.append(f"{product.name}（{variant.label} {price}）：{reason}")
        evidence.append(
            Evidence(
                "recommendation",
                f"fact:{product.product_id}/fits",
                f"{product.name}：{reason}",
                data={"at": product.source, **({"path": [f"{w.kind}:{w.via}:{w.value}" for w in own]} if own else {})},
            )
        )
        promises.append(Promise("price", f"{variant.sku}/price", version, str(variant.price_fen), price))
        cards.append(card(product, note=reason, variant=variant))
        grounds += [product.name, variant.label, price, reason]
    text = scene.wording.say("suggest.gift" if want.gift else "suggest.self") + "\n" + "\n".join(lines)
    return Finding(
        reason="recommendation",
        key="suggest:" + ",".join(suggestion.product.product_id for suggestion in found),
        act="recommend",
        text=text,
        evidence=tuple(evidence),
        promises=tuple(promises),
        grounds=tuple(grounds),
        cards=tuple(cards),
        products=tuple(suggestion.product.product_id for suggestion in found),
    )


def _ask_back(asked: Asked, scene: Scene, *, gift: bool) -> Finding:
    slot = "recipient" if gift else "taste"
    says = ("送长辈", "送客户", "送朋友") if gift else ("清淡鲜爽的", "香甜好入口的", "浓一点耐泡的")
    choices = tuple(Choice(say, say, intent=asked.intent) for say in says)
    return Finding(
        reason="asks_back",
        key=f"ask:{slot}",
        act="clarify",
        text=scene.wording.say(f"suggest.ask_{slot}"),
        choices=choices,
        pending=Pending("slot", intent=asked.intent, slot=slot, choices=choices),
        evidence=(Evidence("rule", f"rule:ask_{slot}", asked.wish.plain),),
    )


def _nothing(want: Want, scene: Scene) -> Finding:
    return Finding(
        "recommendation_none", "suggest:none", scene.wording.say("suggest.none"),
        evidence=(Evidence("rule", "rule:nothing_fits", want.text),), offer_human=True,
    )  # fmt: skip


def _taste(product: Product) -> str:
    taste = product.attributes.get("taste")
    return "、".join(taste) if isinstance(taste, tuple) else str(taste or product.category)
