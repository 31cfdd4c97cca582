"""One server, killed with `kill -9` at random moments under load, also while it starts and while clients return."""

from __future__ import annotations

import asyncio
from pathlib import Path

from eval.crash.node import Node
from eval.crash.plan import Plan
from eval.crash.report import Report
from eval.crash.run import RAISED, run
from eval.crash.scenarios.schedule import moments
from eval.crash.stage import Say, Stage

# On one node nothing may depend on the sweep: it is as good as turned off, so that it heals nothing unseen.
_NO_SWEEP = {"KEFU_DELIVERY__SWEEP_S": "86400"}
_AGAIN = 0.25
_AGAIN_WITHIN_S = 2.5
_DOWN_S = 0.8


async def kill(plan: Plan, *, database: str | None, folder: Path, say: Say) -> Report:
    """Run it on SQLite in `folder`, or on the PostgreSQL database of this URL."""
    node = Node(folder / "data", log=folder / "server.log", database=database, environ={**RAISED, **_NO_SWEEP})
    name = f"kill/{'postgresql' if database else 'sqlite'}"
    return await run(name, plan, [node], _kill_at_random, folder=folder, say=say)


async def _kill_at_random(stage: Stage) -> None:
    node, rng = stage.nodes[0], stage.rng
    moment = iter(moments(rng, count=stage.plan.kills, messages=stage.plan.messages))
    for number in range(1, stage.plan.kills + 1):
        again = number > 1 and rng.random() < _AGAIN
        after = next(moment)
        if again:
            # In the middle of its start, or while everybody comes back at once.
            await asyncio.sleep(rng.uniform(0.0, _AGAIN_WITHIN_S))
        else:
            await asyncio.to_thread(node.wait) if number > 1 else None
            await stage.reached(after)
        stage.say(f"kill -9 {number}/{stage.plan.kills}: pid {node.pid} after {stage.acknowledged} messages")
        await asyncio.to_thread(node.kill)
        stage.counts["kills"] += 1
        await asyncio.sleep(rng.choice((0.0, rng.uniform(0.0, _DOWN_S))))
        node.spawn()
    await asyncio.to_thread(node.wait)
