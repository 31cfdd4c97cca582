"""What every VectorStore must do; a plug-in runs these checks against its own store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import numpy as np

from bot.encoding.encoder import Vectors
from bot.retrieval.vectors.port import VectorsRefused, VectorStore

DIMENSION = 32
MOON, SUN = 11, 12
_NEAR = 1e-4
Check = Callable[[VectorStore], Awaitable[None]]


class ConformanceError(AssertionError):
    """A store does not keep the contract."""


def _must(holds: bool) -> None:
    """Raise ConformanceError at the check that does not hold; its traceback shows which."""
    if not holds:
        raise ConformanceError("the store does not do what every VectorStore must; see the line above")


async def _refused(act: Awaitable[object]) -> bool:
    try:
        await act
    except VectorsRefused:
        return True
    return False


def unit_vectors(count: int, *, seed: int) -> Vectors:
    """Random vectors of length 1."""
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


async def what_was_put_is_found_first(store: VectorStore) -> None:
    vectors = unit_vectors(50, seed=1)
    await store.put(MOON, range(50), vectors)
    for row in (0, 17, 49):
        near = await store.search(MOON, vectors[row], limit=3)
        _must(near[0].id == row)
        _must(abs(near[0].score - 1.0) < _NEAR)
        _must([one.score for one in near] == sorted((one.score for one in near), reverse=True))
    _must(await store.count(MOON) == 50)


async def a_small_store_is_exact(store: VectorStore) -> None:
    vectors, queries = unit_vectors(200, seed=2), unit_vectors(20, seed=3)
    await store.put(MOON, range(1000, 1200), vectors)
    for query in queries:
        wanted = (1000 + np.argsort(-(vectors @ query))[:5]).tolist()
        _must([one.id for one in await store.search(MOON, query, limit=5)] == wanted)


async def no_tenant_sees_anothers_vectors(store: VectorStore) -> None:
    mine, theirs = unit_vectors(30, seed=4), unit_vectors(400, seed=5)
    await store.put(SUN, range(1, 401), theirs)
    _must(await store.search(MOON, theirs[0], limit=10) == [])
    await store.put(MOON, range(1, 31), mine)
    near = await store.search(MOON, theirs[0], limit=30)
    _must(sorted(one.id for one in near) == list(range(1, 31)))
    scores = {one.id: one.score for one in near}
    for row in range(30):
        _must(abs(scores[row + 1] - float(mine[row] @ theirs[0])) < _NEAR)
    await store.remove(MOON, range(1, 31))
    _must(await store.count(SUN) == 400)
    _must(await store.search(MOON, theirs[0]) == [])


async def a_replaced_vector_is_found_at_its_new_place_only(store: VectorStore) -> None:
    before, after = unit_vectors(1, seed=6), unit_vectors(1, seed=7)
    await store.put(MOON, [5], before)
    await store.put(MOON, [5], after)
    (near,) = await store.search(MOON, after[0])
    _must(abs(near.score - 1.0) < _NEAR)
    _must(await store.count(MOON) == 1)


async def a_removed_vector_is_not_found(store: VectorStore) -> None:
    vectors = unit_vectors(10, seed=8)
    await store.put(MOON, range(10), vectors)
    await store.remove(MOON, [3, 999])
    _must(3 not in [one.id for one in await store.search(MOON, vectors[3], limit=10)])
    _must(await store.count(MOON) == 9)


async def the_limit_is_kept(store: VectorStore) -> None:
    await store.put(MOON, range(20), unit_vectors(20, seed=9))
    _must(len(await store.search(MOON, unit_vectors(1, seed=10)[0], limit=7)) == 7)
    _must(len(await store.search(MOON, unit_vectors(1, seed=10)[0], limit=70)) == 20)


async def vectors_that_do_not_fit_are_refused_whole(store: VectorStore) -> None:
    good = unit_vectors(2, seed=11)
    bad = good.copy()
    bad[1, 0] = np.nan
    for ids, vectors in (([1, 2], bad), ([1, 1], good), ([1], good), ([1, 2], good[:, :8])):
        _must(await _refused(store.put(MOON, ids, vectors)))
    _must(await store.count(MOON) == 0)
    _must(await _refused(store.search(MOON, good[0, :8])))


CHECKS: tuple[Check, ...] = (
    what_was_put_is_found_first,
    a_small_store_is_exact,
    no_tenant_sees_anothers_vectors,
    a_replaced_vector_is_found_at_its_new_place_only,
    a_removed_vector_is_not_found,
    the_limit_is_kept,
    vectors_that_do_not_fit_are_refused_whole,
)
