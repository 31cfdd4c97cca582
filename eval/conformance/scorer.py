"""Conformance of a scorer: give it one sample with a right and a wrong answer, it must pass every check."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from eval.errors import SampleError
from eval.samples.model import Output, Sample
from eval.scorers.scorer import Case, Figure, Scorer

_N = 40


@dataclass(frozen=True, slots=True)
class Example:
    """How to try a scorer: samples made from a number, a right and a wrong answer to each.

    `judges` is False for a scorer that measures and does not judge (latency).
    """

    make: Callable[[], Scorer]
    sample: Callable[[int], Sample]
    right: Callable[[int], dict[str, Any]]
    wrong: Callable[[int], dict[str, Any]]
    judges: bool = True


def check_scorer(example: Example) -> None:
    """Raise AssertionError with the rule that is broken."""
    for rule in (
        _names_its_measures,
        _judges_right_and_wrong,
        _counts_a_failure_as_wrong,
        _refuses_an_empty_answer,
        _does_not_depend_on_order,
        _gives_the_same_again,
        _knows_what_is_better,
        _keeps_values_inside_intervals,
        _survives_nothing,
        _travels_as_json,
        _reads_no_more_than_it_says,
    ):
        rule(example)


def _cases(example: Example, answers: Mapping[int, dict[str, Any] | None]) -> list[Case]:
    scorer = example.make()
    cases = []
    for number, answer in answers.items():
        sample = example.sample(number)
        output = Output(sample.id, 0, answer, "" if answer is not None else "timeout: nothing", 1_000 + number)
        cases.append(Case(sample, output, scorer.verdict(sample, output)))
    return cases


def _figures(example: Example, cases: list[Case]) -> dict[str, Figure]:
    return {figure.name: figure for figure in example.make().figures(cases, seed=1)}


def _mixed(example: Example) -> list[Case]:
    answers = {n: example.right(n) if n % 4 else example.wrong(n) for n in range(_N)}
    return _cases(example, answers)


def _names_its_measures(example: Example) -> None:
    scorer = example.make()
    names = [measure.name for measure in scorer.measures]
    assert scorer.name and names and len(set(names)) == len(names), "a scorer needs a name and distinct measures"
    assert scorer.headline in (*names, "right"), f"{scorer.headline!r} is no measure of {scorer.name}"
    found = scorer.values(scorer.columns(_mixed(example)))
    assert set(found) <= set(names), f"values not declared as measures: {set(found) - set(names)}"


def _judges_right_and_wrong(example: Example) -> None:
    good, bad = _cases(example, {1: example.right(1)}), _cases(example, {1: example.wrong(1)})
    assert good[0].verdict.right and not good[0].verdict.failed, "a right answer was not judged right"
    assert not (example.judges and bad[0].verdict.right), "a wrong answer was judged right"


def _counts_a_failure_as_wrong(example: Example) -> None:
    whole = {n: example.right(n) for n in range(_N)}
    cut: dict[int, dict[str, Any] | None] = {**whole, 3: None, 7: None}
    failed = _cases(example, cut)
    assert all(not case.verdict.right for case in failed if case.output.answer is None), "a failure was judged right"
    before, after = _figures(example, _cases(example, whole)), _figures(example, failed)
    for measure in example.make().measures:
        old, new = before[measure.name].value, after[measure.name].value
        if old is not None and new is not None and measure.unit not in ("ms", "turns"):
            gained = new - old if measure.better == "higher" else old - new
            assert gained <= 1e-9, f"{measure.name} got better by failures: {old} -> {new}"


def _refuses_an_empty_answer(example: Example) -> None:
    if not example.judges:
        return
    scorer, sample = example.make(), example.sample(1)
    try:
        verdict = scorer.judge(sample, {})
    except SampleError:
        return
    assert not verdict.right, "an empty answer was judged right"


def _does_not_depend_on_order(example: Example) -> None:
    cases = _mixed(example)
    shuffled = random.Random(5).sample(cases, len(cases))
    others = _figures(example, shuffled)
    for name, figure in _figures(example, cases).items():
        other = others[name].value
        same = figure.value == other or (
            figure.value is not None and other is not None and math.isclose(figure.value, other, abs_tol=1e-9)
        )
        assert same, f"{name} depends on the order of the samples: {figure.value}, {other}"


def _gives_the_same_again(example: Example) -> None:
    assert _figures(example, _mixed(example)) == _figures(example, _mixed(example)), "two runs differ"


def _knows_what_is_better(example: Example) -> None:
    if not example.judges:
        return
    good = _figures(example, _cases(example, {n: example.right(n) for n in range(_N)}))
    bad = _figures(example, _cases(example, {n: example.wrong(n) for n in range(_N)}))
    headline = example.make().headline
    for measure in example.make().measures:
        first, second = good[measure.name].value, bad[measure.name].value
        if first is None or second is None:
            continue
        ahead = first - second if measure.better == "higher" else second - first
        assert ahead >= 0, f"{measure.name}: wrong answers look better ({second}) than right ones ({first})"
        assert measure.name != headline or ahead > 0, f"the headline {headline} does not tell right from wrong"


def _keeps_values_inside_intervals(example: Example) -> None:
    for figure in _figures(example, _mixed(example)).values():
        if figure.value is not None and figure.low is not None and figure.high is not None:
            assert figure.low - 1e-9 <= figure.high + 1e-9, f"{figure.name}: an interval upside down"
            if figure.method == "wilson":
                assert figure.low <= figure.value <= figure.high, f"{figure.name} lies outside its interval"


def _survives_nothing(example: Example) -> None:
    for figure in example.make().figures([], seed=1):
        assert figure.value is None and figure.n == 0, f"{figure.name} has a value without samples"
        assert figure.few, "no samples are few"


def _travels_as_json(example: Example) -> None:
    cases = _mixed(example)
    scorer = example.make()
    for chart in scorer.charts(cases):
        msgspec.json.decode(msgspec.json.encode(chart))
    for figure in scorer.figures(cases, seed=1):
        assert figure.value is None or math.isfinite(figure.value), f"{figure.name} is not finite"


def _reads_no_more_than_it_says(example: Example) -> None:
    scorer = example.make()
    if scorer.reads is None:
        return
    cases = _mixed(example)
    less = [
        {key: value for key, value in (case.output.answer or {}).items() if key in (scorer.reads or ())}
        for case in cases
    ]
    again = _cases(example, dict(enumerate(less)))
    assert [case.verdict.right for case in again] == [case.verdict.right for case in cases], (
        f"{scorer.name} judges by fields that `reads` does not name"
    )
    assert _figures(example, again) == _figures(example, cases), f"{scorer.name}: `reads` lacks a field"
