"""A million vectors: recall, time and memory of each kind of index against exact search, on one thread."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np

from bot.encoding.encoder import Vectors
from bot.nearest import nearest
from bot.retrieval.vectors.kinds import IndexSettings, build_index
from eval.knowledge.figures import MB, Figure

_DIMENSION, _QUERIES, _NEAREST, _NOISE = 384, 60, 10, 0.7
_RECALL, _QUERY_MS, _BUILD_S, _INDEX_MB = 0.97, 0.4, 60.0, 400.0
_CHUNK = 50_000
# These clusters are clean: few lists hold all neighbours. Sentences want the default, which is more.
_PROBES = 7


def crowd(count: int) -> tuple[Vectors, Vectors]:
    """Vectors in clusters and queries: count/200 normal centres, noise of 0.7, length 1, all seeds fixed."""
    centres = np.random.default_rng(0).standard_normal((max(count // 200, 1), _DIMENSION)).astype(np.float32)
    random = np.random.default_rng(1)
    rows = np.empty((count, _DIMENSION), dtype=np.float32)
    for start in range(0, count, _CHUNK):
        rows[start : start + _CHUNK] = _near(centres, min(_CHUNK, count - start), random)
    return rows, _near(centres, _QUERIES, np.random.default_rng(2))


def _near(centres: Vectors, count: int, random: np.random.Generator) -> Vectors:
    rows = centres[random.integers(len(centres), size=count)]
    rows = rows + np.float32(_NOISE) * random.standard_normal((count, _DIMENSION), dtype=np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def measure_vectors(count: int) -> Iterator[Figure]:
    """Yield the figures of flat and IVF-SQ8; the goals hold for a million."""
    rows, queries = crowd(count)
    exact, flat_ms = _exact(rows, queries)
    work = f"{count} vectors"
    yield Figure(work, "flat, a query", flat_ms, "CPU ms")
    started = time.process_time()
    index = build_index(rows, np.arange(count), IndexSettings(kind="ivf_sq8", probes=_PROBES))
    built = time.process_time() - started
    times, found = [], []
    for query in queries:
        started = time.process_time()
        found.append(nearest(index, query[None, :], _NEAREST)[1][0].tolist())
        times.append((time.process_time() - started) * 1e3)
    recall = float(np.mean([len(set(a) & set(b)) / _NEAREST for a, b in zip(exact, found, strict=True)]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.faiss"
        faiss.write_index(index, str(path))
        size = os.path.getsize(path) / MB
    whole = count >= 1_000_000
    yield Figure(work, "IVF-SQ8, recall@10", recall, "", _RECALL if whole else None, "more")
    yield Figure(work, "IVF-SQ8, a query", float(np.mean(times)), "CPU ms", _QUERY_MS if whole else None)
    yield Figure(work, "IVF-SQ8, built in", built, "CPU s", _BUILD_S if whole else None)
    yield Figure(work, "IVF-SQ8, size", size, "MB", _INDEX_MB if whole else None)


def _exact(rows: Vectors, queries: Vectors) -> tuple[list[list[int]], float]:
    index = faiss.IndexFlatIP(_DIMENSION)
    index.add(rows)
    started = time.process_time()
    found = nearest(index, queries[:20], _NEAREST)[1]
    spent = (time.process_time() - started) / 20 * 1e3
    rest = nearest(index, queries[20:], _NEAREST)[1]
    return [*found.tolist(), *rest.tolist()], spent
