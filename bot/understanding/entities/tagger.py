"""Marks entities that were taught by annotated examples: a linear sequence model over characters.

Labels are B- and I- of a kind (entities on one span, with role and group), and O. Weights come from an averaged
structured perceptron (Collins 2002); the best label sequence is found by Viterbi.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.understanding.tfidf import Floats

OUTSIDE = 0
MAX_CHARACTERS = 128


@dataclass(frozen=True, slots=True)
class Name:
    """One entity of a kind."""

    entity: str
    role: str | None = None
    group: str | None = None


Kind = tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """A span and the kind that the tagger gives it."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Tagger:
    """`weights` (features, labels) and `steps` (labels, labels); label 0 is O, 2k + 1 begins kind k, 2k + 2 goes on."""

    kinds: tuple[Kind, ...]
    features: Mapping[str, int]
    weights: Floats
    steps: Floats

    def tag(self, text: str, marks: Sequence[str]) -> list[TaggedSpan]:
        """Return the spans of folded text; `marks` say for each character which word list covers it (or '')."""
        if not self.kinds or not text:
            return []
        text = text[:MAX_CHARACTERS]
        scores = np.stack([self.weights[self._known(names)].sum(axis=0) for names in token_features(text, marks)])
        return spans_of(viterbi(scores, self.steps), self.kinds)

    def _known(self, names: Sequence[str]) -> npt.NDArray[np.int64]:
        find = self.features.get
        return np.array([place for name in names if (place := find(name)) is not None], dtype=np.int64)


def allowed_steps(kinds: int) -> npt.NDArray[np.float64]:
    """Return 0 where label b may follow label a and -inf elsewhere: I-k comes after B-k or I-k only."""
    size = 2 * kinds + 1
    steps = np.zeros((size, size))
    for kind in range(kinds):
        inner = 2 * kind + 2
        steps[:, inner] = -np.inf
        steps[[inner - 1, inner], inner] = 0
    return steps


def viterbi(scores: npt.NDArray[np.floating], steps: npt.NDArray[np.floating]) -> list[int]:
    """Return the best labels; `scores` has shape (characters, labels). An I-label never comes first."""
    best = scores[0].copy()
    best[2::2] = -np.inf
    back = np.zeros(scores.shape, dtype=np.int64)
    for place in range(1, len(scores)):
        through = best[:, None] + steps
        back[place] = through.argmax(axis=0)
        best = through.max(axis=0) + scores[place]
    labels = [int(best.argmax())]
    for place in range(len(scores) - 1, 0, -1):
        labels.append(int(back[place, labels[-1]]))
    return labels[::-1]


def spans_of(labels: Sequence[int], kinds: Sequence[Kind]) -> list[TaggedSpan]:
    """Turn labels into spans."""
    spans: list[TaggedSpan] = []
    start = 0
    for place, label in enumerate([*labels, OUTSIDE]):
        before = labels[place - 1] if place else OUTSIDE
        if before != OUTSIDE and not (label == before + before % 2 and label != OUTSIDE):
            spans.append(TaggedSpan(start, place, kinds[(before - 1) // 2]))
        if label % 2 == 1:
            start = place
    return spans


def token_features(text: str, marks: Sequence[str]) -> list[list[str]]:
    """Return the features of each character: itself, its neighbours, pairs, its class, and the word lists over it."""
    padded = ["<<", "<", *text, ">", ">>"]
    shapes = ["^", "^", *map(_shape, text), "$", "$"]
    covered = ["", "", *marks[: len(text)], "", ""]
    found = []
    for at in range(2, len(text) + 2):
        window = padded[at - 2 : at + 3]
        names = [f"{place}{char}" for place, char in enumerate(window)]
        names += [f"{place}{left}{right}" for place, (left, right) in enumerate(itertools.pairwise(window), start=5)]
        names += [f"s{shapes[at]}", f"t{shapes[at - 1]}{shapes[at]}{shapes[at + 1]}"]
        names += [f"m{covered[at]}", f"n{covered[at - 1]}|{covered[at]}", f"o{covered[at]}|{covered[at + 1]}"]
        found.append(names)
    return found


def _shape(char: str) -> str:
    if char.isdigit():
        return "d"
    if char.isascii():
        return "a" if char.isalpha() else "p"
    return "h"
