"""Amounts of money in customers' words: 200元以内, 两百左右, 预算三五百, 100-200."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGIT = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2, "〇": 0}
_UNIT = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_WORD = r"(?:\d+(?:\.\d+)?[百千万k]?|[一二两三四五六七八九十百千万零]+)"
_RANGE = re.compile(rf"({_WORD})\s*(?:元|块钱?|块)?\s*(?:-|~|到|至)\s*({_WORD})\s*(?:元|块)?")
_MOST = re.compile(
    rf"({_WORD})\s*(?:元|块钱?|块)?\s*(?:钱)?\s*(?:以内|以下|之内|不到|封顶|内的)|(?:不超过|别超过|最多|顶多|低于|小于)\s*({_WORD})|"
    rf"({_WORD})\s*(?:元|块钱?|块)\s*(?:钱)?\s*(?:能|可以|够|都能)买"
)
_LEAST = re.compile(rf"({_WORD})\s*(?:元|块钱?|块)?\s*(?:以上|起步|往上)|(?:高于|不低于|至少)\s*({_WORD})")
_ABOUT = re.compile(
    rf"(?:预算|价位|价格)\D{{0,4}}?({_WORD})|({_WORD})\s*(?:元|块钱?|块)?\s*(?:左右|上下|来块)|({_WORD})\s*(?:元|块钱|块)(?!装)"
)
# Without a unit a small number is a count, not a price.
_LEAST_PLAUSIBLE = 10


@dataclass(frozen=True, slots=True)
class Budget:
    """What a customer would pay, in fen, both ends included; None: open."""

    low_fen: int | None
    high_fen: int | None

    def as_text(self) -> str:
        """Return the budget as a slot value, `low-high` in fen with open ends left out."""
        return f"{'' if self.low_fen is None else self.low_fen}-{'' if self.high_fen is None else self.high_fen}"

    def holds(self, price_fen: int) -> bool:
        """Whether a price lies in it."""
        return (self.low_fen or 0) <= price_fen and (self.high_fen is None or price_fen <= self.high_fen)

    @classmethod
    def from_text(cls, value: str) -> Budget:
        """Read a slot value."""
        low, _, high = value.partition("-")
        return cls(int(low) if low else None, int(high) if high else None)


def find_budget(text: str) -> Budget | None:
    """Return the budget that a normalised text states; None when there is none."""
    if match := _RANGE.search(text):
        low, high = _fen(match[1]), _fen(match[2])
        if low is not None and high is not None and high >= _LEAST_PLAUSIBLE * 100 and low <= high:
            return Budget(low, high)
    if (match := _MOST.search(text)) and (fen := _first(match)) is not None:
        return Budget(None, fen)
    if (match := _LEAST.search(text)) and (fen := _first(match)) is not None:
        return Budget(fen, None)
    if (match := _ABOUT.search(text)) and (fen := _first(match)) is not None:
        return Budget(fen * 6 // 10, fen * 12 // 10)
    return None


def _first(match: re.Match[str]) -> int | None:
    fen = next((_fen(group) for group in match.groups() if group), None)
    return fen if fen is not None and fen >= _LEAST_PLAUSIBLE * 100 else None


def _fen(word: str) -> int | None:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([百千万k]?)", word)
    if match:
        return min(round(float(match[1]) * {"": 1, "k": 1000, **_UNIT}[match[2]] * 100), 10**11)
    total, current = 0, 0
    last_unit = 1
    for char in word[:12]:
        if char in _DIGIT:
            current = _DIGIT[char]
        elif char in _UNIT:
            last_unit = _UNIT[char]
            total += (current or 1) * last_unit
            current = 0
        else:
            return None
    # 一百五 is 150: a digit behind a unit counts a tenth of it.
    total += current * (last_unit // 10 if last_unit >= 100 and word[-1] in _DIGIT and "零" not in word else 1)
    return total * 100
