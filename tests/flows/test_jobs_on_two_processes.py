"""Timed jobs with two processes on one database: each is done once, also when one of them dies amid its work."""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Connection, text

from messaging_core.api import Core, Unit
from messaging_core.kernel.jobs import schedule_all
from messaging_core.settings import Settings
from tests.support.forked import launch
from tests.support.job_node import TABLE, TICK
from tests.support.postgres import TestPostgres
from tests.support.tables import migrate

Marks = list[tuple[int, int]]
"""(job, process) for each time that a job was done."""


@pytest.fixture
def settings(postgres: TestPostgres, tmp_path: Path) -> Iterator[Settings]:
    database = postgres.create()
    made = Settings(database=database, data=tmp_path / "own", node=9)
    migrate(made)
    yield made
    postgres.drop(database)


@pytest_asyncio.fixture
async def core(settings: Settings) -> AsyncIterator[Core]:
    """A node that schedules jobs and does none of them, for it has no handler."""
    node = Core(settings)
    await node.start()
    await node.run(lambda unit: unit.connection.execute(text(TABLE)))
    yield node
    await node.close()


async def plan(core: Core, count: int) -> list[int]:
    """Have jobs due at once and return their ids."""

    def action(unit: Unit) -> list[int]:
        ids = [unit.new_id() for _ in range(count)]
        schedule_all(unit, kind=TICK, jobs=[(id_, unit.now_us, {}) for id_ in ids])
        return ids

    return await core.run(action)


async def marks(core: Core) -> Marks:
    def query(connection: Connection) -> Marks:
        return [(row.job_id, row.pid) for row in connection.execute(text("SELECT job_id, pid FROM ticks"))]

    return await core.read(query)


def start_logged(words: list[str], log: Path) -> subprocess.Popen[str]:
    with open(log, "w", encoding="utf-8") as file:
        return launch(words, environ={}, log=file)


async def until(core: Core, enough: Callable[[Marks], bool]) -> Marks:
    async with asyncio.timeout(30):
        while not enough(found := await marks(core)):
            await asyncio.sleep(0.02)
    return found


@pytest_asyncio.fixture
async def start(core: Core, tmp_path: Path) -> AsyncIterator[Callable[[int], Awaitable[subprocess.Popen[str]]]]:
    """Start processes that do the jobs."""
    running: list[subprocess.Popen[str]] = []

    async def one(number: int) -> subprocess.Popen[str]:
        words = ["tests.support.job_node", core.settings.database, str(tmp_path / str(number)), str(number)]
        process = start_logged(words, tmp_path / f"{number}.log")
        running.append(process)
        assert process.stdout is not None
        said = await asyncio.to_thread(process.stdout.readline)
        assert said == "ready\n", (tmp_path / f"{number}.log").read_text("utf-8")
        return process

    yield one
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


async def test_each_job_is_done_once_although_two_processes_look_for_it(
    core: Core, start: Callable[[int], Awaitable[subprocess.Popen[str]]]
) -> None:
    pids = {(await start(number)).pid for number in (1, 2)}
    wanted = await plan(core, 150)
    done = await until(core, lambda found: len({job for job, _ in found}) >= len(wanted))
    assert Counter(job for job, _ in done) == dict.fromkeys(wanted, 1)
    assert {pid for _, pid in done} == pids, "both have had a part in it"


async def test_what_a_killed_process_was_doing_is_done_once_by_the_other(
    core: Core, start: Callable[[int], Awaitable[subprocess.Popen[str]]]
) -> None:
    first = await start(1)
    wanted = await plan(core, 80)
    await until(core, lambda found: len(found) >= 5)
    first.kill()
    assert first.wait(10) == -9
    await start(2)
    await until(core, lambda found: len(found) >= len(wanted))
    done = await marks(core)
    assert Counter(job for job, _ in done) == dict.fromkeys(wanted, 1)
    assert len({pid for _, pid in done}) == 2
