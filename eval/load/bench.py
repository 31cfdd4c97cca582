"""The run: servers side by side, rounds interleaved, so that each ratio compares the same minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import uvloop
from msgspec.structs import replace

from eval.load.disk import fsync_ms
from eval.load.ejabberd import PeerAbsent, ejabberd
from eval.load.growth import member_jobs, stored_fill_job, stored_jobs
from eval.load.measure import Measure
from eval.load.ours import FLOODED, Cast, ours, stall_ms
from eval.load.plan import GROUP, Plan
from eval.load.postgres import Postgres
from eval.load.processes import StartError
from eval.load.schedule import FAILURES, Job, fill_job, jobs, refusal_job
from eval.load.server import Target, relay
from eval.load.standing import connections
from eval.load.world import World

OURS = ("ours/sqlite", "ours/postgresql")
# The order within a round: each of ours beside a peer.
TARGETS = ("ours/sqlite", "ejabberd", "relay", "ours/postgresql")


class Bench:
    """Runs a plan and collects what it showed: `measures` of the rounds, `growth` beside them, `notes`.

    `say` gets each measure or note as it comes. A workload that fails is kept as a measure with an error. What an
    interrupted run has `measured` is not run again, unless it failed.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        targets: Sequence[str],
        parts: Sequence[str],
        say: Callable[[Measure | str], None],
        measured: Sequence[Measure] = (),
        grown: Sequence[Measure] = (),
    ) -> None:
        self.plan = plan
        self.measures = [measure for measure in measured if measure.error is None]
        self.growth = [measure for measure in grown if measure.error is None and measure.workload == "fan_out"]
        self.notes: list[str] = []
        self.settings: dict[str, tuple[str, ...]] = {}
        self._wanted = targets
        self._parts = parts
        self._say = say

    def run(self, folder: Path, postgres: Postgres) -> None:
        """Start the servers with their data in `folder`, run every part, stop the servers."""
        with ExitStack() as stack:
            targets = list(self._start(stack, folder, postgres))
            if "connections" in self._parts:
                for target in targets:
                    if not self._has(self.measures, target, "connections"):
                        self._connections(target)
            if "history" in self._parts:
                for target in targets:
                    if target.archive is not None:
                        self._keep(fill_job(target, self.plan), self.growth)
            for number in range(1, self.plan.rounds + 1):
                self._round(number, targets, fsync_ms(folder))
            if "growth" in self._parts:
                self._grow(targets)
        flooded = any(measure.workload == "rate_limited" for measure in self.measures)
        if "refusal" in self._parts and OURS[0] in self._wanted and not flooded:
            self._flood(folder / "flood")

    def _has(
        self, kept: list[Measure], target: Target, workload: str, *, number: int | None = None, size: int | None = None
    ) -> bool:
        return any(
            (measure.target, measure.workload) == (target.name, workload)
            and number in (None, measure.round)
            and size in (None, measure.size)
            for measure in kept
        )

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self._say(text)

    def _start(self, stack: ExitStack, folder: Path, postgres: Postgres) -> Iterator[Target]:
        plan = self.plan
        cast = Cast(users=plan.users, pairs=plan.talkers // 2, rooms=plan.rooms())
        starts = {
            "ours/sqlite": lambda: ours(folder, cast=cast),
            "ejabberd": lambda: ejabberd(folder, postgres, users=plan.peer_users),
            "relay": lambda: relay(folder),
            "ours/postgresql": lambda: ours(folder, cast=cast, postgres=postgres),
        }
        for name in (name for name in TARGETS if name in self._wanted):
            try:
                target = stack.enter_context(starts[name]())
            except PeerAbsent as absent:
                self._note(f"peer absent: {absent}")
            except (StartError, *FAILURES) as failure:
                self._note(f"{name} did not start: {failure}")
            else:
                self.settings[name] = target.settings
                self._say(f"{name} is up; it stores: {target.stores}")
                if not target.watched.pin():
                    self._note(f"{name}: its database could not be held on the server's core")
                yield target

    def _keep(self, job: Job, into: list[Measure], *, number: int = 0, fsync: float | None = None) -> Measure:
        return self._add(replace(job.run(), round=number, fsync_ms=fsync), job.target, into)

    def _add(self, measure: Measure, target: Target, into: list[Measure]) -> Measure:
        stall = stall_ms(target.metrics_port) if target.metrics_port is not None else None
        into.append(replace(measure, stall_ms=stall))
        self._say(into[-1])
        return into[-1]

    def _connections(self, target: Target) -> None:
        steps = self.plan.connections if target.ours else self.plan.peer_connections

        async def inside() -> list[Measure]:
            return await connections(World(), target, steps=steps)

        try:
            measures = uvloop.run(inside())
        except FAILURES as failure:
            text = f"{type(failure).__name__}: {failure}"
            measures = [Measure(target=target.name, workload="connections", error=text)]
        for measure in measures:
            self._add(replace(measure, round=1), target, self.measures)

    def _round(self, number: int, targets: Sequence[Target], fsync: float) -> None:
        for part in self._parts:
            for target in targets:
                for job in jobs(part, target, self.plan):
                    if self._has(self.measures, target, job.workload, number=number):
                        continue
                    self._keep(job, self.measures, number=number, fsync=fsync)

    def _grow(self, targets: Sequence[Target]) -> None:
        for size in self.plan.member_steps:
            for target in targets:
                if self._has(self.growth, target, "fan_out", size=size):
                    continue
                for job in member_jobs(target, self.plan, size):
                    self._keep(job, self.growth)
        for target in targets:
            if target.ours:
                self._grow_stored(target)

    def _grow_stored(self, target: Target) -> None:
        """Fill one conversation step by step; a step that runs out of time is the last, at the size it reached."""
        stored = 0
        for step in self.plan.stored_steps:
            filled = self._keep(stored_fill_job(target, self.plan, missing=step - stored), self.growth)
            stored += filled.size
            for job in stored_jobs(target, size=stored) if filled.size else ():
                stored += self._keep(job, self.growth).wanted
            if stored < step:
                return

    def _flood(self, folder: Path) -> None:
        """Measure what it costs to refuse a flood: a server of its own whose frame limit is next to nothing."""
        folder.mkdir()
        plan = self.plan
        cast = Cast(users=plan.group_senders, pairs=0, rooms={GROUP: plan.group_senders})
        try:
            with ours(folder, cast=cast, environ=FLOODED) as target:
                self._keep(refusal_job(target, plan, workload="rate_limited", room=GROUP), self.measures, number=1)
        except (StartError, *FAILURES) as failure:
            self._note(f"the flooded server did not start: {failure}")
