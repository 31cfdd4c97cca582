"""PostgreSQL through asyncpg: any node writes; rows are locked in id order by those who take numbers."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from kefu.base.errors import ConfigError
from messaging_core.errors import CoreError, StorageUnavailable
from messaging_core.kernel.database import Done, Work

T = TypeVar("T")
_RETRIES = 5
# serialization_failure, deadlock_detected, unique_violation: another node was at the same rows; the work, run again,
# sees what that node wrote.
_RETRY_STATES = {"40001", "40P01", "23505"}
# Every statement here looks rows up by their keys. The planner knows nothing of the size of a batch and would hash
# whole tables; and planning each batch anew costs more than running it.
_PLANS = {"enable_hashjoin": "off", "enable_mergejoin": "off", "plan_cache_mode": "force_generic_plan", "jit": "off"}
# Classes of SQLSTATE that mean the server, not the statement: connection, resources, operator, system.
_SERVER_CLASSES = ("08", "53", "57", "58", "XX")


class PostgresDatabase:
    """A pool of connections; every submit is a transaction of its own and they run side by side."""

    dialect = "postgresql"

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self._url = async_url(url)
        self._pool_size = pool_size
        self._engine: AsyncEngine | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the pool; raise ConfigError when the server cannot be reached."""
        try:
            self._engine = create_async_engine(
                self._url,
                pool_size=self._pool_size,
                max_overflow=0,
                pool_timeout=10,
                connect_args={"timeout": 5, "command_timeout": 30, "server_settings": _PLANS},
            )
            await self.read(lambda connection: connection.exec_driver_sql("SELECT 1"))
        except ModuleNotFoundError as error:
            raise ConfigError(
                "用 PostgreSQL 要先装 asyncpg · PostgreSQL needs asyncpg: pip install 'kefu[scale]'"
            ) from error
        except StorageUnavailable as error:
            raise ConfigError(
                f"PostgreSQL 没有应答 · setting KEFU_DATABASE: PostgreSQL does not answer: {error.why}"
            ) from error

    async def close(self) -> None:
        """Wait for what was submitted and close the pool."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._engine is not None:
            await self._engine.dispose()

    def submit(self, work: Work[Any], done: Done) -> None:
        """See Database.submit."""
        task = asyncio.get_running_loop().create_task(self._write(work, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, work: Work[Any], done: Done) -> None:
        error: BaseException | None = None
        for attempt in range(_RETRIES):
            try:
                result = await self._transaction(work)
            except DBAPIError as raised:
                if sql_state(raised) in _RETRY_STATES and attempt < _RETRIES - 1:
                    await asyncio.sleep(0.002 * 2**attempt)
                    continue
                error = _translate(raised)
            except (OSError, TimeoutError) as raised:
                error = StorageUnavailable(repr(raised))
            except PoolTimeout:
                error = _overloaded()
            except Exception as raised:
                error = raised
            else:
                done(result, None)
                return
            break
        done(None, error)

    async def _transaction(self, work: Work[T]) -> T:
        assert self._engine is not None, "start() comes first"
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def read(self, work: Work[T]) -> T:
        """See Database.read."""
        assert self._engine is not None, "start() comes first"
        try:
            async with self._engine.connect() as connection:
                # No transaction around a read: one round trip instead of three.
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                return await connection.run_sync(work)
        except DBAPIError as raised:
            raise _translate(raised) from raised
        except (OSError, TimeoutError) as raised:
            raise StorageUnavailable(repr(raised)) from raised
        except PoolTimeout as raised:
            raise _overloaded() from raised


def async_url(url: str) -> str:
    """Return the URL with asyncpg as its driver."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+asyncpg://{rest}" if scheme in ("postgres", "postgresql", "postgresql+asyncpg") else url


def sql_state(error: DBAPIError) -> str:
    """Return the five characters of SQLSTATE, or an empty string."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return str(state or "")


def _overloaded() -> CoreError:
    """Return the refusal when every connection was busy for too long: nothing was written, trying again is safe."""
    return CoreError("overloaded", retry_after_ms=1000)


def _translate(error: DBAPIError) -> Exception:
    """Return StorageUnavailable for trouble with the server, the error itself for a bug in a statement."""
    state = sql_state(error)
    if error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError)) or not state:
        return StorageUnavailable(str(error.orig))
    if state.startswith(_SERVER_CLASSES) or state in _RETRY_STATES:
        return StorageUnavailable(str(error.orig))
    return error
