"""A customer's mood from one message and what he said before: a reason for care and an offer, never for force."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from bot.understanding.mood.lexicon import Cue, find_cues
from bot.understanding.ngrams import character_grams
from bot.understanding.normalise import normalise

Label = Literal["pleased", "neutral", "annoyed", "angry"]
_STRONG: frozenset[Cue] = frozenset({"profanity", "insult", "threat", "anger", "angry_face"})
_WEIGHTS = "head.json"
# Above the first the customer is displeased, above the second pleased; chosen on held-out texts of our own.
_DISPLEASED = 0.6
_PLEASED = 0.6
# What is left of an earlier message's displeasure, per message, and what a repeated question adds.
_FADE = 0.5
_REPEATED = 0.25
_MOST_HISTORY = 5
_SAME = 0.75


@dataclass(frozen=True, slots=True)
class Mood:
    """`score` is the displeasure, 0 to 1, earlier messages included; `cues` are what gave it away.

    Cues: those of the lexicon, `repeated` (asked before in the same words) and `lasting` (displeased before too).
    """

    label: Label
    score: float
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoodHead:
    """Two logistic regressions over character runs and cues, as plain numbers."""

    displeased: Mapping[str, float]
    displeased_bias: float
    pleased: Mapping[str, float]
    pleased_bias: float

    def displeasure(self, names: Sequence[str]) -> float:
        """Return the chance that a text with these features is displeased."""
        return _logistic(self.displeased, self.displeased_bias, names)

    def pleasure(self, names: Sequence[str]) -> float:
        """Return the chance that a text with these features is pleased."""
        return _logistic(self.pleased, self.pleased_bias, names)


def read_mood(text: str, history: Sequence[str] = ()) -> Mood:
    """Read one message; `history` holds the customer's own earlier messages of the session, oldest first."""
    score, pleasure, cues = _read_one(text)
    before = [_read_one(line)[0] for line in history[-_MOST_HISTORY:]]
    lasting = max((value * _FADE ** (len(before) - place) for place, value in enumerate(before)), default=0.0)
    plain = normalise(text)
    repeated = any(_similar(plain, normalise(line)) for line in history[-_MOST_HISTORY:])
    total = 1 - (1 - score) * (1 - lasting * (0.2 if score < _DISPLEASED else 1.0))
    if repeated:
        total = 1 - (1 - total) * (1 - _REPEATED)
    found: list[str] = list(cues)
    if repeated:
        found.append("repeated")
    if lasting >= _DISPLEASED * _FADE and score >= _DISPLEASED:
        found.append("lasting")
    return Mood(_label(total, pleasure, cues), round(total, 4), tuple(found))


def mood_features(text: str) -> tuple[list[str], tuple[Cue, ...]]:
    """Return the distinct features of a message, and its cues (which are features too)."""
    plain = normalise(text)
    cues = find_cues(text, plain)
    # Single characters say nothing about feeling, and would be learned by heart.
    grams = {gram for gram in character_grams(plain) if len(gram.strip("^$")) > 1}
    return sorted(grams | set(_marks(cues))), cues


def _marks(cues: tuple[Cue, ...]) -> Iterator[str]:
    for cue in cues:
        yield f"@{cue}"
    if any(cue in _STRONG for cue in cues):
        yield "@strong"


@functools.lru_cache(maxsize=4_096)
def _read_one(text: str) -> tuple[float, float, tuple[Cue, ...]]:
    names, cues = mood_features(text)
    head = _head()
    return head.displeasure(names), head.pleasure(names), cues


def _label(score: float, pleasure: float, cues: tuple[Cue, ...]) -> Label:
    if score >= _DISPLEASED:
        return "angry" if any(cue in _STRONG for cue in cues) else "annoyed"
    return "pleased" if pleasure >= _PLEASED else "neutral"


def _similar(one: str, other: str) -> bool:
    """Whether two messages are the same question: their character pairs overlap (Jaccard)."""
    if len(one) < 3 or len(other) < 3:
        return False
    left = {one[place : place + 2] for place in range(len(one) - 1)}
    right = {other[place : place + 2] for place in range(len(other) - 1)}
    return len(left & right) / len(left | right) >= _SAME


def _logistic(weights: Mapping[str, float], bias: float, names: Sequence[str]) -> float:
    total = bias + sum(weights.get(name, 0.0) for name in names)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@functools.cache
def _head() -> MoodHead:
    return MoodHead(**json.loads(resources.files(__package__).joinpath(_WEIGHTS).read_text("utf-8")))
