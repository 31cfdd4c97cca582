"""A node that does timed jobs which leave a mark each: `python -m tests.support.job_node DATABASE FOLDER NODE`.

It says `ready` when it looks for jobs, and goes on until it is killed.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

from sqlalchemy import text

from messaging_core.api import Core, Unit
from messaging_core.kernel.jobs import Job
from messaging_core.settings import Settings

TICK = "test.tick"
TABLE = "CREATE TABLE ticks (job_id BIGINT NOT NULL, pid BIGINT NOT NULL)"
_WORK_S = 0.01


def tick(unit: Unit, job: Job) -> None:
    """Leave a mark: done twice, there are two. It takes a while, so that nodes meet at the same job."""
    unit.connection.execute(text("INSERT INTO ticks VALUES (:job_id, :pid)"), {"job_id": job.id, "pid": os.getpid()})
    time.sleep(_WORK_S)


async def _run(database: str, folder: str, node: str) -> None:
    core = Core(Settings(database=database, data=Path(folder), node=int(node)))
    core.jobs.register(TICK, tick)
    await core.start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_run(*sys.argv[1:]))
