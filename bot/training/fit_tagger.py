"""Learn to mark entities from annotated examples: an averaged structured perceptron (Collins 2002)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.training.example import TrainingExample
from bot.understanding.entities.folding import fold
from bot.understanding.entities.tagger import (
    MAX_CHARACTERS,
    OUTSIDE,
    Kind,
    Name,
    Tagger,
    allowed_steps,
    token_features,
    viterbi,
)
from bot.understanding.entities.word_lists import WordLists

_EPOCHS = 6
# Texts without a mark teach what to leave alone; more of them than this, for each one with marks, only cost time.
_UNMARKED_SHARE = 1


@dataclass(frozen=True, slots=True)
class _Row:
    features: list[npt.NDArray[np.int64]]
    labels: list[int]


def fit_tagger(texts: Sequence[TrainingExample], lists: WordLists, *, seed: int) -> Tagger | None:
    """Learn from texts in any order; None when nothing is marked. Crossing marks: the first and longest counts."""
    chosen = _choose(texts, seed)
    kinds = tuple(sorted({kind for text in chosen for _, _, kind in _spans(text)}, key=repr))
    if not kinds:
        return None
    numbers: dict[str, int] = {}
    rows = [_row(text, lists, kinds, numbers) for text in chosen]
    weights, steps = _learn(rows, len(numbers), len(kinds), seed)
    return Tagger(kinds=kinds, features=numbers, weights=weights.astype(np.float32), steps=steps.astype(np.float32))


def _choose(texts: Sequence[TrainingExample], seed: int) -> list[TrainingExample]:
    unique = sorted({(one.text, one.marks): one for one in texts}.values(), key=lambda one: (one.text, one.marks))
    marked = [text for text in unique if text.marks]
    taught = {text.text for text in marked}
    plain = [text for text in unique if not text.marks and text.text not in taught]
    order = np.random.default_rng(seed).permutation(len(plain))[: _UNMARKED_SHARE * len(marked)]
    return marked + [plain[place] for place in sorted(order.tolist())]


def _spans(text: TrainingExample) -> list[tuple[int, int, Kind]]:
    by_place: dict[tuple[int, int], list[Name]] = {}
    for mark in sorted(text.marks):
        by_place.setdefault((mark.start, mark.end), []).append(Name(mark.entity, mark.role or None, mark.group or None))
    spans: list[tuple[int, int, Kind]] = []
    for (start, end), names in sorted(by_place.items(), key=lambda item: (item[0][0], -item[0][1])):
        if start < end <= min(len(text.text), MAX_CHARACTERS) and (not spans or start >= spans[-1][1]):
            spans.append((start, end, tuple(names)))
    return spans


def _row(text: TrainingExample, lists: WordLists, kinds: tuple[Kind, ...], numbers: dict[str, int]) -> _Row:
    folded = fold(text.text)[:MAX_CHARACTERS]
    labels = [OUTSIDE] * len(folded)
    for start, end, kind in _spans(text):
        first = 2 * kinds.index(kind) + 1
        labels[start:end] = [first, *[first + 1] * (end - start - 1)]
    features = [
        np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)
        for names in token_features(folded, lists.marks(folded))
    ]
    return _Row(features, labels)


def _learn(
    rows: list[_Row], features: int, kinds: int, seed: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return averaged weights: the sum over steps is kept as `weights * step - late`, so each update costs little."""
    size = 2 * kinds + 1
    allowed = allowed_steps(kinds)
    weights, late = np.zeros((features, size)), np.zeros((features, size))
    steps, late_steps = np.zeros((size, size)), np.zeros((size, size))
    generator = np.random.default_rng(seed)
    step = 0
    for _ in range(_EPOCHS):
        for index in generator.permutation(len(rows)).tolist():
            row = rows[index]
            step += 1
            if not row.labels:
                continue
            scores = np.stack([weights[names].sum(axis=0) for names in row.features])
            guess = viterbi(scores, steps + allowed)
            if guess == row.labels:
                continue
            for names, right, wrong in zip(row.features, row.labels, guess, strict=True):
                if right != wrong:
                    weights[names, right] += 1
                    weights[names, wrong] -= 1
                    late[names, right] += step
                    late[names, wrong] -= step
            for right, after in itertools.pairwise(row.labels):
                steps[right, after] += 1
                late_steps[right, after] += step
            for wrong, after in itertools.pairwise(guess):
                steps[wrong, after] -= 1
                late_steps[wrong, after] -= step
    return weights - late / (step + 1), steps - late_steps / (step + 1) + allowed
