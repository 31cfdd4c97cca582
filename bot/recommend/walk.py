"""Personalised PageRank over customers, goods and what goods have in common, on compact arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from bot.understanding.tfidf import Floats

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WalkSettings:
    """`steps`: how far a walk goes; `restart`: the share that starts anew at each step.

    `attribute_share`: what an edge to an attribute weighs against a purchase. `width`: only so many of the likeliest
    nodes are gone on from (None: all); nodes with more than `hub` edges tell nothing and are not gone through.
    """

    steps: int = 4
    restart: float = 0.15
    attribute_share: float = 0.3
    width: int | None = 120
    hub: int = 5_000


class Walk:
    """A graph of `customers` + `goods` + attributes, in this order of node numbers; immutable."""

    def __init__(self, edges: sparse.csr_matrix, settings: WalkSettings) -> None:
        degrees = np.maximum(np.asarray(edges.sum(axis=1)).ravel(), 1e-9)
        self._next = sparse.csr_matrix(sparse.diags(1 / degrees) @ edges).astype(np.float32)
        self._settings = settings
        self._counts = np.diff(self._next.indptr)

    @classmethod
    def of(cls, bought: sparse.csr_matrix, attributes: sparse.csr_matrix, settings: WalkSettings) -> Walk:
        """Build from customers x goods and goods x (goods + attributes); both weigh what they hold."""
        people, goods = bought.shape
        others = attributes.shape[1] - goods
        square = sparse.csr_matrix(
            (attributes.data * settings.attribute_share, attributes.indices, attributes.indptr),
            shape=(goods, goods + others),
        )
        square.resize((goods + others, goods + others))
        square = square.maximum(square.T)
        wide = sparse.hstack([bought, sparse.csr_matrix((people, others))])
        return cls(sparse.csr_matrix(sparse.bmat([[None, wide], [wide.T, square]])), settings)

    def from_nodes(self, nodes: Sequence[int], weights: Sequence[float]) -> Floats:
        """Return how often a walk that starts at these nodes is at each node, shape (nodes,)."""
        count = self._next.shape[0]
        start = np.zeros(count, dtype=np.float32)
        start[np.asarray(nodes, dtype=np.int64)] = np.asarray(weights, dtype=np.float32) / max(sum(weights), 1e-9)
        here, total = start, self._settings.restart * start
        left = 1 - self._settings.restart
        for _ in range(self._settings.steps):
            here = self._step(here)
            total = total + self._settings.restart * left * here
            left *= 1 - self._settings.restart
        return np.asarray(total, dtype=np.float32)

    def from_all(self, starts: Ids) -> Floats:
        """Return the same for many single starts at once, exactly, shape (starts, nodes)."""
        count = self._next.shape[0]
        start = np.zeros((count, len(starts)), dtype=np.float32)
        start[starts, np.arange(len(starts))] = 1
        back = sparse.csr_matrix(self._next.T)
        here, total = start, self._settings.restart * start
        left = 1 - self._settings.restart
        for _ in range(self._settings.steps):
            here = back @ here
            total = total + self._settings.restart * left * here
            left *= 1 - self._settings.restart
        return np.asarray(total.T, dtype=np.float32)

    def _step(self, here: Floats) -> Floats:
        front = np.flatnonzero(here > 0)
        front = front[self._counts[front] <= self._settings.hub]
        width = self._settings.width
        if width is not None and len(front) > width:
            front = front[np.argpartition(-here[front], width)[:width]]
        starts, counts = self._next.indptr[front], self._counts[front]
        within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = np.repeat(starts, counts) + within
        mass = np.repeat(here[front], counts) * self._next.data[rows]
        landed = np.bincount(self._next.indices[rows], weights=mass, minlength=len(here))
        return np.asarray(landed, dtype=np.float32)
