"""SQLite: one writer thread that commits whatever is waiting, and a few readers."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import QueuePool

from kefu.base.errors import ConfigError
from messaging_core.errors import StorageUnavailable
from messaging_core.kernel.database import Done, Work

T = TypeVar("T")
_MAX_JOBS = 256
_READERS = 2


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    done: Done
    result: Any = None
    error: BaseException | None = None


def make_engine(url: str, *, synchronous: str, begin: str, pool_size: int) -> Engine:
    """Return an engine whose transactions start with `begin` and whose connections have our pragmas."""
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=pool_size, max_overflow=0, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        # The driver would start its own deferred transactions; ours start where we say.
        connection.isolation_level = None
        for pragma in (
            # A message dirties four to six pages far apart, and the log takes each whole: half the size is a seventh
            # of a message's CPU. Of effect on a new file only.
            "page_size=2048",
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "busy_timeout=5000",
            "temp_store=MEMORY",
            "cache_size=-16000",
            # Each checkpoint writes the hot pages again: fewer of them, for a log of up to 32 MB.
            "wal_autocheckpoint=16000",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


class SqliteDatabase:
    """The embedded database; exactly one process writes to it."""

    dialect = "sqlite"

    def __init__(self, url: str, *, synchronous: str = "FULL") -> None:
        if not make_url(url).database:
            raise ConfigError(
                "KEFU_DATABASE: 请写一个文件 · an in-memory SQLite cannot be shared by threads; name a file"
            )
        self._writer = make_engine(url, synchronous=synchronous, begin="BEGIN IMMEDIATE", pool_size=1)
        self._reader = make_engine(url, synchronous=synchronous, begin="BEGIN", pool_size=_READERS)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="kefu-read")
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Open the file and start the writer."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._write_forever, name="kefu-write", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Commit what waits, then close the file."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            await asyncio.get_running_loop().run_in_executor(None, thread.join)
        self._readers.shutdown(wait=True)
        self._writer.dispose()
        self._reader.dispose()

    def submit(self, work: Work[Any], done: Done) -> None:
        """See Database.submit."""
        if self._thread is None:
            done(None, StorageUnavailable("the database is closed"))
            return
        self._jobs.put(_Job(work, done))

    async def read(self, work: Work[T]) -> T:
        """See Database.read."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Work[T]) -> T:
        try:
            # Begun here: all statements of one read see the same moment.
            with self._reader.connect() as connection, connection.begin():
                return work(connection)
        except OperationalError as error:
            raise StorageUnavailable(str(error.orig)) from error
        except sqlite3.OperationalError as error:  # batches talk to the driver themselves
            raise StorageUnavailable(str(error)) from error

    def _write_forever(self) -> None:
        stop = False
        while not stop:
            waiting = [self._jobs.get()]
            while len(waiting) < _MAX_JOBS:
                try:
                    waiting.append(self._jobs.get_nowait())
                except Empty:
                    break
            jobs = [job for job in waiting if job is not None]
            stop = len(jobs) < len(waiting)
            if jobs:
                self._commit(jobs)
                assert self._loop is not None
                self._loop.call_soon_threadsafe(_tell, jobs)

    def _commit(self, jobs: list[_Job]) -> None:
        """Run all jobs in one transaction, each in a savepoint, so that one fsync serves them all."""
        try:
            with self._writer.connect() as connection, connection.begin():
                for job in jobs:
                    _run(connection, job, alone=len(jobs) == 1)
        except _Rolled:
            return
        except (DatabaseError, sqlite3.Error) as error:
            # A full disk or an I/O error: nothing of this transaction is on disk, so nobody is told otherwise.
            why = StorageUnavailable(str(error))
            why.__cause__ = error
            for job in jobs:
                job.result, job.error = None, why
        except Exception as error:  # a bug must reach those who wait: without this thread nothing is ever written
            for job in jobs:
                job.result, job.error = None, error


class _Rolled(Exception):
    """The only job of a transaction failed; its error is kept in the job."""


def _run(connection: Connection, job: _Job, *, alone: bool) -> None:
    try:
        if alone:
            job.result = job.work(connection)
        else:
            with connection.begin_nested():
                job.result = job.work(connection)
    except (OperationalError, sqlite3.OperationalError):
        raise
    except BaseException as error:
        job.error = error
        if alone:
            raise _Rolled from error


def _tell(jobs: list[_Job]) -> None:
    for job in jobs:
        job.done(job.result, job.error)


def sync_engine(url: str) -> Engine:
    """Return an engine for commands that run when no server does (migrations, checks)."""
    return make_engine(url, synchronous="FULL", begin="BEGIN IMMEDIATE", pool_size=1)
