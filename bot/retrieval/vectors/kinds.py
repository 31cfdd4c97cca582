"""Which FAISS index fits how many vectors, and how each is built and asked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import faiss
import numpy as np
import numpy.typing as npt

from bot.encoding.encoder import Vectors

IndexKind = Literal["flat", "ivf_sq8", "hnsw"]
Ids = npt.NDArray[np.int64]
FLAT_UNTIL = 100_000
_TRAIN_PER_LIST = 32
_ITERATIONS = 4


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """`kind` None: by size; `probes`: lists that a search looks into (IVF); `ef`: how wide it looks (HNSW)."""

    kind: IndexKind | None = None
    probes: int = 24
    ef: int = 96
    links: int = 24
    seed: int = 0


def choose_kind(count: int, settings: IndexSettings) -> IndexKind:
    """Exact search up to FLAT_UNTIL vectors, eight bits a value in inverted lists above."""
    return settings.kind or ("flat" if count <= FLAT_UNTIL else "ivf_sq8")


def build_index(vectors: Vectors, ids: Ids, settings: IndexSettings) -> faiss.Index:
    """Build an index for inner product; the order of the rows and the seed decide every byte."""
    count, dimension = vectors.shape
    kind = choose_kind(count, settings)
    if kind == "flat":
        index: faiss.Index = faiss.IndexIDMap(faiss.IndexFlatIP(dimension))
    elif kind == "hnsw":
        graph = faiss.IndexHNSWFlat(dimension, settings.links, faiss.METRIC_INNER_PRODUCT)
        graph.hnsw.efConstruction = 2 * settings.ef
        graph.hnsw.efSearch = settings.ef
        index = faiss.IndexIDMap(graph)
    else:
        index = _trained_lists(vectors, settings)
    index.add_with_ids(np.ascontiguousarray(vectors), np.ascontiguousarray(ids))
    return index


def _trained_lists(vectors: Vectors, settings: IndexSettings) -> faiss.Index:
    count, dimension = vectors.shape
    lists = max(1, min(round(3 * math.sqrt(count)), count // _TRAIN_PER_LIST))
    quantizer = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.niter = _ITERATIONS
    index.cp.seed = settings.seed + 1
    index.cp.max_points_per_centroid = _TRAIN_PER_LIST
    index.cp.min_points_per_centroid = 1
    sample = np.random.default_rng(settings.seed).permutation(count)[: lists * _TRAIN_PER_LIST]
    index.train(np.ascontiguousarray(vectors[np.sort(sample)]))
    index.nprobe = min(settings.probes, lists)
    return index


def tune(index: faiss.Index, settings: IndexSettings) -> None:
    """Set how thoroughly an index that was read from disk searches."""
    inner = faiss.downcast_index(index.index) if isinstance(index, faiss.IndexIDMap) else index
    if isinstance(inner, faiss.IndexIVF):
        inner.nprobe = min(settings.probes, inner.nlist)
    elif isinstance(inner, faiss.IndexHNSW):
        inner.hnsw.efSearch = settings.ef
