"""Questions for people who are still typing, who have just read an answer, or who do not know what to ask."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.retrieval.faq_wordings import FaqWordings
from bot.understanding.normalise import normalise

_WIDE = 60
_BEGINS, _HOLDS, _HEAT = 1.0, 0.5, 0.05
_LEAST = 0.25
_LEAST_ALIKE = 0.45
# A question is suggested in the words of the shop; a variant's words only help to find it.
_VARIANT_DISCOUNT = 0.9


@dataclass(frozen=True, slots=True)
class Question:
    """A FAQ entry's question with the reason why it is shown: its likeness, 0 to 1, or how often it was asked."""

    entry_id: str
    question: str
    score: float


class Questions:
    """Over the wordings of one FAQ; needs no encoder, so that a key stroke costs under a millisecond."""

    def __init__(self, found: FaqWordings) -> None:
        self._found = found
        self._plain = [normalise(text) for text in found.texts]
        self._by_id = {entry.id: place for place, entry in enumerate(found.entries)}

    def typed(self, text: str, *, heat: Mapping[str, int] | None = None, limit: int = 5) -> list[Question]:
        """Return what somebody may be about to ask; what was asked often (`heat`, by entry) comes first of equals."""
        plain = normalise(text) if text.strip() else ""
        if not plain:
            return []
        scores = self._found.lexical(plain)
        best: dict[int, float] = {}
        for row in np.argsort(-scores, kind="stable")[:_WIDE].tolist():
            score = float(scores[row])
            wording = self._plain[row]
            score += _BEGINS if wording.startswith(plain) else _HOLDS if plain in wording else 0.0
            owner = int(self._found.owners[row])
            entry = self._found.entries[owner]
            if wording != normalise(entry.question):
                score *= _VARIANT_DISCOUNT
            if score >= _LEAST:
                best[owner] = max(score + _HEAT * math.log1p((heat or {}).get(entry.id, 0)), best.get(owner, 0.0))
        return self._told(best, limit)

    def alike(self, entry_id: str, *, limit: int = 3, without: Sequence[str] = ()) -> list[Question]:
        """Return the entries whose wordings are nearest to an entry's: what its reader may ask next."""
        place = self._by_id.get(entry_id)
        if place is None:
            return []
        near = self._found.nearness(place)
        hidden = {place, *(self._by_id[one] for one in without if one in self._by_id)}
        best = {
            other: float(near[other])
            for other in np.argsort(-near, kind="stable")[: limit + len(hidden)].tolist()
            if other not in hidden and near[other] >= _LEAST_ALIKE
        }
        return self._told(best, limit)

    def hot(self, heat: Mapping[str, int], *, limit: int = 5) -> list[Question]:
        """Return what is asked most, those that nobody asked yet not at all."""
        return self._told({self._by_id[id]: float(n) for id, n in heat.items() if id in self._by_id and n > 0}, limit)

    def _told(self, scores: Mapping[int, float], limit: int) -> list[Question]:
        ranked = sorted(scores, key=lambda place: (-scores[place], place))[:limit]
        entries = self._found.entries
        return [Question(entries[place].id, entries[place].question, round(scores[place], 4)) for place in ranked]
