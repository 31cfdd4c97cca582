"""Training rows as a model meets new texts: scored by heads that had not seen them, themselves hidden."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.encoding.encoder import Vectors
from bot.understanding.head import Scores
from bot.understanding.neighbours import Near
from bot.understanding.out_of_scope import K
from bot.understanding.signals import Labels, Signals
from bot.understanding.tfidf import Floats

# A hidden score is below every other, a hidden neighbour below every cosine.
_HIDDEN = -20.0
_NONE = -2.0
_BLOCK = 1_024


@dataclass(frozen=True, slots=True)
class HeldRows:
    """Signals of in-scope rows with their labels, and of the given foreign texts; `rows` index the training rows."""

    rows: npt.NDArray[np.int64]
    labels: Labels
    inside: Signals
    foreign: Signals
    stand_ins: Signals
    """The in-scope rows once more, their own intent hidden from heads and neighbours: texts that nobody knows."""


def hold_rows(
    *,
    rows: npt.NDArray[np.int64],
    scores: Scores,
    labels: Labels,
    vectors: Vectors,
    foreign_scores: Scores,
    foreign_vectors: Vectors,
) -> HeldRows:
    """Search the neighbours of `rows` (of `vectors`, whose intents are `labels`) and of the foreign texts."""
    held, own_labels = vectors[rows], labels[rows]
    likeness = _likeness(held, foreign_vectors, itself=None)
    others, strangers = _inside_neighbours(held, rows, vectors, labels)
    return HeldRows(
        rows=rows,
        labels=own_labels,
        inside=_signals(scores, others, labels, likeness),
        foreign=_signals(
            foreign_scores,
            _nearest(foreign_vectors @ vectors.T),
            labels,
            _likeness(foreign_vectors, foreign_vectors, itself=np.arange(len(foreign_vectors))),
        ),
        stand_ins=_signals(_hide(scores, own_labels), strangers, labels, likeness),
    )


def _signals(scores: Scores, near: Near, labels: Labels, likeness: Floats) -> Signals:
    return Signals(scores, near.similarities, np.append(labels, -1)[near.rows], likeness)


def _inside_neighbours(
    held: Vectors, rows: npt.NDArray[np.int64], vectors: Vectors, labels: Labels
) -> tuple[Near, Near]:
    """Return the nearest rows but the row itself, and the nearest of another intent."""
    without_self: list[Near] = []
    without_kind: list[Near] = []
    for start in range(0, len(held), _BLOCK):
        block = rows[start : start + _BLOCK]
        similarities = held[start : start + _BLOCK] @ vectors.T
        similarities[np.arange(len(block)), block] = _NONE
        without_self.append(_nearest(similarities))
        similarities[labels[block][:, None] == labels[None, :]] = _NONE
        without_kind.append(_nearest(similarities))
    return _join(without_self), _join(without_kind)


def _nearest(similarities: Floats) -> Near:
    """Return the K best of each row, best first; the lower row number wins a tie."""
    count, size = similarities.shape
    k = min(K, size)
    rows = np.full((count, K), -1, np.int64)
    best = np.full((count, K), -1, np.float32)
    if k:
        place = np.sort(np.argpartition(-similarities, k - 1, axis=1)[:, :k], axis=1)
        found = np.take_along_axis(similarities, place, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")
        rows[:, :k] = np.take_along_axis(place, order, axis=1)
        best[:, :k] = np.take_along_axis(found, order, axis=1)
        rows[best <= _NONE] = -1
        best[best <= _NONE] = -1
    return Near(rows=rows, similarities=best)


def _likeness(vectors: Vectors, foreign: Vectors, *, itself: npt.NDArray[np.int64] | None) -> Floats:
    if not len(foreign):
        return np.zeros(len(vectors), np.float32)
    similarities = vectors @ foreign.T
    if itself is not None:
        similarities[np.arange(len(vectors)), itself] = 0
    return np.asarray(np.maximum(similarities.max(axis=1), 0), dtype=np.float32)


def _join(parts: list[Near]) -> Near:
    return Near(
        rows=np.concatenate([part.rows for part in parts]),
        similarities=np.concatenate([part.similarities for part in parts]),
    )


def _hide(scores: Scores, labels: Labels) -> Scores:
    place = np.arange(len(labels))
    margins, logits = scores.margins.copy(), scores.logits.copy()
    margins[place, labels] = _HIDDEN
    logits[place, labels] = _HIDDEN
    return Scores(margins=margins, logits=logits)
