"""Both vector stores pass the suite that every VectorStore must pass."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from bot.conformance.vector_store import CHECKS, DIMENSION, Check, unit_vectors
from bot.retrieval.vectors.faiss_store import FaissStore
from bot.retrieval.vectors.pgvector_store import PgVectorStore
from bot.retrieval.vectors.port import VectorStore
from kefu.base.errors import ConfigError
from tests.support.postgres import TestPostgres


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    server = TestPostgres()
    url = server.create()
    if "KEFU_TEST_PG" in os.environ and not asyncio.run(_has_pgvector(url)):
        server.drop(url)
        pytest.skip("the given PostgreSQL has no pgvector; the wheel's has, and is tested by make test")
    yield url.replace("postgresql://", "postgresql+asyncpg://")
    server.drop(url)
    server.close()


async def _has_pgvector(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        return bool(await connection.fetchval("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'"))
    finally:
        await connection.close()


@pytest.fixture(params=["faiss", "pgvector"])
async def store(request: pytest.FixtureRequest, database: str) -> AsyncIterator[VectorStore]:
    if request.param == "faiss":
        yield FaissStore(encoder_id="test/1", dimension=DIMENSION)
        return
    engine = create_async_engine(database)
    made = await PgVectorStore.open(engine, encoder_id="test/1", dimension=DIMENSION)
    yield made
    async with engine.begin() as connection:
        await connection.exec_driver_sql("TRUNCATE bot_vectors")
    await engine.dispose()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_a_vector_store_keeps_the_contract(store: VectorStore, check: Check) -> None:
    await check(store)


async def test_another_nodes_change_is_seen_at_once(database: str) -> None:
    engines = [create_async_engine(database) for _ in range(2)]
    one, other = [await PgVectorStore.open(engine, encoder_id="test/1", dimension=DIMENSION) for engine in engines]
    await one.put(77, [1], unit_vectors(1, seed=1))
    assert [near.id for near in await other.search(77, unit_vectors(1, seed=1)[0])] == [1]
    for engine in engines:
        await engine.dispose()


async def test_vectors_of_another_encoder_are_refused(database: str) -> None:
    engine = create_async_engine(database)
    await PgVectorStore.open(engine, encoder_id="test/1", dimension=DIMENSION)
    with pytest.raises(ConfigError, match="test/2"):
        await PgVectorStore.open(engine, encoder_id="test/2", dimension=DIMENSION)
    await engine.dispose()
