"""Amounts with a unit and what they bound: 200元以内, 100克, 85度左右, 100到200块."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge_graph.numerals import NUMBER, parse_number

_UNITS: dict[str, tuple[str, float]] = {
    "元": ("fen", 100), "块钱": ("fen", 100), "块": ("fen", 100), "圆": ("fen", 100), "rmb": ("fen", 100),
    "毛": ("fen", 10), "角": ("fen", 10), "米": ("fen", 100),
    "千克": ("g", 1000), "公斤": ("g", 1000), "kg": ("g", 1000), "克": ("g", 1), "g": ("g", 1), "斤": ("g", 500),
    "两": ("g", 50), "毫升": ("ml", 1), "ml": ("ml", 1), "升": ("ml", 1000),
    "摄氏度": ("celsius", 1), "度": ("celsius", 1), "℃": ("celsius", 1),
    "秒": ("s", 1), "分钟": ("s", 60), "小时": ("s", 3600), "年": ("year", 1),
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?P<before>不超过|不到|不低于|不少于|至少|最多|低于|高于|超过|大于|小于|预算|价位)?(?:在|是|大概|大约)?\s*"
    rf"(?P<first>{NUMBER})\s*(?:(?P<first_unit>{_UNIT})?\s*(?:到|至|-|~|—)\s*(?P<second>{NUMBER}))?"
    rf"\s*(?P<unit>{_UNIT})?(?![a-z])\s*(?P<after>以内|之内|以下|以里|内|以上|往上|起|左右|上下|出头)?"
)
_MOST = {"不超过", "不到", "最多", "低于", "小于", "以内", "之内", "以下", "以里", "内", "预算", "价位"}
_LEAST = {"不低于", "不少于", "至少", "高于", "超过", "大于", "以上", "往上", "起", "出头"}
_ABOUT = {"左右", "上下"}
_ABOUT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Quantity:
    """`low` and `high` in the graph's unit, None: open; `exact` when neither a bound nor a range was said."""

    start: int
    end: int
    unit: str
    low: int | None
    high: int | None
    exact: bool


def find_quantities(plain: str) -> list[Quantity]:
    """Return the amounts in a folded text; a number without a unit counts after 预算 and 价位 only, as money."""
    found: list[Quantity] = []
    for match in _AMOUNT.finditer(plain):
        before = match["before"] or ""
        word = match["unit"] or match["first_unit"] or ("元" if before in ("预算", "价位") else "")
        first = parse_number(match["first"])
        if not word or first is None:
            continue
        unit, scale = _UNITS[word]
        second = None if match["second"] is None else parse_number(match["second"])
        low, high, exact = _bounds(
            first * scale, None if second is None else second * scale, before, match["after"] or ""
        )
        found.append(Quantity(match.start(), match.end(), unit, low, high, exact))
    return found


def _bounds(first: float, second: float | None, before: str, after: str) -> tuple[int | None, int | None, bool]:
    low = round(first)
    if second is not None:
        return low, round(second), False
    if before in _MOST or after in _MOST:
        return None, low, False
    if before in _LEAST or after in _LEAST:
        return low, None, False
    if after in _ABOUT:
        return round(low * (1 - _ABOUT_SHARE)), round(low * (1 + _ABOUT_SHARE)), False
    return low, low, True
