"""Amounts of goods: weights in grams, volumes in millilitres, lengths in centimetres, everything else counted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.understanding.entities.entity import Span
from bot.understanding.entities.numerals import NUMBER, parse_number

_MEASURES: dict[str, tuple[float, str]] = {
    "毫克": (0.001, "g"), "mg": (0.001, "g"), "克": (1, "g"), "g": (1, "g"), "两": (50, "g"), "斤": (500, "g"),
    "市斤": (500, "g"), "公斤": (1000, "g"), "千克": (1000, "g"), "kg": (1000, "g"), "吨": (1e6, "g"),
    "毫升": (1, "ml"), "ml": (1, "ml"), "升": (1000, "ml"), "l": (1000, "ml"),
    "毫米": (0.1, "cm"), "mm": (0.1, "cm"), "厘米": (1, "cm"), "公分": (1, "cm"), "cm": (1, "cm"),
    "寸": (3.33, "cm"), "尺": (33.3, "cm"), "米": (100, "cm"), "m": (100, "cm"),
}  # fmt: skip
_COUNTED = "个件盒罐包箱袋瓶饼套双条片泡杯份只支枝把台本张桶听颗粒枚筒组打对块单"
_NOT_COUNTED = r"(?!月|小时|钟|星期|礼拜|人|号|线|客服|身|码|工作日|价|买家)"
_MEASURE = "|".join(sorted(map(re.escape, _MEASURES), key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?P<number>{NUMBER})\s*(?:(?P<measure>{_MEASURE})(?![a-z])(?P<half>半)?|(?P<unit>[{_COUNTED}])(?P<more>半)?{_NOT_COUNTED})"
)


def find_quantities(text: str) -> Iterator[Span]:
    """Yield amounts in folded text: 一斤 (500 g), 两斤半 (1250 g), 500g, 3盒 (3, unit 盒), 250毫升."""
    for match in _AMOUNT.finditer(text):
        if match.start() and text[match.start() - 1] in "第每哪这那某上下同":
            continue
        # 一两 is an amount, 两两 is not; 一两个 is 'one or two'.
        number = parse_number(match["number"])
        if number is None or number > 1e9:
            continue
        if match["measure"]:
            times, unit = _MEASURES[match["measure"]]
            value = (number + (0.5 if match["half"] else 0)) * times
            if match["measure"] == "两" and text[match.end() : match.end() + 1] in tuple(_COUNTED):
                continue
        else:
            unit, value = match["unit"], number + (0.5 if match["more"] else 0)
        rounded = round(value, 3)
        yield Span(match.start(), match.end(), "quantity", int(rounded) if rounded.is_integer() else rounded, unit)
