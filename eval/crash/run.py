"""A whole run: start, talk under trouble, let it settle, read back, compare."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from eval.crash.collect import Collector
from eval.crash.compare import compare
from eval.crash.crowd import make_crowd
from eval.crash.evidence import Stored, Witness
from eval.crash.faults import Fault, Findings
from eval.crash.node import Node
from eval.crash.person import Person
from eval.crash.plan import Plan
from eval.crash.report import Report
from eval.crash.stage import Say, Stage, Trouble
from eval.crash.stints import Stint, owed, read_stints
from eval.crash.waiting import until

_NUMBERS_S = 10.0
ONE_AND_MANY = (1, 8)
ONE = (1,)
"""Where sends are refused for a moment: with more on the wire, one that is tried again may be overtaken."""

# The guards stay on with their limits raised: a hundred clients at one address would meet them at once.
RAISED = {
    "KEFU_LIMITS__FRAMES_PER_S": "100000",
    "KEFU_LIMITS__FRAMES_BURST": "100000",
    "KEFU_LIMITS__REQUESTS_PER_S": "100000",
    "KEFU_LIMITS__REQUESTS_BURST": "100000",
    "KEFU_LIMITS__CONNECTIONS_PER_ADDRESS": "10000",
    "KEFU_GROUPS__ORDINARY_MEMBERS": "1000",
    "KEFU_GROUPS__ORDINARY_INVITES": "1000",
    "KEFU_SAFETY__DAILY_CAP": "1000000000",
    "KEFU_SAFETY__WINDOW_S": "0.01",
    "KEFU_SAFETY__SLOW_PACE_S": "0.001",
    "KEFU_SAFETY__GROUP_WINDOW_S": "0.01",
    "KEFU_LOG_LEVEL": "warning",
}


class _ClientErrors(logging.Handler):
    """Collects what the clients log as errors: a broken protocol, a client that ended."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.lines.append(logging.Formatter().format(record))


async def run(
    scenario: str,
    plan: Plan,
    nodes: Sequence[Node],
    trouble: Trouble,
    *,
    folder: Path,
    say: Say,
    windows: Sequence[int] = ONE_AND_MANY,
) -> Report:
    """Run a scenario on nodes that are not started yet; they are stopped at the end."""
    began_s = time.monotonic()
    errors = _ClientErrors()
    logging.getLogger("messaging_core.client").addHandler(errors)
    stage: Stage | None = None
    try:
        for node in nodes:
            await asyncio.to_thread(node.start)
        rng = random.Random(f"{plan.seed}/crowd")
        crowd = await make_crowd(nodes[0].url, nodes[0].operator_token, clients=plan.clients, rng=rng)
        say(f"{plan.clients} clients, {len(crowd.rooms)} conversations, seed {plan.seed}")
        stage = Stage(plan, list(nodes), crowd, windows=windows, folder=folder, say=say)
        await stage.enter()
        await stage.play(trouble)
        say("all is said; waiting for the last acknowledgements")
        stored, found = await _settle(stage, Collector(crowd, nodes[0].url))
    finally:
        logging.getLogger("messaging_core.client").removeHandler(errors)
        if stage is not None:
            await stage.close()
        for node in nodes:
            await asyncio.to_thread(node.stop)
    people = [_gather(stage, number) for number in range(plan.clients)]
    found.take(stage.found)
    found.take(compare(people, stored))
    for line in (*errors.lines, *(error for node in nodes for error in node.errors())):
        found.note(Fault.BROKEN, line[-1500:])
    return Report.of(scenario, stage, stored, found, seconds=time.monotonic() - began_s)


async def _settle(stage: Stage, collector: Collector) -> tuple[Stored, Findings]:
    """Wait for what is under way without asking for it, then read everything back."""
    found = Findings()
    stored = Stored()
    people = stage.people
    await until(lambda: not any(len(person.client.outbox) for person in people), timeout_s=stage.plan.settle_s)
    await collector.read_logs(stored)
    all_stints = {place: read_stints(log) for place, log in stored.log.items()}

    def all_there() -> bool:
        return all(_has_all(person, stored, all_stints) for person in people)

    # No sync and no new connection helps: what a live client misses now, it would miss for good.
    await until(all_there, timeout_s=stage.plan.settle_s / 3)
    stage.say("comparing")
    deadline = time.monotonic() + _NUMBERS_S
    while True:
        stored.numbers = await collector.read_numbers()
        for person in people:
            person.settle()
        if time.monotonic() > deadline or all(
            person.witness.held == stored.numbers[person.witness.account_id] for person in people
        ):
            break
    await collector.read_fresh(stored, found)
    for churn in stage.churns:
        if stored.members[churn.place] & set(churn.guests) != churn.present:
            found.note(Fault.MEMBERSHIP, f"{churn.place}: the guests are not those that were confirmed")
    return stored, found


def _has_all(person: Person, stored: Stored, all_stints: Mapping[str, Mapping[str, Sequence[Stint]]]) -> bool:
    """Return whether a live client has everything that it is to see."""
    cursors = person.client.cursors
    for place, stints in all_stints.items():
        at = cursors.get(place, 0)
        due = owed(stints.get(person.witness.account_id, ()), at=at)
        if due and at < (stored.log[place][-1].to_seq if due[-1].end is None else due[-1].end):
            return False
    return True


def _gather(stage: Stage, number: int) -> Witness:
    """Return what a person testifies, with the acknowledgements that were read on the wire."""
    witness = stage.people[number].witness
    for gate in stage.gates:
        if gate.record.name == witness.account_id:
            witness.receipts += gate.record.receipts
    return witness
