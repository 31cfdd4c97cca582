"""Timed work that survives restarts: one row a job, done and deleted in one transaction, once among all nodes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import structlog
from sqlalchemy import Column, Connection, Index, Integer, Table, Text, delete, insert, select, update

from kefu.base.clock import DAY_US, SECOND_US
from messaging_core.errors import CoreError, StorageUnavailable
from messaging_core.kernel.schema import Id, metadata
from messaging_core.kernel.unit import Unit

if TYPE_CHECKING:
    from messaging_core.core import Core

log = structlog.get_logger("kefu.jobs")

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("run_at", Id, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=True),
    Index(None, "run_at"),
)

_jobs = jobs
_POLL_S = 1.0
_LONGEST_PAUSE_US = DAY_US // 24


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is due."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int


Handler: TypeAlias = Callable[[Unit, Job], None]
"""Does the work in the transaction that also deletes the job: after a crash it is done again from the start."""


def schedule(
    unit: Unit, *, kind: str, run_at_us: int, payload: dict[str, Any], enterprise_id: int | None = None
) -> int:
    """Have a job done at a time or soon after; it exists once the caller's transaction is committed."""
    job_id = unit.new_id()
    unit.connection.execute(
        insert(jobs).values(
            id=job_id,
            enterprise_id=enterprise_id,
            kind=kind,
            payload=msgspec.json.encode(payload).decode(),
            run_at=run_at_us,
            attempts=0,
            error=None,
        )
    )
    return job_id


def schedule_all(
    unit: Unit, *, kind: str, jobs: Sequence[tuple[int, int, dict[str, Any]]], enterprise_id: int | None = None
) -> None:
    """Have many jobs (id, run_at_us, payload) of one kind done, in one statement."""
    rows = [
        {
            "id": job_id,
            "enterprise_id": enterprise_id,
            "kind": kind,
            "payload": msgspec.json.encode(payload).decode(),
            "run_at": run_at_us,
            "attempts": 0,
            "error": None,
        }
        for job_id, run_at_us, payload in jobs
    ]
    unit.connection.execute(insert(_jobs), rows)


def cancel(connection: Connection, job_id: int) -> None:
    """Forget a job that has not been done."""
    connection.execute(delete(jobs).where(jobs.c.id == job_id))


def has_kind(connection: Connection, kind: str) -> bool:
    """Return whether a job of a kind waits."""
    return connection.execute(select(jobs.c.id).where(jobs.c.kind == kind).limit(1)).one_or_none() is not None


def cancel_kind(connection: Connection, kind: str) -> None:
    """Forget all jobs of a kind: for work of which there is to be one, whoever schedules it."""
    connection.execute(delete(jobs).where(jobs.c.kind == kind))


class Jobs:
    """Does what is due on this node; other nodes pass over what it has locked."""

    def __init__(self, core: Core, handlers: dict[str, Handler]) -> None:
        self._core = core
        self._handlers = handlers
        self._task: asyncio.Task[None] | None = None

    def register(self, kind: str, handler: Handler) -> None:
        """Add a kind of job; ValueError when it is taken."""
        if kind in self._handlers:
            raise ValueError(f"jobs of kind {kind!r} have a handler already")
        self._handlers[kind] = handler

    def start(self) -> None:
        """Look for due jobs every second."""
        self._task = asyncio.create_task(self._forever(), name="jobs")

    async def stop(self) -> None:
        """Stop looking; a job under way is finished or comes again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def run_due(self) -> int:
        """Do all that is due now and return how many jobs that were; one that fails waits for its next try."""
        done = 0
        while await self._run_one():
            done += 1
        return done

    async def _forever(self) -> None:
        while True:
            try:
                await self.run_due()
            except StorageUnavailable as error:
                log.warning("jobs.storage_unavailable", why=error.why)
            except Exception as error:  # the loop must outlive any bug, and the bug must be seen
                self._core.refusal(error, doing="jobs")
            await asyncio.sleep(_POLL_S)

    async def _run_one(self) -> bool:
        taken: list[Job] = []
        try:
            return await self._core.run(lambda unit: self._do(unit, taken))
        except StorageUnavailable:
            raise
        except Exception as error:
            # The transaction is rolled back: nothing of the job is done. It is tried again later and later.
            refusal = (
                error if isinstance(error, CoreError) else self._core.refusal(error, doing=f"job:{taken[-1].kind}")
            )
            failed, why = taken[-1], repr(error)
            log.error("job.failed", id=failed.id, kind=failed.kind, attempts=failed.attempts + 1, error=repr(refusal))
            await self._core.run(lambda unit: _postpone(unit, failed, error=why))
            return True

    def _do(self, unit: Unit, taken: list[Job]) -> bool:
        known = tuple(self._handlers)
        query = (
            select(jobs)
            .where(jobs.c.run_at <= unit.now_us, jobs.c.kind.in_(known))
            .order_by(jobs.c.run_at, jobs.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = unit.connection.execute(query).one_or_none()
        if row is None:
            return False
        job = Job(row.id, row.kind, msgspec.json.decode(row.payload), row.attempts)
        taken.append(job)
        self._handlers[job.kind](unit, job)
        cancel(unit.connection, job.id)
        return True


def _postpone(unit: Unit, job: Job, *, error: str) -> None:
    pause_us = min(SECOND_US * 2 ** min(job.attempts, 20), _LONGEST_PAUSE_US)
    unit.connection.execute(
        update(jobs)
        .where(jobs.c.id == job.id)
        .values(attempts=job.attempts + 1, error=error[:2000], run_at=unit.now_us + pause_us)
    )
