"""Where would a new model do otherwise? The live one and a candidate read the same texts; nobody is answered twice."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.understanding.hybrid import Understander
from bot.understanding.understanding import Understanding

_BATCH = 256


@dataclass(frozen=True, slots=True)
class Difference:
    """A text on which two models do not do the same; `times` is how often it was said."""

    text: str
    times: int
    live: Understanding
    candidate: Understanding

    @property
    def kind(self) -> str:
        """`intent` when both answer, with different intents; else `live decision>candidate decision`."""
        if self.live.decision == self.candidate.decision:
            return "intent"
        return f"{self.live.decision}>{self.candidate.decision}"


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """What the two models did with `texts` texts; `differences` are the most frequent and surest first."""

    texts: int
    same: int
    differences: tuple[Difference, ...]

    @property
    def kinds(self) -> Counter[str]:
        """How often each kind of difference was met."""
        found: Counter[str] = Counter()
        for one in self.differences:
            found[one.kind] += one.times
        return found


def shadow(live: Understander, candidate: Understander, texts: Iterable[str]) -> ShadowReport:
    """Read all texts with both; two that only clarify or decline with other intents in mind count as the same."""
    said = Counter(text for text in texts if text.strip())
    differences = [one for one in _read(live, candidate, said) if not _same(one.live, one.candidate)]
    differences.sort(key=lambda one: (-one.times, -one.candidate.sureness, one.text))
    total = said.total()
    return ShadowReport(total, total - sum(one.times for one in differences), tuple(differences))


def _read(live: Understander, candidate: Understander, said: Counter[str]) -> Iterator[Difference]:
    texts = iter(sorted(said))
    while batch := list(itertools.islice(texts, _BATCH)):
        pairs = zip(batch, live.understand_many(batch), candidate.understand_many(batch), strict=True)
        for text, now, then in pairs:
            yield Difference(text, said[text], now, then)


def _same(live: Understanding, candidate: Understanding) -> bool:
    if live.decision != candidate.decision:
        return False
    return live.decision != "answer" or live.intent == candidate.intent
