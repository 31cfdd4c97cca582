"""Folds that every intent is spread over evenly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def stratified_folds(labels: npt.NDArray[np.int64], *, folds: int, seed: int) -> npt.NDArray[np.int64]:
    """Return the fold of each row; within an intent the folds' sizes differ by at most one.

    Intents with fewer rows than folds are held out in some folds only: their rows still have one fold each.
    """
    generator = np.random.default_rng(seed)
    place = np.zeros(len(labels), dtype=np.int64)
    offset = 0
    for label in np.unique(labels):
        rows = generator.permutation(np.flatnonzero(labels == label))
        place[rows] = (np.arange(len(rows)) + offset) % folds
        offset += len(rows)
    return place
