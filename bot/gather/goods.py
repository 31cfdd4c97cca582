"""Answers about goods: price, stock, sizes, origin, taste, caffeine, brewing; from the shop, as of this moment."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.decision import Evidence
from bot.dialogue.state import Sizes
from bot.dialogue.wish import Asked
from bot.gather import colours, which
from bot.gather.cards import card, cheapest, is_trial, variant_words
from bot.gather.finding import Finding, Promise
from bot.gather.scene import Scene
from bot.gather.sizes import pick_variants
from bot.replies.render import money
from bot.shop import Product

# How much tea to take stands in no attribute.
_HOW_MUCH = re.compile("几克|多少克|放多少|投茶|茶水比")
_MOST_NAMED = 3
_WITH_CARDS = frozenset({"ask_price", "ask_stock", "ask_spec", "ask_sample", "how_to_order"})
_PAIR = 2


async def answer(asked: Asked, scene: Scene) -> Finding | None:
    """Answer a wish about named goods; ask which when one name means several; None when no goods are named."""
    write = _WRITERS.get(asked.intent)
    if write is None:
        return None
    if asked.ambiguous and not asked.products:
        return await _of_several(asked, scene, write)
    if not asked.products and asked.intent == "ask_stock" and "colour" in asked.slots:
        return await colours.answer(asked, scene)
    if not asked.products:
        return await _of_group(asked, scene) if asked.groups else None
    products = await _in_order(asked.products[:_MOST_NAMED], scene)
    if not products:
        return None
    if (extreme := asked.slots.get("extreme")) is not None:
        return pick_one(products, asked, scene, key="dearest" if extreme == "dearest" else "cheapest")
    if asked.intent == "compare_products":
        return _compared(products, asked, scene) if len(products) >= _PAIR else None
    lines = [line for product in products if (line := write(product, asked, scene))]
    if not lines:
        return None
    return _finding(asked, products, "\n".join(lines), scene)


def not_sold(thing: str, scene: Scene) -> Finding:
    """Say that something is not sold here, instead of answering with other goods."""
    return Finding(
        "not_sold",
        f"not_sold:{thing}",
        scene.wording.say("goods.not_sold", thing=thing),
        evidence=(Evidence("rule", "rule:not_sold", thing),),
        grounds=(thing,),
    )


async def not_held(asked: Asked, scene: Scene) -> Finding | None:
    """Say that nothing is known here of what is asked of a product, instead of telling something else of it."""
    products = await _in_order(asked.products[:1] or asked.ambiguous[:_MOST_NAMED], scene)
    if not products or asked.unknown is None:
        return None
    name = "、".join(product.name for product in products)
    ids = tuple(product.product_id for product in products)
    return Finding(
        "not_held",
        f"not_held:{','.join(ids)}:{asked.unknown}",
        scene.wording.say("goods.not_held", name=name, thing=asked.unknown),
        evidence=(Evidence("rule", "rule:not_held", asked.unknown, data={"product": ",".join(ids)}),),
        grounds=(asked.unknown, name),
        products=ids,
        missed=True,
    )


def pick_one(products: Sequence[Product], asked: Asked, scene: Scene, *, key: str) -> Finding | None:
    """Say which of the goods shown costs least or most in its usual size, and what the others cost.

    `key` is `dearest`, or another text.
    """
    priced = sorted((p for p in products if cheapest(p) is not None), key=_price, reverse=key == "dearest")
    if not priced:
        return None
    words = [(product.name, variant_words(variant)) for product in priced if (variant := cheapest(product))]
    text = scene.wording.say(f"goods.{key}", name=words[0][0], variant=words[0][1])
    if len(words) > 1:
        text += scene.wording.say("goods.others", others="；".join(f"{name} {told}" for name, told in words[1:]))
    finding = _finding(asked, priced, text, scene)
    return replace(finding, cards=finding.cards[:1], products=finding.products[:1])


async def _of_several(asked: Asked, scene: Scene, write: _Writer) -> Finding | None:
    """Answer about goods of which one is meant: at once where the answer is the same for all, else ask which.

    An amount or a colour leaves those that come in it.
    """
    products = await _in_order(asked.ambiguous, scene)
    if asked.slots.keys() & {"amount", "colour"}:
        products = [product for product in products if pick_variants(product, asked)[1]] or products
    lines = [write(product, asked, scene) or "" for product in products]
    if not any(lines):
        return None
    names = "、".join(product.name for product in products)
    alike = {
        line.replace(product.name, names).replace(product.description, "")
        for product, line in zip(products, lines, strict=True)
    }
    if len(products) == 1 or (len(alike) > 1 and "colour" in asked.slots and len(products) <= _MOST_NAMED):
        return _finding(asked, products, "\n".join(lines), scene)
    if len(alike) == 1:
        return _finding(asked, products, alike.pop(), scene)
    return which.ask(asked, products, scene)


async def _in_order(product_ids: Sequence[str], scene: Scene) -> list[Product]:
    order = {product_id: place for place, product_id in enumerate(product_ids)}
    products = await scene.view.products(product_ids)
    return sorted(products, key=lambda product: order[product.product_id])


async def _of_group(asked: Asked, scene: Scene) -> Finding | None:
    """Answer a price or stock wish about a kind of goods with its range and three of its members."""
    if asked.intent not in ("ask_price", "ask_stock"):
        return None
    catalogue = await scene.catalogue()
    members = await scene.view.products([p.product_id for p in catalogue.members(asked.groups[0])])
    shown = sorted((p for p in members if any(v.stock > 0 for v in p.variants)), key=lambda p: _price(p), reverse=False)
    if not shown:
        return None
    picked = [shown[0], shown[len(shown) // 2], shown[-1]] if len(shown) > _PAIR else shown
    low, high = _price(shown[0]), _price(shown[-1])
    text = scene.wording.say(
        "goods.group", group=asked.groups[0], low=money(low), high=money(high), names="、".join(p.name for p in picked)
    )
    finding = _finding(asked, picked, text, scene)
    return Finding(
        reason="fact",
        key=f"group:{asked.groups[0]}",
        text=text,
        evidence=finding.evidence,
        promises=(
            Promise("price", f"{shown[0].product_id}/price", str(scene.turn.now_us), str(low), money(low)),
            Promise("price", f"{shown[-1].product_id}/price", str(scene.turn.now_us), str(high), money(high)),
        ),
        grounds=(money(low), money(high), *(p.name for p in picked)),
        cards=tuple(card(product) for product in picked),
        products=tuple(p.product_id for p in picked),
    )


def _price(product: Product) -> int:
    variant = cheapest(product)
    return variant.price_fen if variant else 0


def _say_price(product: Product, asked: Asked, scene: Scene) -> str:
    variants, narrowed = pick_variants(product, asked)
    if _in_english(scene):
        words = "; ".join(variant_words(variant) for variant in variants)
        return scene.wording.say("goods.price_en", name=product.name, variants=words)
    if narrowed:
        words = "；".join(variant_words(variant) for variant in variants)
        return scene.wording.say("goods.price_one", name=product.name, variants=words)
    words = "；".join(variant_words(variant) for variant in variants)
    if asked.slots.get("size_sku") == "":
        return scene.wording.say("goods.no_such_size", name=product.name, variants=words)
    return scene.wording.say("goods.price", name=product.name, variants=words)


def _say_stock(product: Product, asked: Asked, scene: Scene) -> str:
    variants, narrowed = pick_variants(product, asked)
    there = [variant.label for variant in variants if variant.stock > 0]
    colour = asked.slots.get("colour", "").removesuffix("色")
    if (
        colour
        and not colours.in_colour(product.variants, colour)
        and colour not in product.name
        and not _in_english(scene)
    ):
        words = "、".join(variant_words(variant) for variant in product.variants)
        return scene.wording.say("goods.colour_other", name=product.name, colour=colour, there=words)
    gone = [variant.label for variant in variants if variant.stock <= 0]
    if _in_english(scene):
        key = "none" if not there else "some" if gone else "all"
        return scene.wording.say(
            f"goods.stock_{key}_en", name=product.name, there=", ".join(there), gone=", ".join(gone)
        )
    if not there:
        others = [v.label for v in product.variants if v.stock > 0]
        if narrowed and others:
            return scene.wording.say(
                "goods.stock_other", name=product.name, gone="、".join(gone), there="、".join(others)
            )
        return scene.wording.say("goods.stock_none", name=product.name)
    if gone:
        return scene.wording.say("goods.stock_some", name=product.name, there="、".join(there), gone="、".join(gone))
    return scene.wording.say("goods.stock_all", name=product.name, there="、".join(there))


def _say_spec(product: Product, asked: Asked, scene: Scene) -> str:
    words = "；".join(variant_words(variant) for variant in product.variants)
    return scene.wording.say("goods.spec", name=product.name, variants=words, description=product.description)


def _say_origin(product: Product, asked: Asked, scene: Scene) -> str | None:
    origin = _word(product, "origin")
    if not origin:
        return None
    year, season = _word(product, "year"), _word(product, "season")
    made = "".join([f"{year}年" if year else "", season or ""])
    key = "goods.origin_made" if made else "goods.origin"
    return scene.wording.say(key, name=product.name, origin=origin, made=made, description=product.description)


def _say_taste(product: Product, asked: Asked, scene: Scene) -> str:
    taste = _list(product, "taste")
    key = "goods.taste" if taste else "goods.about"
    return scene.wording.say(key, name=product.name, taste="、".join(taste), description=product.description)


_CAFFEINE = {"low": "低", "medium": "中等", "high": "偏高"}


def _say_caffeine(product: Product, asked: Asked, scene: Scene) -> str | None:
    told = _word(product, "caffeine") or ""
    if told == "none":
        return scene.wording.say("goods.caffeine_none", name=product.name)
    level = _CAFFEINE.get(told)
    return scene.wording.say("goods.caffeine", name=product.name, level=level) if level else None


def _say_brewing(product: Product, asked: Asked, scene: Scene) -> str | None:
    degrees, seconds = _word(product, "brew_temp_c"), _word(product, "brew_seconds")
    if not degrees or not seconds or _HOW_MUCH.search(asked.wish.plain):
        return None
    if _in_english(scene) and int(seconds) < 3600:
        return scene.wording.say("goods.brew_en", name=product.name, degrees=f"{degrees}℃", time=f"{seconds} s")
    if int(seconds) >= 3600:
        return scene.wording.say("goods.brew_cold", name=product.name, hours=f"{int(seconds) // 3600}小时")
    return scene.wording.say("goods.brew", name=product.name, degrees=f"{degrees}℃", time=_duration(int(seconds)))


def _say_sample(product: Product, asked: Asked, scene: Scene) -> str:
    trial = next((variant for variant in product.variants if is_trial(variant)), None)
    if trial is None:
        return scene.wording.say("goods.no_trial", name=product.name)
    return scene.wording.say("goods.trial", name=product.name, variant=variant_words(trial))


def _say_how_to_buy(product: Product, asked: Asked, scene: Scene) -> str:
    return scene.wording.say("goods.buy", name=product.name)


_Writer = Callable[[Product, Asked, Scene], str | None]
_WRITERS: dict[str, _Writer] = {
    "ask_price": _say_price,
    "ask_stock": _say_stock,
    "ask_spec": _say_spec,
    "ask_origin": _say_origin,
    "ask_taste": _say_taste,
    "ask_caffeine": _say_caffeine,
    "ask_brewing": _say_brewing,
    "ask_sample": _say_sample,
    "how_to_order": _say_how_to_buy,
    "compare_products": _say_taste,
}


def _compared(products: Sequence[Product], asked: Asked, scene: Scene) -> Finding:
    lines = []
    for product in products:
        parts = [
            f"产自{origin}" if (origin := _word(product, "origin")) else "",
            "、".join(_list(product, "taste")),
            f"{money(_price(product))}起",
        ]
        lines.append(f"【{product.name}】{'；'.join(part for part in parts if part)}。{product.description}")
    return _finding(asked, products, scene.wording.say("goods.compared") + "\n" + "\n".join(lines), scene)


def _finding(asked: Asked, products: Sequence[Product], text: str, scene: Scene) -> Finding:
    version = str(scene.turn.now_us)
    evidence = tuple(
        Evidence(
            "fact", f"fact:{p.product_id}/{asked.intent.removeprefix('ask_')}", _evidence(p), data={"at": p.source}
        )
        for p in products
    )
    promises = []
    grounds = []
    for product in products:
        grounds += [
            product.name,
            product.description,
            *(g for v in product.variants for g in (v.label, money(v.price_fen))),
        ]
        grounds += [g for name in ("origin", "year") if (g := _word(product, name))]
        grounds += [f"{_word(product, 'brew_temp_c')}℃", *_durations(product)]
        for variant in product.variants:
            said = money(variant.price_fen)
            if f"{variant.label} {said}" in text or f"{said}起" in text:
                promises.append(Promise("price", f"{variant.sku}/price", version, str(variant.price_fen), said))
            elif asked.intent == "ask_stock" and variant.label in text:
                promises.append(Promise("stock", f"{variant.sku}/stock", version, str(variant.stock), variant.label))
    size = asked.slots.get("size_sku", asked.slots.get("size", asked.slots.get("amount", "")))
    return Finding(
        reason="fact",
        key=f"{asked.intent}:{','.join(p.product_id for p in products)}:{size}",
        text=text,
        evidence=evidence,
        promises=tuple(promises),
        grounds=tuple(grounds),
        cards=tuple(card(product) for product in products) if asked.intent in _WITH_CARDS else (),
        products=tuple(product.product_id for product in products),
        sizes=_listed(asked, products),
    )


def _listed(asked: Asked, products: Sequence[Product]) -> Sizes | None:
    """Return the sizes of which an answer lists several, in its order."""
    if len(products) != 1 or asked.intent not in ("ask_price", "ask_spec") or "extreme" in asked.slots:
        return None
    variants = products[0].variants if asked.intent == "ask_spec" else pick_variants(products[0], asked)[0]
    skus = tuple(variant.sku for variant in variants)
    return Sizes(products[0].product_id, skus) if len(skus) > 1 else None


def _in_english(scene: Scene) -> bool:
    return "english" in scene.tracked.cues


def _evidence(product: Product) -> str:
    return f"{product.name}：" + "；".join(f"{v.label} {money(v.price_fen)} 库存{v.stock}" for v in product.variants)


def _word(product: Product, name: str) -> str | None:
    value = product.attributes.get(name)
    return value if isinstance(value, str) and value else None


def _list(product: Product, name: str) -> tuple[str, ...]:
    value = product.attributes.get(name)
    return value if isinstance(value, tuple) else (value,) if value else ()


def _duration(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds}秒"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}分{rest}秒" if rest else f"{minutes}分钟"


def _durations(product: Product) -> list[str]:
    seconds = _word(product, "brew_seconds")
    return (
        [_duration(int(seconds)), f"{seconds} s", f"{int(seconds) // 3600}小时"]
        if seconds and seconds.isdigit()
        else []
    )
