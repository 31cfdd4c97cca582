"""The port behind which vectors are kept: FAISS in one process, PostgreSQL for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bot.encoding.encoder import Vectors
from kefu.base.errors import PluginError


class VectorsRefused(PluginError):
    """Vectors that do not fit the store: of another dimension or encoder, not finite, or without ids."""


@dataclass(frozen=True, slots=True)
class Near:
    """A stored vector near a query; `score` is the inner product, the cosine for vectors of length 1."""

    id: int
    score: float


class VectorStore(Protocol):
    """Keeps float32 vectors of one encoder under 63-bit ids, apart for each enterprise.

    What `put` and `remove` did is seen by the next `search`, at the latest a second later by another node.
    """

    @property
    def encoder_id(self) -> str:
        """The encoder whose vectors are kept; a store of another one is refused when it is opened."""
        ...

    async def put(self, enterprise_id: int, ids: Sequence[int], vectors: Vectors) -> None:
        """Add vectors, or replace those of the same ids; VectorsRefused leaves the store as it was."""
        ...

    async def remove(self, enterprise_id: int, ids: Sequence[int]) -> None:
        """Remove vectors; ids that are not there are passed over."""
        ...

    async def search(self, enterprise_id: int, vector: Vectors, *, limit: int = 10) -> list[Near]:
        """Return the nearest of one enterprise, nearest first; an enterprise without vectors has none."""
        ...

    async def count(self, enterprise_id: int) -> int:
        """Return how many vectors an enterprise has."""
        ...


def check_vectors(ids: Sequence[int], vectors: Vectors, *, dimension: int) -> None:
    """Raise VectorsRefused for what no store can keep."""
    if vectors.ndim != 2 or vectors.shape != (len(ids), dimension):
        raise VectorsRefused(f"向量形状 {vectors.shape}，应为 ({len(ids)}, {dimension}) · vectors of another shape")
    if len(set(ids)) != len(ids):
        raise VectorsRefused("同一批里编号重复 · an id occurs twice in one batch")
    if not np.isfinite(vectors).all():
        raise VectorsRefused("向量里有 NaN 或无穷 · a vector is not finite")
