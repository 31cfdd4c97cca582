"""Where a FAQ's vectors are measured from, and how much each of two encoders side by side counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.encoding.encoder import Vectors

# Of stackfaq, epidemic_faq_zh, lcqmc and the demo shop: all are flat between a half and nine tenths.
_SECOND_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Turn:
    """A matrix for each encoder's part that plays down the directions in which questions of one meaning differ."""

    matrices: tuple[Vectors, ...]


class Measure:
    """Turns vectors so that their inner product is the cosine as seen from the middle of some vectors.

    Two encoders side by side are measured apart: an encoder whose vectors all point one way would else hardly count,
    however well it tells meanings from each other. The second one, the quality encoder, then counts more.
    """

    def __init__(self, vectors: Vectors, parts: Sequence[int] = (), *, turn: Turn | None = None) -> None:
        """Measure from the middle of `vectors`; `parts` are the dimensions of the encoders, one by default."""
        self._turn = turn
        self._middle = np.asarray(vectors.mean(axis=0), dtype=np.float32)
        self._cuts = np.cumsum(parts)[:-1].tolist()
        count = len(self._cuts) + 1
        self._weights = [1.0] if count == 1 else [1 - _SECOND_SHARE, *[_SECOND_SHARE / (count - 1)] * (count - 1)]

    def __call__(self, vectors: Vectors) -> Vectors:
        """Return vectors of length 1 (L2), of the same shape; a part that is the middle itself becomes zero."""
        moved = self.split(vectors - self._middle)
        if self._turn is not None:
            moved = [_unit(part) @ matrix for part, matrix in zip(moved, self._turn.matrices, strict=True)]
        turned = [_unit(part) * np.sqrt(weight) for part, weight in zip(moved, self._weights, strict=True)]
        return np.asarray(np.concatenate(turned, axis=-1), dtype=np.float32)

    def split(self, vectors: Vectors) -> list[Vectors]:
        """Return each encoder's part of some vectors."""
        return np.split(vectors, self._cuts, axis=-1)


def _unit(part: Vectors) -> Vectors:
    return np.asarray(part / np.maximum(np.linalg.norm(part, axis=-1, keepdims=True), 1e-9), dtype=np.float32)
