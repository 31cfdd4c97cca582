"""What heads and neighbours say about texts, before anything weighs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.understanding.head import Scores
from bot.understanding.tfidf import Floats

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Signals:
    """For n texts: the heads' scores, the K nearest training sentences, and the likeness to foreign ones.

    `similarities` and `near_labels` have shape (n, K), a missing neighbour is -1 in both; `likeness` (n,) is the
    similarity to the nearest given out-of-scope example, 0 where none is given.
    """

    scores: Scores
    similarities: Floats
    near_labels: Labels
    likeness: Floats

    def __len__(self) -> int:
        return len(self.likeness)

    def pick(self, rows: npt.NDArray[np.int64]) -> Signals:
        """Return some of the rows."""
        return Signals(
            scores=Scores(margins=self.scores.margins[rows], logits=self.scores.logits[rows]),
            similarities=self.similarities[rows],
            near_labels=self.near_labels[rows],
            likeness=self.likeness[rows],
        )


def join_signals(parts: Sequence[Signals]) -> Signals:
    """Put parts one below the other."""
    return Signals(
        scores=Scores(
            margins=np.concatenate([part.scores.margins for part in parts]),
            logits=np.concatenate([part.scores.logits for part in parts]),
        ),
        similarities=np.concatenate([part.similarities for part in parts]),
        near_labels=np.concatenate([part.near_labels for part in parts]),
        likeness=np.concatenate([part.likeness for part in parts]),
    )
