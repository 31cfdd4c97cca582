"""What a bot's turn is expected to be, and every way in which an answer differs from it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

_NUMBER = re.compile(r"\d+(?:[,，]\d{3})*(?:\.\d+)?")
_SPACE = re.compile(r"\s+")
_CHINESE = re.compile(
    "([一二两三四五六七八九]?)(十?)([一二两三四五六七八九]?)(?=[元块天次个件张年月分份折]|小时|工作日)"
)
_DIGITS = {
    word: value
    for value, words in enumerate(("", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
    for word in words
}

Names = str | tuple[str, ...]


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is said must hold.

    `act` and `intent` name one or several that are right; `has` texts all occur, `any` at least one, `lacks` none;
    `numbers` all occur as numbers (268 is found in 268.00 元 and not in 2680); `cards` are product ids, `cards_any`
    wants one of them; `choices` wants buttons.
    """

    act: Names = ()
    intent: Names = ()
    has: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()
    cards: tuple[str, ...] = ()
    cards_any: tuple[str, ...] = ()
    choices: bool | None = None

    @property
    def acts(self) -> tuple[str, ...]:
        """The acts that are right; empty for any."""
        return as_names(self.act)

    @property
    def wants_human(self) -> bool:
        """Whether handing over is one of the right acts."""
        return "hand_off" in self.acts

    @property
    def states_facts(self) -> bool:
        """Whether the answer must state something."""
        return bool(self.has or self.any or self.numbers or self.cards or self.cards_any)


def as_names(value: Names) -> tuple[str, ...]:
    """Return one name or several as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)


def folded(text: str) -> str:
    """Return a text as it is compared: width and case folded, no spaces."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).lower()


def numbers_in(text: str) -> set[float]:
    """Return every number that a text states, in digits or, up to 99 and before a unit, in Chinese (三天, 十二元)."""
    plain = unicodedata.normalize("NFKC", text)
    found = {float(number.replace(",", "")) for number in _NUMBER.findall(plain)}
    for tens, ten, ones in _CHINESE.findall(plain):
        if tens or ten:
            left = _DIGITS.get(tens, 1 if ten else 0)
            found.add(float(left * 10 + _DIGITS.get(ones, 0) if ten else left))
    return found


def faults(expect: Expect, answer: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an answer, each as `field: wanted ..., said ...`; empty when it is right."""
    text = "\n".join(str(one) for one in answer.get("texts") or ())
    plain, stated = folded(text), numbers_in(text)
    cards = {str(one) for one in answer.get("cards") or ()}
    found: list[str] = []
    _one_of(found, "act", expect.acts, answer.get("act"))
    _one_of(found, "intent", as_names(expect.intent), answer.get("intent"))
    found += [f"has: {word!r} is missing" for word in expect.has if folded(word) not in plain]
    if expect.any and not any(folded(word) in plain for word in expect.any):
        found.append(f"any: none of {', '.join(expect.any)}")
    found += [f"lacks: {word!r} was said" for word in expect.lacks if folded(word) in plain]
    for number in expect.numbers:
        if number not in stated:
            others = ", ".join(f"{one:g}" for one in sorted(stated)[:6]) or "-"
            found.append(f"numbers: wanted {number:g}, said {others}")
    found += [f"cards: {card} is missing" for card in expect.cards if card not in cards]
    if expect.cards_any and not cards & set(expect.cards_any):
        found.append(f"cards_any: none of {', '.join(expect.cards_any)}")
    if expect.choices is not None and bool(answer.get("choices")) != expect.choices:
        found.append(f"choices: wanted {expect.choices}")
    return found


def _one_of(found: list[str], field: str, wanted: Sequence[str], said: object) -> None:
    if wanted and said not in wanted:
        found.append(f"{field}: wanted {' | '.join(wanted)}, said {said}")


def differences(wanted: Mapping[str, Any], said: Mapping[str, Any], place: str = "final") -> list[str]:
    """Return where a final state differs from the one expected; what is not expected may be anything."""
    found: list[str] = []
    for key, value in wanted.items():
        got = said.get(key)
        if isinstance(value, Mapping):
            found += differences(value, got if isinstance(got, Mapping) else {}, f"{place}.{key}")
        elif isinstance(value, list) and not isinstance(got, list):
            if got not in value:
                found.append(f"{place}.{key}: wanted {' | '.join(map(str, value))}, is {got}")
        elif got != value:
            found.append(f"{place}.{key}: wanted {value}, is {got}")
    return found
