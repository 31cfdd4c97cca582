"""The database port: work is a plain function over a connection, run in a transaction off the event loop.

Two implementations: `sqlite.SqliteDatabase` (one writer thread) and `postgres.PostgresDatabase` (asyncpg pool).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
Work = Callable[[Connection], T]
Done = Callable[[Any, BaseException | None], None]


class Database(Protocol):
    """Where everything is kept."""

    dialect: str

    async def start(self) -> None:
        """Open it; raise ConfigError when it cannot be used."""

    async def close(self) -> None:
        """Finish what was submitted and close it."""

    def submit(self, work: Work[Any], done: Done) -> None:
        """Run `work` in a write transaction of its own; call `done(result, error)` on the event loop after the commit.

        `error` is StorageUnavailable when nothing, or nothing certain, was written; whatever `work` raised otherwise.
        On SQLite the calls of `done` come in the order of the commits.
        """

    async def read(self, work: Work[T]) -> T:
        """Run `work` on committed data and return its result; it must not write."""


async def write(database: Database, work: Work[T]) -> T:
    """Run `work` in a write transaction and return its result once it is committed."""
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def done(result: T, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)

    database.submit(work, done)
    return await future
