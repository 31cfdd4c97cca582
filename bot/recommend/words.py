"""Reasons in words; each says a path that exists, and no number that nobody can check."""

from __future__ import annotations

from collections.abc import Callable

from bot.recommend.personal import Why

_RELATIONS = {
    "category": "都是{value}",
    "series": "都是{value}",
    "taste": "都是{value}的口感",
    "fits": "都适合{value}",
    "roast": "都是{value}",
    "season": "都是{value}",
    "caffeine": "咖啡因都{value}",
}
_LEVELS = {"none": "为零", "low": "低", "medium": "适中", "high": "高"}


def reason(why: Why, name_of: Callable[[str], str]) -> str:
    """Return one path as words; `name_of` gives a product's name."""
    via = name_of(why.via)
    if why.kind == "together":
        return f"买过{via}的客人也常选它"
    if why.kind == "goes_with":
        return f"和{via}正好搭配"
    value = _LEVELS.get(why.value, why.value)
    return f"和您选过的{via}{_RELATIONS.get(why.relation, '都有{value}').format(value=value)}"
