"""The two vector stores side by side: FAISS in this process, PostgreSQL with pgvector; same vectors and questions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from statistics import quantiles

import numpy as np
from sqlalchemy.ext.asyncio import create_async_engine

from bot.encoding.encoder import Vectors
from bot.retrieval.vectors.faiss_store import FaissStore
from bot.retrieval.vectors.pgvector_store import PgVectorStore
from bot.retrieval.vectors.port import VectorStore
from eval.crash.own_postgres import OwnPostgres
from eval.knowledge.figures import Figure
from eval.knowledge.vectors import crowd

_NEAREST, _ENTERPRISE, _OTHER = 10, 1, 2


def measure_stores(count: int) -> Iterator[Figure]:
    """Yield for both stores the wall time of putting, of a question, and recall@10; nothing of a neighbour is found."""
    rows, queries = crowd(count)
    exact = np.argsort(-(queries @ rows.T), axis=1)[:, :_NEAREST].tolist()
    dimension = rows.shape[1]
    faiss = FaissStore(encoder_id="bench", dimension=dimension)
    yield from asyncio.run(_measure("FAISS", faiss, rows, queries, exact))
    server = OwnPostgres()
    try:
        server.start()
        url = server.create().replace("postgresql://", "postgresql+asyncpg://")
        yield from asyncio.run(_measure_postgres(url, rows, queries, exact))
    finally:
        server.close()


async def _measure_postgres(url: str, rows: Vectors, queries: Vectors, exact: list[list[int]]) -> list[Figure]:
    engine = create_async_engine(url)
    try:
        store = await PgVectorStore.open(engine, encoder_id="bench", dimension=rows.shape[1])
        return await _measure("pgvector", store, rows, queries, exact)
    finally:
        await engine.dispose()


async def _measure(
    name: str, store: VectorStore, rows: Vectors, queries: Vectors, exact: list[list[int]]
) -> list[Figure]:
    started = time.monotonic()
    await store.put(_ENTERPRISE, range(len(rows)), rows)
    put_s = time.monotonic() - started
    await store.put(_OTHER, [len(rows)], queries[:1])
    if isinstance(store, FaissStore):
        await store.rebuild(_ENTERPRISE)
    times, shared, strange = [], [], 0
    for query, wanted in zip(queries, exact, strict=True):
        started = time.monotonic()
        found = [near.id for near in await store.search(_ENTERPRISE, query, limit=_NEAREST)]
        times.append((time.monotonic() - started) * 1e3)
        shared.append(len(set(found) & set(wanted)) / _NEAREST)
        strange += len(rows) in found
    work = f"{name}, {len(rows)} vectors"
    return [
        Figure(work, "put", put_s, "s"),
        Figure(work, "a question, p50", quantiles(times, n=2)[0], "ms"),
        Figure(work, "recall@10", float(np.mean(shared)), "", None, "more"),
        Figure(work, "another enterprise's vectors found", float(strange), "", 0.0),
    ]
