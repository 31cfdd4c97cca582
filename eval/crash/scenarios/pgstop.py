"""One server whose PostgreSQL stops, crashes or freezes, and comes back, without a restart of the server."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

from eval.crash.faults import Fault
from eval.crash.node import Node
from eval.crash.own_postgres import OwnPostgres
from eval.crash.plan import Plan
from eval.crash.probe import Probe
from eval.crash.report import Report
from eval.crash.run import ONE, RAISED, run
from eval.crash.scenarios.schedule import moments
from eval.crash.stage import Say, Stage

_SETTINGS = {"KEFU_DELIVERY__SWEEP_S": "2"}
_SOON_S = 40.0
_UNDER_WAY_S = 1.0  # what was committed before the stop may still be told so long


async def pgstop(plan: Plan, *, postgres: OwnPostgres, database: str, folder: Path, say: Say) -> Report:
    """Run it on a PostgreSQL that is ours to stop, and a database in it; it runs, before and after."""
    node = Node(folder / "data", log=folder / "server.log", database=database, environ={**RAISED, **_SETTINGS})
    trouble = partial(_stop, postgres=postgres)
    return await run("pgstop", plan, [node], trouble, folder=folder, say=say, windows=ONE)


async def _stop(stage: Stage, *, postgres: OwnPostgres) -> None:
    rng, probe = stage.rng, Probe(stage.nodes[0])
    for number, after in enumerate(moments(rng, count=stage.plan.kills, messages=stage.plan.messages), start=1):
        await stage.reached(after)
        how = ("immediate", "fast", "freeze")[number % 3]
        stage.say(f"PostgreSQL {how} {number}/{stage.plan.kills} after {stage.acknowledged} messages")
        stage.counts[f"PostgreSQL: {how}"] += 1
        if how == "freeze":
            postgres.freeze()
            await asyncio.sleep(rng.uniform(0.5, 4.0))
            postgres.thaw()
        else:
            await asyncio.to_thread(postgres.stop, "immediate" if how == "immediate" else "fast")
            await _while_down(stage, probe)
            await asyncio.to_thread(postgres.start)
        if not await stage.becomes(probe.write, "", timeout_s=_SOON_S):
            stage.found.note(Fault.LIED, f"PostgreSQL is back after {how}, but nothing can be written")
        if await probe.status("/readyz") != 200:
            stage.found.note(Fault.LIED, "PostgreSQL is back, but readyz denies it")


async def _while_down(stage: Stage, probe: Probe) -> None:
    down_s = time.monotonic() + _UNDER_WAY_S
    if not await stage.becomes(lambda: probe.status("/readyz"), 503, timeout_s=_SOON_S):
        stage.found.note(Fault.LIED, "PostgreSQL is down, but readyz does not say so")
    if await probe.status("/healthz") != 200:
        stage.found.note(Fault.LIED, "PostgreSQL is down: the process lives, healthz denies it")
    if (code := await probe.write()) != "storage_unavailable":
        stage.found.note(Fault.LIED, f"PostgreSQL is down, and a command was answered with {code or 'success'!r}")
    await asyncio.sleep(_UNDER_WAY_S + stage.rng.uniform(0.5, 2.5))
    lies = [receipt for gate in stage.gates for receipt in gate.record.receipts if receipt.at_s > down_s]
    stage.found.note(Fault.LIED, "acknowledged while PostgreSQL was down", count=len(lies))
