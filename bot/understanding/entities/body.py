"""Height and weight of the person who will wear it: 身高175体重130斤, 一米七五, 165斤穿什么码."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.understanding.entities.entity import Span
from bot.understanding.entities.numerals import NUMBER, parse_number

_DIGIT = "[0-9零一二两三四五六七八九]"
_METRES = re.compile(
    rf"(?P<metres>[12一二两])米(?P<rest>{_DIGIT}{{1,2}})|(?P<decimal>[12]\.\d{{1,2}})\s*(?:米|m(?![a-z]))"
)
_NAMED_HEIGHT = re.compile(rf"(?:身高|(?<![多有])高)[是约大概:]*\s*(?P<number>{NUMBER})\s*(?P<unit>cm|厘米|公分)?")
_PLAIN_HEIGHT = re.compile(r"(?<![\d.])(?P<number>1[3-9]\d|20\d|21\d)\s*(?P<unit>cm|厘米|公分)")
_NAMED_WEIGHT = re.compile(rf"体重[是约大概:]*\s*(?P<number>{NUMBER})\s*(?P<unit>斤|公斤|千克|kg)?")
_PLAIN_WEIGHT = re.compile(rf"(?<![\d.])(?P<number>{NUMBER})\s*(?P<unit>斤|公斤|千克|kg)(?![a-z])")
_PAIR = re.compile(
    r"(?<![\d.])(?P<height>1[3-9]\d|20\d)(?:cm)?[\s/,，、]+(?P<weight>\d{2,3}(?:\.\d)?)\s*(?P<unit>斤|公斤|kg)?(?!\d|[元块])"
)
# A weight alone is a parcel's or a tea's; with one of these it is a person's.
_WORN = re.compile(r"穿|码|尺寸|身高|体重|胖|瘦|偏大|偏小|合身|\d米\d|size")
_KILOGRAMS = {"斤": 0.5, "公斤": 1.0, "千克": 1.0, "kg": 1.0}


def find_body(text: str) -> Iterator[Span]:
    """Yield `height` (cm) and `weight` (kg) in folded text; without a word about wearing a bare weight is no body's."""
    for match in _METRES.finditer(text):
        yield from _height(match.start(), match.end(), _metres(match))
    for match in _NAMED_HEIGHT.finditer(text):
        value = parse_number(match["number"])
        yield from _height(match.start("number"), match.end(), value if value is None or value > 3 else value * 100)
    worn = _WORN.search(text) is not None
    if worn:
        for match in _PLAIN_HEIGHT.finditer(text):
            yield from _height(match.start(), match.end(), float(match["number"]))
        for match in _PAIR.finditer(text):
            yield from _height(match.start("height"), match.end("height"), float(match["height"]))
            weight = float(match["weight"])
            # Without a unit: nobody of 1.75 m weighs 130 kg or 65 jin as a rule.
            unit = match["unit"] or ("斤" if weight >= 90 else "kg")
            yield from _weight(match.start("weight"), match.end(), weight, unit)
    for match in (_PLAIN_WEIGHT if worn else _NAMED_WEIGHT).finditer(text):
        number = parse_number(match["number"])
        unit = match["unit"] or ("斤" if number is not None and number >= 90 else "kg")
        yield from _weight(match.start("number"), match.end(), number, unit)


def _metres(match: re.Match[str]) -> float | None:
    if match["decimal"]:
        return float(match["decimal"]) * 100
    metres, rest = parse_number(match["metres"]), parse_number(match["rest"])
    if metres is None or rest is None:
        return None
    return metres * 100 + (rest * 10 if len(match["rest"]) == 1 else rest)


def _height(start: int, end: int, centimetres: float | None) -> Iterator[Span]:
    if centimetres is not None and 50 <= centimetres <= 250:
        yield Span(start, end, "height", round(centimetres), "cm")


def _weight(start: int, end: int, number: float | None, unit: str) -> Iterator[Span]:
    if number is not None and 15 <= number * _KILOGRAMS[unit] <= 250:
        value = round(number * _KILOGRAMS[unit], 1)
        yield Span(start, end, "weight", int(value) if value.is_integer() else value, "kg")
