"""How the signals of the recommender weigh against each other, learned from purchases that were held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from bot.understanding.tfidf import Floats

# How many customers bought a product: what a walk tells depends on it, since few reach what nobody bought.
BUYERS = (0, 1, 2, 3, 5, 9, 17, 40)
_STRANGERS = 40
_FLOOR = 12.0


@dataclass(frozen=True, slots=True)
class Blend:
    """Score = slope x walk + bias by the number of buyers, and what is bought together, plainly and beyond one spread.

    The default is for shops that have too few sales to learn from.
    """

    slopes: tuple[float, ...] = (1.0,) * len(BUYERS)
    biases: tuple[float, ...] = (0.0,) * len(BUYERS)
    together: float = 0.2
    together_high: float = 0.0

    def scores(self, walk: Floats, together: Floats, buyers: npt.NDArray[np.integer]) -> Floats:
        """Return the scores of rows of goods; `walk` are logarithms, `together` is standardised by row."""
        bucket = bucket_of(buyers)
        slopes, biases = np.array(self.slopes, np.float32)[bucket], np.array(self.biases, np.float32)[bucket]
        whole = slopes * (walk + _FLOOR) + biases + self.together * together
        if self.together_high:
            whole = whole + self.together_high * np.maximum(together, 1)
        return np.asarray(whole, dtype=np.float32)

    def as_json(self) -> dict[str, Any]:
        """All fields by name."""
        return {
            "slopes": list(self.slopes), "biases": list(self.biases), "together": self.together,
            "together_high": self.together_high,
        }  # fmt: skip


def bucket_of(buyers: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Return the place of each number of buyers in BUYERS."""
    return np.asarray(np.searchsorted(BUYERS, buyers, side="right") - 1, dtype=np.int64)


def fit_blend(
    walk: Floats,
    together: Floats,
    buyers: npt.NDArray[np.integer],
    held: Sequence[tuple[int, int]],
    known: npt.NDArray[np.bool_],
    *,
    seed: int = 0,
) -> Blend:
    """Learn from held-back purchases (row, good) against goods drawn at random that the customer does not know.

    `walk` and `together` have one row a customer; `known` marks what he has, held back or not.
    """
    draw = np.random.default_rng(seed)
    rows = np.repeat([row for row, _ in held], _STRANGERS)
    goods = draw.integers(walk.shape[1], size=len(rows))
    strange = ~known[rows, goods]
    rows = np.concatenate([[row for row, _ in held], rows[strange]])
    goods = np.concatenate([[good for _, good in held], goods[strange]])
    bought = np.arange(len(rows)) < len(held)
    model = LogisticRegression(C=1.0, max_iter=400)
    model.fit(_features(walk[rows, goods], together[rows, goods], buyers[goods]), bought)
    weights = model.coef_[0]
    count = len(BUYERS)
    slopes = weights[0] + weights[3 + count :]
    return Blend(
        tuple(round(float(one), 5) for one in slopes),
        tuple(round(float(one), 5) for one in weights[3 : 3 + count]),
        round(float(weights[1]), 5),
        round(float(weights[2]), 5),
    )


def _features(walk: Floats, together: Floats, buyers: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    inside = np.eye(len(BUYERS))[bucket_of(buyers)]
    steep = (walk + _FLOOR)[:, None].astype(np.float64)
    return np.hstack([steep, together[:, None], np.maximum(together, 1)[:, None], inside, inside * steep])
