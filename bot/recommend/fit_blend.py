"""Learn from purchases that were held back how the recommender's signals weigh against each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from bot.recommend.blend import BUYERS, FLOOR, Blend, bucket_of
from bot.understanding.tfidf import Floats

_STRANGERS = 40


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
    steep = (walk + FLOOR)[:, None].astype(np.float64)
    return np.hstack([steep, together[:, None], np.maximum(together, 1)[:, None], inside, inside * steep])
