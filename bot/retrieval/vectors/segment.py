"""One enterprise's vectors in memory: a built index, a small exact tail of what came since, and what is gone."""

from __future__ import annotations

from collections.abc import Sequence

import faiss
import numpy as np

from bot.encoding.encoder import Vectors
from bot.nearest import nearest
from bot.retrieval.vectors.kinds import Ids, IndexSettings, build_index
from bot.retrieval.vectors.port import Near

_TAIL_LEAST = 1_000
_TAIL_SHARE = 0.1


class Segment:
    """Immutable: `with_changes` gives the next one and shares the built index, so that readers never wait."""

    def __init__(
        self,
        index: faiss.Index | None,
        base_ids: Ids,
        base: Vectors,
        tail_ids: Ids,
        tail: Vectors,
        gone: frozenset[int],
    ) -> None:
        self._index = index
        self._base_ids = base_ids
        self._base = base
        self._tail_ids = tail_ids
        self._tail = tail
        self._gone = gone

    @classmethod
    def empty(cls, dimension: int) -> Segment:
        """A segment without vectors."""
        none, nothing = np.zeros(0, dtype=np.int64), np.zeros((0, dimension), dtype=np.float32)
        return cls(None, none, nothing, none, nothing, frozenset())

    @classmethod
    def built(cls, ids: Ids, vectors: Vectors, settings: IndexSettings, index: faiss.Index | None = None) -> Segment:
        """A segment of an index over these vectors; `index` is one that was built of them before."""
        none, nothing = np.zeros(0, dtype=np.int64), np.zeros((0, vectors.shape[1]), dtype=np.float32)
        made = index if index is not None or not len(ids) else build_index(vectors, ids, settings)
        return cls(made, ids, vectors, none, nothing, frozenset())

    def __len__(self) -> int:
        return len(self._base_ids) - len(self._gone) + len(self._tail_ids)

    @property
    def index(self) -> faiss.Index | None:
        """The built index; None when everything is in the tail."""
        return self._index

    def due(self) -> bool:
        """Whether the tail and the gaps have grown so large that a new index pays."""
        changed = len(self._tail_ids) + len(self._gone)
        return changed > max(_TAIL_LEAST, _TAIL_SHARE * len(self._base_ids))

    def rows(self) -> tuple[Ids, Vectors]:
        """All ids and vectors, in the order of their ids."""
        kept = ~np.isin(self._base_ids, list(self._gone)) if self._gone else np.ones(len(self._base_ids), dtype=bool)
        ids = np.concatenate([self._base_ids[kept], self._tail_ids])
        order = np.argsort(ids)
        return ids[order], np.ascontiguousarray(np.concatenate([self._base[kept], self._tail])[order])

    def with_changes(self, put: Sequence[int], vectors: Vectors, removed: Sequence[int]) -> Segment:
        """Return the segment after some vectors were put and some removed."""
        touched = np.array([*put, *removed], dtype=np.int64)
        kept = ~np.isin(self._tail_ids, touched)
        shadowed = touched[np.isin(touched, self._base_ids)].tolist()
        ids = np.concatenate([self._tail_ids[kept], np.array(put, dtype=np.int64)])
        tail = np.concatenate([self._tail[kept], vectors.astype(np.float32)])
        return Segment(self._index, self._base_ids, self._base, ids, tail, self._gone | frozenset(shadowed))

    def search(self, vector: Vectors, limit: int) -> list[Near]:
        """Return the nearest, nearest first; equal scores by id."""
        query = vector.reshape(1, -1).astype(np.float32)
        found: list[Near] = []
        if self._index is not None:
            wanted = min(limit + len(self._gone), len(self._base_ids))
            scores, ids = nearest(self._index, query, wanted)
            pairs = zip(ids[0].tolist(), scores[0].tolist(), strict=True)
            found = [Near(id, score) for id, score in pairs if id >= 0 and id not in self._gone]
        if len(self._tail_ids):
            scores = self._tail @ query[0]
            best = np.argsort(-scores, kind="stable")[:limit]
            found += [Near(int(self._tail_ids[row]), float(scores[row])) for row in best.tolist()]
        return sorted(found, key=lambda near: (-near.score, near.id))[:limit]
