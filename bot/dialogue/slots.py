"""What the customer says about himself and his wish: place, budget, taste, recipient, order number, colour, size."""

from __future__ import annotations

import re
from collections.abc import Mapping

import ahocorasick_rs

from bot.dialogue.amounts import find_budget
from bot.dialogue.places import find_place
from bot.understanding.entities.colours import find_colours
from bot.understanding.normalise import normalise
from intents.model import Pack
from knowledge_graph.asking.apart import find_apart

_LOOKUPS = ("recipient", "taste", "carrier")
_SIZE = (
    ("largest", re.compile("最?大(?:的|罐|盒|包|份|号|一点的|一些的|装)(?!小)")),
    ("smallest", re.compile("最?小(?:的|罐|盒|包|份|号|一点的|一些的|装)|试饮|小样|试喝")),
    ("dearest", re.compile("(?:最贵|贵的那)")),
    ("cheapest", re.compile("(?:最便宜|便宜的那)")),
)
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(kg|公斤|千克|g|克|ml|毫升|斤|两|泡|片|颗|块|包|枚|罐|cm|厘米|l|升)(?![a-z])")
_GRAMS = {
    "斤": ("g", 500),
    "两": ("g", 50),
    "公斤": ("kg", 1),
    "千克": ("kg", 1),
    "克": ("g", 1),
    "毫升": ("ml", 1),
    "厘米": ("cm", 1),
}
_HALF = {"半斤": "250g", "一斤": "500g", "二两": "100g", "两斤": "1kg", "一两": "50g", "1斤": "500g", "半公斤": "500g"}


class SlotReader:
    """Reads slots by the pack's word lists and patterns; without state, safe to share."""

    def __init__(self, pack: Pack) -> None:
        self._words: list[str] = []
        self._slots: list[str] = []
        for name in _LOOKUPS:
            for word in pack.lookups.get(name, ()):
                self._words.append(normalise(word))
                self._slots.append(name)
        self._automaton = ahocorasick_rs.AhoCorasick(
            self._words or ["\0"], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )
        patterns = [pattern.pattern for pattern in pack.patterns if pattern.name == "order_no"]
        self._order = re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE) if patterns else None

    def read(self, text: str) -> Mapping[str, str]:
        """Return the slots of a normalised text."""
        found: dict[str, str] = {}
        for index, _, _ in self._automaton.find_matches_as_indexes(text):
            if self._words[0] != "\0" and self._words:
                found.setdefault(self._slots[index], self._words[index])
        if place := find_place(text):
            found["place"] = place
        if budget := find_budget(text):
            found["budget"] = budget.as_text()
        if self._order and (order := self._order.search(text)):
            found["order_no"] = order[0].upper()
        if colour := next(find_colours(text), None):
            found["colour"] = str(colour.value)
        if apart := find_apart(text):  # 不要试饮装的: the words choose all sizes but this
            found["size_apart"] = apart["size"]
            text = text[: apart.start()] + " " + text[apart.end() :]
        for size, pattern in _SIZE:
            if pattern.search(text):
                found["size"] = size
                break
        if amount := find_amount(text):
            found["amount"] = amount
        return found


def find_amount(text: str) -> str | None:
    """Return the amount that a text names, as labels write it (`250g`)."""
    for words, amount in _HALF.items():
        if words in text:
            return amount
    match = _AMOUNT.search(text)
    if match is None:
        return None
    unit, times = _GRAMS.get(match[2], (match[2], 1))
    value = float(match[1]) * times
    return f"{value:g}{unit}"
