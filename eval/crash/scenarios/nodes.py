"""Two servers on one PostgreSQL and one NATS: either is killed at random, and NATS goes away for some seconds."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from pathlib import Path

from eval.crash.node import Node
from eval.crash.own_nats import OwnNats
from eval.crash.plan import Plan
from eval.crash.report import Report
from eval.crash.run import RAISED, run
from eval.crash.scenarios.schedule import moments
from eval.crash.stage import Say, Stage

# The sweep heals what was not told while NATS was away.
_SETTINGS = {"KEFU_DELIVERY__SWEEP_S": "1"}
_DOWN_S = 1.5
_AWAY_S = (1.0, 4.0)


async def nodes(plan: Plan, *, database: str, broker: OwnNats, folder: Path, say: Say) -> Report:
    """Run it; the broker runs, before and after. NATS goes away once for every three servers killed."""
    environ = {**RAISED, **_SETTINGS}
    both = [
        Node(folder / f"data{n}", log=folder / f"server{n}.log", database=database, broker=broker.url, environ=environ)
        for n in (1, 2)
    ]
    return await run("nodes", plan, both, partial(_break, broker=broker), folder=folder, say=say)


async def _break(stage: Stage, *, broker: OwnNats) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_kill_either(stage))
        group.create_task(_take_nats_away(stage, broker))


async def _kill_either(stage: Stage) -> None:
    rng = stage.rng
    for number, after in enumerate(moments(rng, count=stage.plan.kills, messages=stage.plan.messages), start=1):
        await stage.reached(after)
        which = rng.randrange(len(stage.nodes))
        node = stage.nodes[which]
        stage.say(f"kill -9 {number}/{stage.plan.kills}: node {which + 1} after {stage.acknowledged} messages")
        await asyncio.to_thread(node.kill)
        stage.counts["kills"] += 1
        await asyncio.sleep(rng.uniform(0.0, _DOWN_S))
        # A server does not start without its broker: it says so and ends, and a supervisor would try again.
        await asyncio.to_thread(node.start_again, timeout_s=60.0)


async def _take_nats_away(stage: Stage, broker: OwnNats) -> None:
    rng = random.Random(f"{stage.plan.seed}/nats")
    for after in moments(rng, count=max(1, stage.plan.kills // 3), messages=stage.plan.messages):
        await stage.reached(after)
        stage.say(f"NATS goes away after {stage.acknowledged} messages")
        stage.counts["NATS away"] += 1
        await asyncio.to_thread(broker.kill)
        await asyncio.sleep(rng.uniform(*_AWAY_S))
        await asyncio.to_thread(broker.start)
        stage.say("NATS is back")
