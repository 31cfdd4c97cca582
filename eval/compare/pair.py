"""A run against an earlier one over the samples that both have: figures, flips, and where they gather."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from eval.errors import SuiteError
from eval.run.log import RunLog
from eval.run.score import make_cases, suite_scorers
from eval.samples.model import digest
from eval.scorers.scorer import Case, Figure, Scorer, group_numbers
from eval.stats.intervals import Interval
from eval.stats.paired import Flips, holm, mcnemar, paired_bootstrap

Outcome = Literal["better", "worse", "same"]
LATENCY_SLACK, LATENCY_FLOOR_MS = 2.0, 5.0
"""Moods of a machine differ even at the same pace: latencies are worse only beyond this factor, and by so much."""


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure in both runs. `interval` is that of the difference, or of the new value when nothing is paired."""

    old: Figure
    new: Figure
    delta: float | None
    interval: Interval | None
    p: float | None
    paired: bool
    outcome: Outcome
    census: bool = False
    """All that there is was asked: the difference is no chance."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A sample that is right in one run and wrong in the other."""

    scorer: str
    gained: bool
    old: Case
    new: Case


@dataclass(frozen=True, slots=True)
class LossGroup:
    """Lost samples that share an expected answer or a slice; p by McNemar within it, Holm over all groups."""

    scorer: str
    slice: str
    value: str
    n: int
    lost: int
    gained: int
    p: float
    example: Flip


@dataclass(frozen=True, slots=True)
class Confusion:
    """What was right before and is now taken for something else."""

    scorer: str
    wanted: str
    said: str
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that is known about the step from one run to the other."""

    old: RunLog
    new: RunLog
    shared: int
    figures: tuple[FigureChange, ...]
    flips: tuple[Flip, ...]
    groups: tuple[LossGroup, ...]
    confusions: tuple[Confusion, ...]
    failed_old: int
    failed_new: int

    def tests(self) -> dict[str, Flips]:
        """Return McNemar's counts and p by scorer."""
        found: dict[str, list[Flip]] = defaultdict(list)
        for flip in self.flips:
            found[flip.scorer].append(flip)
        return {
            scorer: mcnemar([not flip.gained for flip in flips], [flip.gained for flip in flips])
            for scorer, flips in found.items()
        }


def compare(old: RunLog, new: RunLog) -> Comparison:
    """Compare two runs of one suite.

    Only samples with the same id, input and right answer count; raises SuiteError for different suites, or when nothing
    is shared.
    """
    if old.suite.suite != new.suite.suite:
        raise SuiteError("different_suites", old=old.suite.suite, new=new.suite.suite)
    known = {sample.id: digest([sample.input, sample.expected]) for sample in old.samples}
    shared = {s.id for s in new.samples if known.get(s.id) == digest([s.input, s.expected])}
    if not shared:
        raise SuiteError("nothing_shared")
    old = _at_pace_of(old, new)
    figures: list[FigureChange] = []
    flips: list[Flip] = []
    for scorer in suite_scorers(new.suite):
        before, after = _cases(scorer, old, shared), _cases(scorer, new, shared)
        aligned = [(c.sample.id, c.output.repeat) for c in before] == [(c.sample.id, c.output.repeat) for c in after]
        figures += _figures(scorer, before, after, old, new, aligned=aligned)
        if aligned and scorer.sliced:
            flips += [
                Flip(scorer.name, b.verdict.right, a, b)
                for a, b in zip(before, after, strict=True)
                if a.verdict.right != b.verdict.right
            ]
    return Comparison(
        old=old,
        new=new,
        shared=len(shared),
        figures=tuple(figures),
        flips=tuple(flips),
        groups=tuple(_groups(flips, new, shared)),
        confusions=tuple(_confusions(flips)),
        failed_old=sum(old.failed.values()),
        failed_new=sum(new.failed.values()),
    )


def _at_pace_of(old: RunLog, new: RunLog) -> RunLog:
    """Return the old run with its latencies as they would be at the new run's pace."""
    if not old.machine.pace_us or not new.machine.pace_us:
        return old
    ratio = new.machine.pace_us / old.machine.pace_us
    outputs = tuple(
        msgspec.structs.replace(output, latency_us=round(output.latency_us * ratio)) for output in old.outputs
    )
    return msgspec.structs.replace(old, outputs=outputs)


def _cases(scorer: Scorer, log: RunLog, shared: set[str]) -> list[Case]:
    samples = sorted((sample for sample in log.samples if sample.id in shared), key=lambda sample: sample.id)
    return make_cases(scorer, samples, log.outputs)


def _figures(
    scorer: Scorer, before: Sequence[Case], after: Sequence[Case], old: RunLog, new: RunLog, *, aligned: bool
) -> list[FigureChange]:
    first = {figure.name: figure for figure in scorer.figures(before, seed=new.suite.seed)}
    second = {figure.name: figure for figure in scorer.figures(after, seed=new.suite.seed)}
    differences = {}
    if aligned:
        # Class numbers must mean the same in both runs: one set of columns, split after.
        whole = scorer.columns([*before, *after])
        half = len(before)
        differences = paired_bootstrap(
            {name: part[:half] for name, part in whole.items()},
            {name: part[half:] for name, part in whole.items()},
            scorer.values,
            group_numbers(before),
            seed=new.suite.seed,
        )
    found = []
    for name, figure in second.items():
        was = first[name]
        if was.value is None and figure.value is None:
            continue
        difference = differences.get(name)
        if difference is not None:
            interval: Interval | None = difference.interval
            census = new.suite.census and figure.unit != "ms"
            if census:
                interval = Interval(difference.value, difference.value)
            outcome = _outcome(figure, was, interval if interval and interval.excludes(0.0) else None)
            found.append(FigureChange(was, figure, difference.value, interval, difference.p, True, outcome, census))
            continue
        interval = None if figure.low is None or figure.high is None else Interval(figure.low, figure.high)
        outside = interval if interval and was.value is not None and interval.excludes(was.value) else None
        delta = None if was.value is None or figure.value is None else figure.value - was.value
        found.append(FigureChange(was, figure, delta, interval, None, False, _outcome(figure, was, outside)))
    return found


def _outcome(new: Figure, old: Figure, certain: Interval | None) -> Outcome:
    """Return the outcome of a difference; `certain` is an interval that excludes no change, or None."""
    if old.value is None or new.value is None:
        return "worse" if new.value is None else "same"
    if certain is None or new.value == old.value:
        return "same"
    if new.unit == "ms" and _is_mood(old.value, new.value):
        return "same"
    return "better" if (new.value > old.value) == (new.better == "higher") else "worse"


def _is_mood(old_ms: float, new_ms: float) -> bool:
    return abs(new_ms - old_ms) < LATENCY_FLOOR_MS or max(old_ms, new_ms) < LATENCY_SLACK * min(old_ms, new_ms)


def _groups(flips: Sequence[Flip], new: RunLog, shared: set[str]) -> list[LossGroup]:
    """Return where losses gather: by expected answer and by slice, the surest first."""
    sizes: Counter[tuple[str, str]] = Counter()
    for sample in new.samples:
        if sample.id in shared:
            sizes.update(_memberships(sample.expected, sample.slices))
    members: dict[tuple[str, str, str], list[Flip]] = defaultdict(list)
    for flip in flips:
        for name, value in _memberships(flip.new.sample.expected, flip.new.sample.slices):
            members[flip.scorer, name, value].append(flip)
    rows = []
    for (scorer, name, value), inside in members.items():
        lost = [flip for flip in inside if not flip.gained]
        if lost:
            p = mcnemar([not flip.gained for flip in inside], [flip.gained for flip in inside]).p
            rows.append((scorer, name, value, len(lost), len(inside) - len(lost), p, lost[0]))
    corrected = holm([row[5] for row in rows])
    groups = [
        LossGroup(scorer, name, value, sizes[name, value], lost, gained, p, example)
        for (scorer, name, value, lost, gained, _, example), p in zip(rows, corrected, strict=True)
    ]
    return sorted(groups, key=lambda group: (group.p, -group.lost, group.slice, group.value))


def _memberships(expected: dict[str, object], slices: dict[str, str]) -> list[tuple[str, str]]:
    found = list(slices.items())
    for key in ("intent", "label", "status"):
        if isinstance(expected.get(key), str):
            found.append((key, str(expected[key])))
    expect = expected.get("expect")
    if isinstance(expect, dict) and expect.get("act"):
        act = expect["act"]
        found.append(("act", act if isinstance(act, str) else "|".join(map(str, act))))
    return found


def _confusions(flips: Sequence[Flip]) -> list[Confusion]:
    counts = Counter(
        (flip.scorer, flip.new.verdict.wanted, flip.new.verdict.said)
        for flip in flips
        if not flip.gained and "intent" in flip.new.sample.expected
    )
    return [Confusion(*pair, count) for pair, count in counts.most_common(40)]
