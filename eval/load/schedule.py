"""What a round runs against each server, in its order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial

import uvloop

from eval.load.http_client import HttpError
from eval.load.measure import Measure, Workload
from eval.load.plan import GROUP, Plan
from eval.load.seed import FOREIGN_ROOM
from eval.load.server import Target
from eval.load.standing import refused_sends
from eval.load.workloads import fan_out, fan_out_lock, fill, history, one_to_one, unloaded
from eval.load.world import World

# The parts of a run that `--only` can name; the first and the last are not repeated in each round.
PARTS = ("connections", "one_to_one", "unloaded", "fan_out", "fan_out_lock", "history", "refusal", "growth")

# What a workload may run into: a server that is gone, silent, or refuses. Anything else is a bug of the bench.
FAILURES = (OSError, TimeoutError, HttpError, RuntimeError)


@dataclass(frozen=True)
class Job:
    """One workload, bound to its server."""

    workload: Workload
    target: Target
    work: Callable[[World], Awaitable[Measure]]

    def run(self) -> Measure:
        """Run it on an event loop of its own; what fails is a measure with an error."""

        async def inside() -> Measure:
            return await self.work(World())

        try:
            return uvloop.run(inside())
        except FAILURES as failure:
            text = f"{type(failure).__name__}: {failure}"
            return Measure(target=self.target.name, workload=self.workload, error=text)


def fill_job(target: Target, plan: Plan) -> Job:
    """Return the filling of the group whose history is read."""
    work = partial(
        fill,
        target=target,
        room=GROUP,
        messages=plan.history,
        senders=plan.group_senders,
        window=plan.group_senders,
        timeout_s=plan.timeout_s,
    )
    return Job("fill", target, work)


def refusal_job(target: Target, plan: Plan, *, workload: Workload = "refusal", room: str = FOREIGN_ROOM) -> Job:
    """Return the sends that are refused: for want of membership, or by the rate limit."""
    assert target.refusals is not None
    work = partial(
        refused_sends,
        target=target,
        wire=target.refusals,
        workload=workload,
        clients=plan.group_senders,
        messages=plan.refusals,
        room=room,
    )
    return Job(workload, target, work)


def jobs(part: str, target: Target, plan: Plan) -> Iterator[Job]:
    """Yield what a part of a round runs against one server; nothing where the server lacks the feature."""
    timeout_s = plan.timeout_s
    if part == "one_to_one":
        talk = partial(one_to_one, users=plan.talkers, messages=plan.talk_messages, timeout_s=timeout_s)
        yield Job("one_to_one", target, partial(talk, target=target))
    elif part == "unloaded":
        yield Job("unloaded", target, partial(unloaded, target=target, messages=plan.pair_messages))
    elif part == "fan_out":
        many = partial(fan_out, messages=plan.group_messages, senders=plan.group_senders, timeout_s=timeout_s)
        yield Job("fan_out", target, partial(many, target=target, room=GROUP, members=plan.group))
    elif part == "fan_out_lock":
        lock = partial(fan_out_lock, messages=plan.lock_messages, timeout_s=timeout_s)
        yield Job("fan_out_lock", target, partial(lock, target=target, room=GROUP, members=plan.group))
    elif part == "history" and target.archive is not None:
        pages = partial(history, target=target, room=GROUP, pages=plan.pages, size=plan.history)
        yield Job("history", target, pages)
    elif part == "refusal" and target.refusals is not None:
        yield refusal_job(target, plan)
