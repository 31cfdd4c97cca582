"""Which of the goods or sizes shown together a customer means: the second, the last, these two, the cheapest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Extreme = Literal["cheapest", "dearest"]

_UNIT = "(?:个|款|种|样|罐|盒|饼)"
_NTH = re.compile(rf"第\s*(?P<n>[一二两三四1-4]){_UNIT}|(?P<last>最后一?|末尾那?){_UNIT}")
_ENDS = re.compile(rf"(?P<end>[前后])(?P<n>[两二三2-3]){_UNIT}|(?P<one>[前后])(?:者|面?那?一?{_UNIT})")
_THESE = re.compile(rf"[这那](?P<n>[两二三几2-3]){_UNIT}")
_LEAST = re.compile(
    rf"(?:哪{_UNIT}?|哪一{_UNIT})(?:最|更|比较)?(?P<which>便宜|实惠|划算|贵)|最(?P<most>便宜|实惠|贵)的?(?:那|是哪)?{_UNIT}|"
    rf"^(?:那|要)?最(?P<bare>便宜|贵)的(?:呢|吧)?[?？。]?$"
)
_NTH_SIZE = re.compile(
    r"第\s*(?P<n>[一二两三四五六1-6])(?:个|种|款)?(?:规格|包装|尺寸)|(?P<last>最后一?|末尾那?)(?:个|种|款)?(?:规格|包装|尺寸)"
)
_ORDER = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "几": 3, **{str(n): n for n in range(1, 7)}}


@dataclass(frozen=True, slots=True)
class Referred:
    """The goods meant, in the order shown; with `extreme` the one of them whose price is the least or the greatest."""

    products: tuple[str, ...]
    extreme: Extreme | None = None


def refer(text: str, shown: Sequence[str]) -> Referred | None:
    """Return what a normalised text points at among the goods shown together; None when it points at none of them."""
    if len(shown) < 2:
        return None
    if match := _LEAST.search(text):
        word = match["which"] or match["most"] or match["bare"]
        return Referred(tuple(shown), "dearest" if word == "贵" else "cheapest")
    if match := _THESE.search(text):
        return Referred(tuple(shown[: _ORDER[match["n"]]]))
    if match := _ENDS.search(text):
        many = _ORDER[match["n"]] if match["n"] else 1
        return Referred(tuple(shown[:many] if (match["end"] or match["one"]) == "前" else shown[-many:]))
    if match := _NTH.search(text):
        place = len(shown) if match["last"] else _ORDER[match["n"]]
        return Referred((shown[place - 1],)) if place <= len(shown) else None
    return None


def refer_to_size(text: str, *, listed: bool) -> int | None:
    """Return which size of a list a normalised text points at, 0 the first, -1 the last; None when at none.

    `listed`: sizes are what was told last, so that 第二个 means one of them without saying so.
    """
    match = _NTH_SIZE.search(text) or (_NTH.search(text) if listed else None)
    if match is None:
        return None
    return -1 if match["last"] else _ORDER[match["n"]] - 1
