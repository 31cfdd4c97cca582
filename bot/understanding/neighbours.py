"""The training sentences nearest to a text: evidence for an answer, and a sign of texts that are like none."""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from bot.encoding.encoder import Vectors
from bot.nearest import nearest
from bot.understanding.tfidf import Floats


@dataclass(frozen=True, slots=True)
class Near:
    """For n texts their k nearest rows, best first; `rows` is -1 (and similarity -1) where there are fewer."""

    rows: npt.NDArray[np.int64]
    similarities: Floats


class Neighbours:
    """Cosine search over unit vectors in 8 bits a number: a quarter of the memory traffic, which is all it costs."""

    def __init__(self, vectors: Vectors) -> None:
        self._size = len(vectors)
        self._index = faiss.IndexScalarQuantizer(
            vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        if self._size:
            self._index.train(vectors)
            self._index.add(vectors)

    def __len__(self) -> int:
        return self._size

    def search(self, vectors: Vectors, *, k: int) -> Near:
        """Return the k nearest rows of each vector."""
        if not self._size:
            shape = (len(vectors), k)
            return Near(rows=np.full(shape, -1, np.int64), similarities=np.full(shape, -1, np.float32))
        similarities, rows = nearest(self._index, vectors, k)
        return Near(rows=rows, similarities=np.where(rows < 0, -1, similarities).astype(np.float32))
