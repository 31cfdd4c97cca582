"""Recommend by what the customer said: kind, taste, occasion, budget; at most three, different from each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.dialogue.amounts import Budget
from bot.recommend.personal import Liked
from bot.shop import Product, Variant

MOST = 3

# What customers say for an occasion, and the shop's words for what fits it.
_FITS: Mapping[str, tuple[str, ...]] = {
    "长辈": (
        "长辈",
        "爸",
        "妈",
        "爷爷",
        "奶奶",
        "老人",
        "外公",
        "外婆",
        "姥",
        "叔叔",
        "阿姨",
        "舅舅",
        "姑姑",
        "岳父",
        "丈人",
        "丈母娘",
        "公公",
        "婆婆",
        "父母",
        "老师",
    ),
    "商务": ("客户", "领导", "老板", "商务", "甲方", "导师"),
    "女生": ("女生", "女朋友", "闺蜜", "女友", "老婆", "女孩", "媳妇", "妹妹", "姐姐", "女士"),
    "送礼": ("送礼", "送人", "礼物", "伴手礼", "送朋友", "朋友", "同事", "过节", "拜访"),
    "新手": ("新手", "入门", "没喝过", "不懂茶", "不太懂", "刚开始", "第一次", "小白"),
    "办公室": ("办公室", "上班", "单位", "工位", "熬夜", "提神"),
    "夏天": ("夏天", "冷泡", "解暑", "凉"),
    "冬天": ("冬天", "暖", "天冷", "煮茶", "围炉"),
    "解腻": ("解腻", "油腻", "火锅", "饭后", "吃肉", "刮油"),
    "学生": ("学生", "宿舍"),
    "收藏": ("收藏", "存着"),
    "户外": ("户外", "露营", "出差", "旅行", "旅游"),
    "睡前": ("睡前", "晚上喝", "睡不着", "失眠", "睡眠"),
    "早餐": ("早餐", "早上", "奶茶"),
}
_TASTES: Mapping[str, tuple[str, ...]] = {
    "清淡": ("鲜", "清", "嫩"),
    "鲜爽": ("鲜",),
    "香甜": ("甜", "蜜", "花"),
    "甜": ("甜", "蜜"),
    "浓": ("浓", "醇", "霸道", "强"),
    "耐泡": ("耐泡", "醇厚"),
    "不苦": ("甜", "不苦", "柔", "鲜甜"),
    "花香": ("花", "兰", "茉莉", "桂"),
    "果香": ("果",),
    "清爽": ("清爽", "爽"),
    "烟熏": ("烟",),
    "方便": ("方便",),
}
_NO_CAFFEINE = re.compile("[不没无零](?:含|有|要|带)?咖啡因")
_LITTLE_CAFFEINE = {"none": "不含咖啡因", "low": "咖啡因低"}
_LOW_CAFFEINE = re.compile("睡不着|失眠|睡眠|咖啡因低|晚上喝|睡前|[不没无零](?:含|有|要|带)?咖啡因|心慌")
_MILD = re.compile("不(?:要|喜欢|爱|太)?(?:太)?苦|怕苦|不涩")
_CHEAP = re.compile("便宜|实惠|性价比|口粮|平价|不贵")


@dataclass(frozen=True, slots=True)
class Want:
    """What is known of the customer's wish; `text` is the turn's normalised words."""

    text: str
    slots: Mapping[str, str]
    groups: tuple[str, ...] = ()
    gift: bool = False

    @property
    def budget(self) -> Budget | None:
        """What he would pay."""
        value = self.slots.get("budget")
        return Budget.from_text(value) if value else None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A product with the variant that fits, and the shop's own words that speak for it."""

    product: Product
    variant: Variant
    reasons: tuple[str, ...]
    score: float
    liked: Liked | None = None
    """What of the customer's own purchases speaks for it."""


def known_wishes(want: Want) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the occasions and the taste words that the customer has named, in the shop's words."""
    said = f"{want.text} {want.slots.get('recipient', '')}"
    fits = tuple(fit for fit, words in _FITS.items() if any(word in said for word in words))
    taste = f"{want.text} {want.slots.get('taste', '')}"
    tastes = tuple(part for word, parts in _TASTES.items() if word in taste for part in parts)
    if _MILD.search(taste):
        tastes = (*_TASTES["不苦"], *(part for part in tastes if part not in _TASTES["浓"]))
    return fits, tastes


@dataclass(frozen=True, slots=True)
class SuggestSettings:
    """`most`: how many; `in_stock`: only what can be bought now; `excluded`: products, categories, series not named.

    `different_kinds`: no two of a category while others fit; `own_taste`: what purchases weigh against words.
    """

    most: int = MOST
    in_stock: bool = True
    excluded: tuple[str, ...] = ()
    different_kinds: bool = True
    own_taste: float = 1.0


def recommend(
    products: Iterable[Product],
    want: Want,
    *,
    most: int = MOST,
    liked: Mapping[str, Liked] | None = None,
    settings: SuggestSettings | None = None,
) -> list[Suggestion]:
    """Return the best products, by default in stock and no two of one kind while others fit as well.

    Kinds named by the customer and the budget are conditions; occasion, taste and what he bought (`liked`) decide the
    order.
    """
    settings = settings or SuggestSettings(most=most)
    fits, tastes = known_wishes(want)
    found: list[Suggestion] = []
    for product in products:
        if {product.product_id, product.category, product.series} & set(settings.excluded):
            continue
        suggestion = _suggest(product, want, fits, tastes, settings)
        if suggestion is not None:
            own = (liked or {}).get(product.product_id)
            score = suggestion.score + settings.own_taste * (own.score if own is not None else 0.0)
            found.append(replace(suggestion, score=score, liked=own))
    found.sort(key=lambda suggestion: (-suggestion.score, suggestion.product.product_id))
    return _varied(found, settings.most) if settings.different_kinds else found[: settings.most]


def _suggest(
    product: Product, want: Want, fits: Sequence[str], tastes: Sequence[str], settings: SuggestSettings
) -> Suggestion | None:
    variant = _variant(product, want.budget, in_stock=settings.in_stock)
    if variant is None:
        return None
    good_for, taste = _words(product, "fits"), _words(product, "taste")
    reasons: list[str] = []
    score = 0.0
    for fit in fits:
        if fit in good_for:
            score += 2.0 if fit not in ("送礼",) else 1.0
            reasons.append(f"适合{fit}")
    hits = [word for word in taste if any(part in word for part in tastes)]
    if hits:
        score += 1.5 + 0.3 * len(hits)
        reasons.append("、".join(hits))
    if _LOW_CAFFEINE.search(want.text):
        reason = _LITTLE_CAFFEINE.get(str(product.attributes.get("caffeine")))
        if reason is None or (reason != _LITTLE_CAFFEINE["none"] and _NO_CAFFEINE.search(want.text)):
            return None
        score += 1.5
        reasons.append(reason)
    if want.gift:
        score += (1.0 if "送礼" in good_for else -2.0) + (1.0 if product.category == "礼盒" else 0.0)
    elif not want.groups and product.category in ("茶具", "茶点", "礼盒"):
        score -= 3.0 if product.category != "礼盒" or "礼盒" not in want.text else 0.0
    if _CHEAP.search(want.text):
        score += 1.0 if product.series == "日常系列" else -0.5
    # Among equals the one with plenty of stock: a suggestion should not run out before it is ordered.
    score += min(variant.stock, 200) / 2000
    return Suggestion(product, variant, tuple(reasons), score)


def _variant(product: Product, budget: Budget | None, *, in_stock: bool = True) -> Variant | None:
    fit = [v for v in product.variants if (v.stock > 0 or not in_stock) and "试饮" not in v.label]
    if budget is not None:
        low, high = budget.low_fen or 0, budget.high_fen if budget.high_fen is not None else 10**12
        return max((v for v in fit if low <= v.price_fen <= high), key=lambda v: v.price_fen, default=None)
    return min(fit, key=lambda v: v.price_fen, default=None)


def _varied(found: Sequence[Suggestion], most: int) -> list[Suggestion]:
    kinds: set[str] = set()
    chosen: list[Suggestion] = []
    for suggestion in found:
        kind = suggestion.product.category
        if kind not in kinds or all(other.product.category == kind for other in found):
            chosen.append(suggestion)
            kinds.add(kind)
    rest = [suggestion for suggestion in found if suggestion not in chosen]
    best = sorted([*chosen[:most], *rest], key=lambda s: -s.score) if len(chosen) < most else chosen
    return best[:most]


def _words(product: Product, name: str) -> tuple[str, ...]:
    value = product.attributes.get(name)
    return value if isinstance(value, tuple) else (value,) if value else ()
