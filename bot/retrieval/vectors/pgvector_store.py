"""Vectors in PostgreSQL with pgvector: many nodes share one index, and a commit is seen by all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.encoding.encoder import Vectors
from bot.retrieval.vectors.port import Near, VectorsRefused, check_vectors
from kefu.base.errors import ConfigError

_TABLE = "bot_vectors"
_META = "bot_vectors_meta"
_BATCH = 1_000


class PgVectorStore:
    """A VectorStore on PostgreSQL; `open` makes its tables, and refuses those of another encoder.

    The HNSW index serves many vectors approximately; `exact` looks at all of an enterprise, and is right for few.
    """

    def __init__(self, engine: AsyncEngine, *, encoder_id: str, dimension: int, ef: int = 100) -> None:
        self._engine = engine
        self._encoder_id = encoder_id
        self._dimension = dimension
        self._ef = ef

    @classmethod
    async def open(cls, engine: AsyncEngine, *, encoder_id: str, dimension: int, ef: int = 100) -> PgVectorStore:
        """Make the tables when they are missing; ConfigError without pgvector or for another encoder's vectors."""
        store = cls(engine, encoder_id=encoder_id, dimension=dimension, ef=ef)
        async with engine.begin() as connection:
            try:
                await connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
            except DBAPIError as error:
                raise ConfigError(f"PostgreSQL 缺少 pgvector 扩展，请安装 · install pgvector ({error.orig})") from error
            for statement in _tables(dimension):
                await connection.execute(text(statement))
            known = (await connection.execute(text(f"SELECT encoder_id FROM {_META}"))).scalar()
            if known is None:
                insert = text(
                    f"INSERT INTO {_META} (only_row, encoder_id) VALUES (true, :encoder) ON CONFLICT DO NOTHING"
                )
                await connection.execute(insert, {"encoder": encoder_id})
            elif known != encoder_id:
                wrong = f"向量来自编码器 {known!r}，现在是 {encoder_id!r}，请重建 · of another encoder"
                raise ConfigError(f"{_TABLE}: {wrong}")
        return store

    @property
    def encoder_id(self) -> str:
        """The encoder whose vectors are kept."""
        return self._encoder_id

    async def put(self, enterprise_id: int, ids: Sequence[int], vectors: Vectors) -> None:
        """Add or replace vectors in one transaction."""
        check_vectors(ids, vectors, dimension=self._dimension)
        statement = text(
            f"INSERT INTO {_TABLE} (enterprise_id, id, embedding) VALUES (:enterprise, :id, CAST(:vector AS vector)) "
            "ON CONFLICT (enterprise_id, id) DO UPDATE SET embedding = excluded.embedding"
        )
        rows = [
            {"enterprise": enterprise_id, "id": id, "vector": _spelt(vector)}
            for id, vector in zip(ids, vectors, strict=True)
        ]
        async with self._engine.begin() as connection:
            for start in range(0, len(rows), _BATCH):
                await connection.execute(statement, rows[start : start + _BATCH])

    async def remove(self, enterprise_id: int, ids: Sequence[int]) -> None:
        """Remove vectors."""
        statement = text(f"DELETE FROM {_TABLE} WHERE enterprise_id = :enterprise AND id = ANY(:ids)")
        async with self._engine.begin() as connection:
            await connection.execute(statement, {"enterprise": enterprise_id, "ids": list(ids)})

    async def search(self, enterprise_id: int, vector: Vectors, *, limit: int = 10) -> list[Near]:
        """Return the nearest of one enterprise; the index goes on until enough of this enterprise are found."""
        if vector.shape[-1] != self._dimension:
            raise VectorsRefused(
                f"查询向量长 {vector.shape[-1]}，应为 {self._dimension} · a query of another dimension"
            )
        statement = text(
            f"SELECT id, -(embedding <#> CAST(:vector AS vector)) AS score FROM {_TABLE} "
            "WHERE enterprise_id = :enterprise ORDER BY embedding <#> CAST(:vector AS vector) LIMIT :limit"
        )
        given = {"enterprise": enterprise_id, "vector": _spelt(vector.reshape(-1)), "limit": limit}
        async with self._engine.begin() as connection:
            await connection.execute(text(f"SET LOCAL hnsw.ef_search = {int(self._ef)}"))
            await connection.execute(text("SET LOCAL hnsw.iterative_scan = strict_order"))
            rows = (await connection.execute(statement, given)).all()
        return sorted((Near(row.id, float(row.score)) for row in rows), key=lambda near: (-near.score, near.id))

    async def count(self, enterprise_id: int) -> int:
        """Return how many vectors an enterprise has."""
        statement = text(f"SELECT count(*) FROM {_TABLE} WHERE enterprise_id = :enterprise")
        async with self._engine.connect() as connection:
            return int((await connection.execute(statement, {"enterprise": enterprise_id})).scalar_one())


def _tables(dimension: int) -> tuple[str, ...]:
    return (
        f"CREATE TABLE IF NOT EXISTS {_META} (only_row boolean PRIMARY KEY CHECK (only_row), encoder_id text NOT NULL)",
        f"CREATE TABLE IF NOT EXISTS {_TABLE} (enterprise_id bigint NOT NULL, id bigint NOT NULL, "
        f"embedding vector({int(dimension)}) NOT NULL, PRIMARY KEY (enterprise_id, id))",
        f"CREATE INDEX IF NOT EXISTS {_TABLE}_near ON {_TABLE} USING hnsw (embedding vector_ip_ops)",
    )


def _spelt(vector: Vectors) -> str:
    return "[" + ",".join(f"{value:.9g}" for value in np.asarray(vector, dtype=np.float32).tolist()) + "]"
