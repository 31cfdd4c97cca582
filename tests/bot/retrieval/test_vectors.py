"""FAISS in this process: kinds against exact search, changes at once, rebuild beside readers, artefacts."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from bot.conformance.vector_store import DIMENSION, MOON, SUN, unit_vectors
from bot.encoding.encoder import Vectors
from bot.retrieval.vectors.faiss_store import FaissStore
from bot.retrieval.vectors.kinds import FLAT_UNTIL, IndexKind, IndexSettings, build_index, choose_kind
from kefu.base.errors import ConfigError

COUNT = 6_000


@pytest.fixture(scope="module")
def crowd() -> Vectors:
    """Vectors in clusters, as sentences are."""
    random = np.random.default_rng(1)
    centres = random.standard_normal((60, DIMENSION))
    rows = centres[random.integers(60, size=COUNT)] + 0.7 * random.standard_normal((COUNT, DIMENSION))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _recall(kind: IndexKind, crowd: Vectors, **settings: int) -> float:
    index = build_index(crowd, np.arange(COUNT), IndexSettings(kind=kind, **settings))
    queries = crowd[:50] + 0.1 * unit_vectors(50, seed=2)
    exact = np.argsort(-(queries @ crowd.T), axis=1)[:, :10]
    found = index.search(np.ascontiguousarray(queries), 10)[1]
    return float(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(exact.tolist(), found.tolist(), strict=True)]))


def test_flat_search_is_exact(crowd: Vectors) -> None:
    assert _recall("flat", crowd) == 1.0


@pytest.mark.parametrize("kind", ["ivf_sq8", "hnsw"])
def test_the_other_kinds_find_nearly_all(crowd: Vectors, kind: IndexKind) -> None:
    assert _recall(kind, crowd) >= 0.95


def test_size_chooses_the_kind_and_a_setting_overrides_it() -> None:
    assert choose_kind(FLAT_UNTIL, IndexSettings()) == "flat"
    assert choose_kind(FLAT_UNTIL + 1, IndexSettings()) == "ivf_sq8"
    assert choose_kind(10, IndexSettings(kind="hnsw")) == "hnsw"


async def test_changes_to_a_built_index_are_seen_within_a_second(crowd: Vectors, tmp_path: Path) -> None:
    store = FaissStore(encoder_id="test/1", dimension=DIMENSION, settings=IndexSettings(kind="ivf_sq8"))
    await store.put(MOON, range(COUNT), crowd)
    await store.rebuild(MOON)
    new = unit_vectors(2, seed=3)
    started = time.perf_counter()
    await store.put(MOON, [COUNT, 7], new)
    await store.remove(MOON, [0])
    added, changed = [(await store.search(MOON, vector, limit=1))[0] for vector in new]
    gone = await store.search(MOON, crowd[0], limit=5)
    assert time.perf_counter() - started < 1.0
    assert (added.id, changed.id) == (COUNT, 7)
    assert changed.score == pytest.approx(1.0, abs=1e-5)
    assert 0 not in [near.id for near in gone]
    assert await store.count(MOON) == COUNT


async def test_readers_and_writers_go_on_during_a_rebuild(crowd: Vectors) -> None:
    store = FaissStore(encoder_id="test/1", dimension=DIMENSION, settings=IndexSettings(kind="hnsw"))
    await store.put(MOON, range(COUNT), crowd)
    late = unit_vectors(1, seed=4)
    building = asyncio.create_task(store.rebuild(MOON))
    await asyncio.sleep(0)
    await store.put(MOON, [COUNT + 1], late)
    await store.remove(MOON, [1])
    answered = 0
    while not building.done():
        assert (await store.search(MOON, crowd[5], limit=1))[0].id == 5
        answered += 1
        await asyncio.sleep(0)
    assert await building
    assert answered > 0
    assert (await store.search(MOON, late[0], limit=1))[0].id == COUNT + 1
    assert 1 not in [near.id for near in await store.search(MOON, crowd[1], limit=3)]
    assert not store.due(MOON)


async def test_many_changes_make_a_rebuild_due(crowd: Vectors) -> None:
    store = FaissStore(encoder_id="test/1", dimension=DIMENSION)
    await store.put(MOON, range(COUNT), crowd)
    assert store.due(MOON)
    await store.rebuild(MOON)
    assert not store.due(MOON)


async def test_an_artefact_answers_as_before_and_is_mapped_for_one_tenant_only(crowd: Vectors, tmp_path: Path) -> None:
    settings = IndexSettings(kind="ivf_sq8")
    store = FaissStore(encoder_id="test/1", dimension=DIMENSION, settings=settings)
    await store.put(MOON, range(COUNT), crowd)
    await store.rebuild(MOON)
    folder = store.save(MOON, tmp_path)
    other = FaissStore(encoder_id="test/1", dimension=DIMENSION, settings=settings)
    other.open(MOON, folder)
    for query in crowd[:20]:
        assert await other.search(MOON, query) == await store.search(MOON, query)
    assert await other.search(SUN, crowd[0]) == []
    assert store.save(MOON, tmp_path) == folder


async def test_an_artefact_of_another_encoder_or_changed_is_refused(tmp_path: Path) -> None:
    store = FaissStore(encoder_id="test/1", dimension=DIMENSION)
    await store.put(MOON, range(20), unit_vectors(20, seed=5))
    folder = store.save(MOON, tmp_path)
    with pytest.raises(ConfigError, match="test/2"):
        FaissStore(encoder_id="test/2", dimension=DIMENSION).open(MOON, folder)
    with (folder / "vectors.npy").open("r+b") as file:
        file.seek(200)
        file.write(b"\1\2\3\4")
    with pytest.raises(ConfigError, match=r"vectors\.npy"):
        store.open(MOON, folder)
    assert await store.count(MOON) == 20
