"""Numbers as customers write them: 12.5, 1,200, 三百五, 两千零八, 一百二十三点五, 半, 3k, 1.2万."""

from __future__ import annotations

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2, "仨": 3, "〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000, "亿": 100_000_000}
_HAN = "零〇一二两俩仨三四五六七八九十百千万亿"

ARABIC = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[百千万kw](?![a-z]))?"
NUMBER = rf"(?:{ARABIC}|半|[{_HAN}]+(?:点[零一二三四五六七八九]+)?)"
"""A pattern for one number, without groups."""


def parse_number(text: str) -> float | None:
    """Return the value of a folded number, None for what is none (`千百`, an empty text)."""
    if text == "半":
        return 0.5
    if text and text[0].isdigit():
        return _parse_arabic(text)
    whole, dot, fraction = text.partition("点")
    value = _parse_han(whole)
    if value is None or (dot and not fraction):
        return None
    if fraction:
        return value + int("".join(str(_DIGITS[char]) for char in fraction)) / float(10 ** len(fraction))
    return value


def _parse_arabic(text: str) -> float:
    times = _UNITS.get(text[-1], 1)
    return float(text.rstrip("百千万kw").replace(",", "")) * times


def _parse_han(text: str) -> float | None:
    if not text:
        return None
    if all(char in _DIGITS for char in text):
        # One digit is a number; several are read out one by one, as in 二零二六.
        return float("".join(str(_DIGITS[char]) for char in text))
    total, section, digit = 0, 0, None
    last_unit = 1
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
            if char in "零〇":
                last_unit = 1
            continue
        unit = _UNITS.get(char)
        if unit is None:
            return None
        if unit >= 10_000:
            total, section = (total + section + (digit or 0)) * unit, 0
        else:
            section += (1 if digit is None else digit) * unit
        last_unit, digit = unit, None
    # 一百五 is 150: a last digit without a unit counts a tenth of the unit before it; 十五 is 15.
    tail = 0 if digit is None else digit * (last_unit // 10 if last_unit >= 100 else 1)
    return float(total + section + tail)
