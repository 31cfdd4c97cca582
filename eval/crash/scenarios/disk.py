"""One server on SQLite whose disk fills up and is freed again, without a restart; every second time a kill follows.

None follows the last time: what was refused then must be put right without a new connection.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from eval.crash.faults import Fault
from eval.crash.node import Node
from eval.crash.plan import Plan
from eval.crash.probe import Probe
from eval.crash.report import Report
from eval.crash.run import ONE, RAISED, run
from eval.crash.scenarios.schedule import moments
from eval.crash.shortage import FileLimit, FullDisk, Shortage, small_disk
from eval.crash.stage import Say, Stage
from messaging_core.client import HttpApi

_NO_SWEEP = {"KEFU_DELIVERY__SWEEP_S": "86400"}
_REFUSED = "storage_unavailable"
_SOON_S = 30.0


async def disk(plan: Plan, *, folder: Path, say: Say, mount: bool = True) -> Report:
    """Run it on a small file system, or where that is not allowed (or not wished) under a limit of file sizes."""
    if mount:
        with small_disk(folder / "disk") as allowed:
            if allowed:
                return await _disk(plan, folder / "disk", folder, say)
        say("mounting a tmpfs is not allowed here: a limit of file sizes takes its place")
    return await _disk(plan, None, folder, say)


async def _disk(plan: Plan, small: Path | None, folder: Path, say: Say) -> Report:
    data = (small or folder) / "data"
    node = Node(data, log=folder / "server.log", environ={**RAISED, **_NO_SWEEP})
    shortage: Shortage = FullDisk(small) if small else FileLimit(lambda: node.pid)
    trouble = partial(_fill, shortage=shortage)
    return await run(f"disk/{shortage.kind}", plan, [node], trouble, folder=folder, say=say, windows=ONE)


async def _fill(stage: Stage, *, shortage: Shortage) -> None:
    node, rng = stage.nodes[0], stage.rng
    for number, after in enumerate(moments(rng, count=stage.plan.kills, messages=stage.plan.messages), start=1):
        await stage.reached(after)
        # A little room is left, so that it ends in the middle of a transaction.
        shortage.begin(leave_bytes=rng.choice((0, rng.randrange(40_000))))
        stage.say(f"disk full {number}/{stage.plan.kills} after {stage.acknowledged} messages")
        stage.counts["disk filled"] += 1
        try:
            await _while_full(stage)
            await asyncio.sleep(rng.uniform(0.5, 2.0))
        finally:
            shortage.end()
        stage.say(f"disk free again, {stage.waiting} messages wait")
        if number % 2 == 1:
            await asyncio.to_thread(node.kill)
            stage.counts["kills"] += 1
            await asyncio.to_thread(node.start)
        if not await stage.becomes(Probe(node).write, "", timeout_s=_SOON_S):
            stage.found.note(Fault.LIED, "there is room again, but nothing can be written")


async def _while_full(stage: Stage) -> None:
    node = stage.nodes[0]
    probe = Probe(node)
    if not await stage.becomes(probe.write, _REFUSED, timeout_s=_SOON_S):
        stage.found.note(Fault.LIED, "the disk is full, but a command is not refused with storage_unavailable")
    if await probe.status("/healthz") != 200:
        stage.found.note(Fault.LIED, "the disk is full: the process lives, healthz denies it")
    if await probe.status("/readyz") not in (200, 503):
        stage.found.note(Fault.LIED, "the disk is full: readyz fails")
    room = stage.crowd.rooms[0]
    async with HttpApi(node.url, stage.crowd.people[room.members[0]].token) as api:
        await api.messages(room.conversation_id)  # what is stored can be read all the while; raises when not
