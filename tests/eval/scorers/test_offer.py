"""The early offer of a human is judged by dialogue, at a threshold that the other turns set."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from eval.samples.model import Output, Sample
from eval.scorers.offer import OfferScorer
from eval.scorers.scorer import Case, Figure

SCORER = OfferScorer(within=2, false_alarms=0.10)


def dialogue(name: str, *turns: tuple[str, float | None]) -> list[Case]:
    cases = []
    for number, (label, score) in enumerate(turns):
        sample = Sample(f"{name}/{number}", {"turns": []}, {"label": label, "turn": number}, group=name)
        answer = None if score is None else {"dissatisfied": score}
        output = Output(sample.id, 0, answer, "timeout: none" if score is None else "")
        cases.append(Case(sample, output, SCORER.verdict(sample, output)))
    return cases


CALM = [case for n in range(10) for case in dialogue(f"calm{n}", ("neutral", n / 20), ("satisfied", n / 20))]


def caught(cases: Sequence[Case]) -> Figure:
    (found,) = SCORER.figures(cases, seed=0)
    return found


@pytest.mark.parametrize(
    ("turns", "share"),
    [
        ([("neutral", 0.1), ("dissatisfied", 0.9)], 1.0),
        ([("dissatisfied", 0.1), ("neutral", 0.1), ("dissatisfied", 0.9)], 0.0),
        ([("dissatisfied", 0.1), ("dissatisfied", 0.9)], 1.0),
        ([("dissatisfied", 0.42)], 0.0),
    ],
)
def test_the_first_sour_turn_or_the_customers_next_one_must_be_above_the_threshold(
    turns: list[tuple[str, float]], share: float
) -> None:
    assert caught([*CALM, *dialogue("sour", *turns)]).value == share


def test_dialogues_are_counted_and_not_turns_whatever_the_order() -> None:
    cases = [*CALM, *dialogue("a", ("dissatisfied", 0.9), ("dissatisfied", 0.9)), *dialogue("b", ("dissatisfied", 0.0))]
    found = caught(random.Random(1).sample(cases, len(cases)))
    assert (found.value, found.n) == (0.5, 2)


def test_a_turn_that_failed_catches_nothing_and_is_a_false_alarm() -> None:
    failed = [case for n in range(6) for case in dialogue(f"failed{n}", ("neutral", None))]
    assert caught([*CALM, *dialogue("sour", ("dissatisfied", None))]).value == 0.0
    assert caught([*CALM, *failed, *dialogue("sour", ("dissatisfied", 0.9))]).value == 0.0


def test_without_a_sour_dialogue_there_is_nothing_to_catch() -> None:
    assert caught(CALM).value is None
