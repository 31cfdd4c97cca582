"""What a target lets through is told by its own threshold, where it has one, and by its decision otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from eval.samples.model import Output, Sample
from eval.scorers.scope import ScopeScorer
from eval.scorers.scorer import Case

SCORER = ScopeScorer()


def figures(*answers: tuple[str | None, dict[str, Any]]) -> dict[str, float | None]:
    cases = []
    for number, (wanted, answer) in enumerate(answers):
        sample = Sample(str(number), {"text": "…"}, {"intent": wanted})
        output = Output(sample.id, 0, answer, "")
        cases.append(Case(sample, output, SCORER.verdict(sample, output)))
    return {found.name: found.value for found in SCORER.figures(cases, seed=0)}


def said(intent: str, in_scope: float, decision: str, **more: float) -> dict[str, Any]:
    return {"intent": intent, "in_scope": in_scope, "decision": decision, **more}


@pytest.mark.parametrize(
    ("threshold", "recall", "kept"),
    [({}, 0.0, 1.0), ({"scope_threshold": 0.5}, 1.0, 1.0), ({"scope_threshold": 0.95}, 1.0, 0.0)],
)
def test_a_stated_threshold_counts_and_a_question_back_does_not_let_the_foreign_through(
    threshold: dict[str, float], recall: float, kept: float
) -> None:
    found = figures(
        ("price", said("price", 0.9, "answer", **threshold)), (None, said("price", 0.3, "clarify", **threshold))
    )
    assert (found["oos_recall"], found["in_scope_accuracy"]) == (recall, kept)


def test_without_a_threshold_the_decision_counts() -> None:
    found = figures(("price", said("price", 0.9, "answer")), (None, said("price", 0.9, "decline")))
    assert (found["oos_recall"], found["in_scope_accuracy"]) == (1.0, 1.0)
