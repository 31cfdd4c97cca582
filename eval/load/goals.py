"""The goals of the chat core as data, and the verdict on each.

Source: the requirements of the chat core, agreed before it was written, from measurements of ejabberd and of a bare
relay on a like machine. Peers are measured anew in every run: a goal that compares says 'peer absent' without them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from eval.load.measure import Measure, Workload
from eval.load.stats import Spread, paired, spread

Metric = Literal["per_s", "deliveries_per_s", "cpu_us_per_op", "deliver_p50_ms", "mb_per_1000", "lost", "over_fsync_ms"]
State = Literal["met", "missed", "not measured", "peer absent"]


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """`metric` of our server, divided by that of `peer` in the same round where one is named, against `limit`."""

    title: str
    workload: Workload
    metric: Metric
    sense: Literal["at least", "at most"]
    limit: float
    unit: str
    peer: str | None = None
    stretch: float | None = None
    size: int | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How one of our servers stands to a goal; `value` is the median of the rounds with least and greatest."""

    goal: Goal
    target: str
    state: State
    value: Spread | None = None
    stretched: bool = False


GOALS: tuple[Goal, ...] = (
    Goal(
        title="one-to-one, accepted/s",
        workload="one_to_one",
        metric="per_s",
        peer="ejabberd",
        sense="at least",
        limit=3,
        stretch=4,
        unit="x ejabberd",
    ),
    Goal(
        title="one-to-one, CPU a message",
        workload="one_to_one",
        metric="cpu_us_per_op",
        peer="ejabberd",
        sense="at most",
        limit=0.25,
        unit="x ejabberd",
    ),
    Goal(
        title="one-to-one, CPU a message",
        workload="one_to_one",
        metric="cpu_us_per_op",
        peer="relay",
        sense="at most",
        limit=2.5,
        unit="x bare relay",
    ),
    Goal(
        title="fan-out to 200, deliveries/s",
        workload="fan_out",
        metric="deliveries_per_s",
        peer="ejabberd",
        sense="at least",
        limit=4,
        stretch=6,
        size=200,
        unit="x ejabberd",
    ),
    Goal(
        title="fan-out to 200, deliveries/s",
        workload="fan_out",
        metric="deliveries_per_s",
        peer="relay",
        sense="at least",
        limit=1,
        size=200,
        unit="x bare relay",
    ),
    Goal(
        title="fan-out to 200, CPU a delivery",
        workload="fan_out",
        metric="cpu_us_per_op",
        peer="relay",
        sense="at most",
        limit=0.6,
        size=200,
        unit="x bare relay",
    ),
    Goal(
        title="page of 50 from 10,000, p50",
        workload="history",
        metric="deliver_p50_ms",
        sense="at most",
        limit=7,
        size=10_000,
        unit="ms",
    ),
    Goal(
        title="unloaded delivery p50 over one fsync",
        workload="unloaded",
        metric="over_fsync_ms",
        sense="at most",
        limit=3,
        unit="ms",
    ),
    Goal(
        title="1,000 idle connections, memory",
        workload="connections",
        metric="mb_per_1000",
        sense="at most",
        limit=20,
        size=1000,
        unit="MB",
    ),
    Goal(title="lost or doubled deliveries", workload="one_to_one", metric="lost", sense="at most", limit=0, unit=""),
    Goal(title="lost or doubled in a group", workload="fan_out", metric="lost", sense="at most", limit=0, unit=""),
)

_METRICS: dict[Metric, Callable[[Measure], float | None]] = {
    "per_s": lambda measure: measure.per_s,
    "deliveries_per_s": lambda measure: measure.deliveries_per_s,
    "cpu_us_per_op": lambda measure: measure.cpu_us_per_op,
    "deliver_p50_ms": lambda measure: measure.deliver.p50 if measure.deliver else None,
    "mb_per_1000": lambda measure: measure.mb_per_1000,
    "lost": lambda measure: float(abs(measure.wanted - measure.delivered)),
    "over_fsync_ms": lambda measure: (
        measure.deliver.p50 - measure.fsync_ms if measure.deliver and measure.fsync_ms is not None else None
    ),
}


def rounds_of(measures: Sequence[Measure], goal: Goal, target: str) -> dict[int, float]:
    """Return the goal's metric of one server by round; failed measures are left out."""
    found: dict[int, float] = {}
    for measure in measures:
        if measure.target != target or measure.workload != goal.workload or measure.error is not None:
            continue
        if goal.size is not None and measure.size != goal.size:
            continue
        value = _METRICS[goal.metric](measure)
        if value is not None:
            found[measure.round] = value
    return found


def judge(measures: Sequence[Measure], goal: Goal, target: str) -> Verdict:
    """Return the verdict on one of our servers: the median of the rounds, for ratios of the pairs of each round."""
    ours = rounds_of(measures, goal, target)
    if not ours:
        return Verdict(goal=goal, target=target, state="not measured")
    values = list(ours.values())
    if goal.peer is not None:
        values = paired(ours, rounds_of(measures, goal, goal.peer))
        if not values:
            return Verdict(goal=goal, target=target, state="peer absent")
    value = spread(values)
    reaches = operator.ge if goal.sense == "at least" else operator.le
    decisive = value.high if goal.metric == "lost" else value.median
    return Verdict(
        goal=goal,
        target=target,
        state="met" if reaches(decisive, goal.limit) else "missed",
        value=value,
        stretched=goal.stretch is not None and reaches(value.median, goal.stretch),
    )


def judge_all(measures: Sequence[Measure], targets: Sequence[str]) -> list[Verdict]:
    """Return the verdicts on each goal for each of our servers."""
    return [judge(measures, goal, target) for goal in GOALS for target in targets]
