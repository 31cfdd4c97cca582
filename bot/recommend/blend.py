"""How the signals of the recommender weigh against each other; `fit_blend` learns it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.understanding.tfidf import Floats

# How many customers bought a product: what a walk tells depends on it, since few reach what nobody bought.
BUYERS = (0, 1, 2, 3, 5, 9, 17, 40)
FLOOR = 12.0  # added to the logarithm of a walk: a good that one walk in 160,000 reaches counts nothing


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
        whole = slopes * (walk + FLOOR) + biases + self.together * together
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
