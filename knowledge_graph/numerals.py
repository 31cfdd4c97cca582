"""Numbers as customers write them: 200, 两百五, 三千, 半."""

from __future__ import annotations

import re

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2, "〇": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}
NUMBER = r"(?:\d+(?:\.\d+)?|[零〇一二两俩三四五六七八九十百千万半]+)"


def parse_number(text: str) -> float | None:
    """Return the number that a text is, None when it is none; 两百五 is 250, 半 is one half."""
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    if text == "半":
        return 0.5
    half = text.endswith("半") and len(text) > 1
    whole = _whole(text[:-1] if half else text)
    return whole if whole is None or not half else whole + 0.5


def _whole(text: str) -> float | None:
    high, _, low = text.rpartition("万")
    if "万" in text:
        many, rest = _below(high), _below(low, last_unit=10_000) if low else 0.0
        return None if many is None or rest is None else many * 10_000 + rest
    return _below(text)


def _below(text: str, *, last_unit: int = 0) -> float | None:
    """A number under ten thousand; a last digit without its unit takes the next one down: 两百五."""
    total, digit, unit = 0.0, None, last_unit
    for char in text:
        if char in _DIGITS:
            if digit is not None and digit != 0:
                return None
            digit = _DIGITS[char]
            if char in "零〇":
                unit = 0
        elif char in _TENS:
            unit = _TENS[char]
            total += (1 if digit is None else digit) * unit
            digit = None
        else:
            return None
    if digit is not None:
        total += digit * (unit // 10 if unit >= 100 else 1)
    return total if text else None
