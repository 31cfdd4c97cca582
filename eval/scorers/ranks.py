"""Area under the curve from ranks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata


def auc(scores: npt.NDArray[Any], positive: npt.NDArray[Any]) -> float | None:
    """Return P(score of a positive > score of a negative), ties half (Mann and Whitney 1947); None for one class."""
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        return None
    ranks = rankdata(scores)
    return float((ranks[positive.astype(bool)].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def classes_f1(truth: npt.NDArray[Any], said: npt.NDArray[Any], classes: int) -> tuple[float | None, float | None]:
    """Return macro and weighted F1 over classes that occur in either; labels are numbers, -1 is no known class."""
    if not len(truth):
        return None, None
    support = np.bincount(truth, minlength=classes).astype(float)
    named = np.bincount(said[said >= 0], minlength=classes).astype(float)
    hits = np.bincount(truth[truth == said], minlength=classes).astype(float)
    seen = (support + named) > 0
    f1 = np.zeros(classes)
    f1[seen] = 2 * hits[seen] / (support + named)[seen]
    return float(f1[seen].mean()), float((f1 * support).sum() / support.sum())
