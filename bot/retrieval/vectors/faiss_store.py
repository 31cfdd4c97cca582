"""Vectors in this process: FAISS by tenant, exact at once after a change, rebuilt beside its readers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.encoding.encoder import Vectors
from bot.retrieval.vectors.artefact import load_segment, save_segment
from bot.retrieval.vectors.kinds import Ids, IndexSettings
from bot.retrieval.vectors.port import Near, VectorsRefused, check_vectors
from bot.retrieval.vectors.segment import Segment


class FaissStore:
    """A VectorStore of one process; a segment for each enterprise, replaced whole with every change."""

    def __init__(self, *, encoder_id: str, dimension: int, settings: IndexSettings | None = None) -> None:
        self._encoder_id = encoder_id
        self._dimension = dimension
        self._settings = settings or IndexSettings()
        self._segments: dict[int, Segment] = {}
        self._write = threading.Lock()

    @property
    def encoder_id(self) -> str:
        """The encoder whose vectors are kept."""
        return self._encoder_id

    async def put(self, enterprise_id: int, ids: Sequence[int], vectors: Vectors) -> None:
        """Add or replace vectors."""
        check_vectors(ids, vectors, dimension=self._dimension)
        self._change(enterprise_id, ids, vectors, ())

    async def remove(self, enterprise_id: int, ids: Sequence[int]) -> None:
        """Remove vectors."""
        self._change(enterprise_id, (), np.zeros((0, self._dimension), dtype=np.float32), ids)

    async def search(self, enterprise_id: int, vector: Vectors, *, limit: int = 10) -> list[Near]:
        """Return the nearest of one enterprise."""
        if vector.shape[-1] != self._dimension:
            raise VectorsRefused(f"查询向量长 {vector.shape[-1]}，应为 {self._dimension} · another dimension")
        segment = self._segments.get(enterprise_id)
        return [] if segment is None else segment.search(vector, limit)

    async def count(self, enterprise_id: int) -> int:
        """Return how many vectors an enterprise has."""
        segment = self._segments.get(enterprise_id)
        return 0 if segment is None else len(segment)

    def due(self, enterprise_id: int) -> bool:
        """Whether a rebuild pays."""
        segment = self._segments.get(enterprise_id)
        return segment is not None and segment.due()

    async def rebuild(self, enterprise_id: int) -> bool:
        """Build a new index in a thread and switch to it; changes made meanwhile are kept.

        Returns False when there is nothing to build.
        """
        before = self._segments.get(enterprise_id)
        if before is None or not len(before):
            return False
        ids, vectors = before.rows()
        fresh = await asyncio.to_thread(Segment.built, ids, vectors, self._settings)
        with self._write:
            now_ids, now_vectors = self._segments[enterprise_id].rows()
            self._segments[enterprise_id] = _caught_up(fresh, ids, vectors, now_ids, now_vectors)
        return True

    def save(self, enterprise_id: int, folder: Path) -> Path:
        """Write an enterprise's vectors and index as an artefact; return its folder."""
        segment = self._segments.get(enterprise_id) or Segment.empty(self._dimension)
        ids, vectors = segment.rows()
        whole = Segment.built(ids, vectors, self._settings)
        return save_segment(whole, folder, encoder_id=self._encoder_id, settings=self._settings)

    def open(self, enterprise_id: int, folder: Path) -> None:
        """Switch an enterprise to an artefact, memory-mapped; ConfigError when it is damaged or of another encoder."""
        segment = load_segment(folder, encoder_id=self._encoder_id, dimension=self._dimension, settings=self._settings)
        with self._write:
            self._segments[enterprise_id] = segment

    def _change(self, enterprise_id: int, ids: Sequence[int], vectors: Vectors, removed: Sequence[int]) -> None:
        with self._write:
            segment = self._segments.get(enterprise_id) or Segment.empty(self._dimension)
            self._segments[enterprise_id] = segment.with_changes(ids, vectors, removed)


def _caught_up(fresh: Segment, ids: Ids, vectors: Vectors, now_ids: Ids, now: Vectors) -> Segment:
    """The new index with what changed while it was built."""
    removed = np.setdiff1d(ids, now_ids).tolist()
    places = np.searchsorted(ids, now_ids)
    known = (places < len(ids)) & (ids[np.minimum(places, len(ids) - 1)] == now_ids)
    same = np.zeros(len(now_ids), dtype=bool)
    same[known] = (vectors[places[known]] == now[known]).all(axis=1)
    if same.all() and not removed:
        return fresh
    return fresh.with_changes(now_ids[~same].tolist(), now[~same], removed)
