"""Every scorer holds to the rules of `eval.conformance.scorer`."""

from __future__ import annotations

from typing import Any

import pytest

from eval.conformance.scorer import Example, check_scorer
from eval.samples.model import Sample
from eval.scorers.attributes import AttributeScorer
from eval.scorers.calibration import CalibrationScorer
from eval.scorers.conversation import ConversationScorer
from eval.scorers.entities import EntityScorer
from eval.scorers.flags import HandoffScorer, ModerationScorer
from eval.scorers.graph import GraphScorer
from eval.scorers.intent import IntentScorer
from eval.scorers.latency import LatencyScorer
from eval.scorers.offer import OfferScorer
from eval.scorers.recommendation import RecommendationScorer
from eval.scorers.registry import SCORERS
from eval.scorers.retrieval import RetrievalScorer
from eval.scorers.satisfaction import SatisfactionScorer
from eval.scorers.scope import ScopeScorer
from eval.scorers.scorer import Case, Measure, Verdict
from eval.scorers.turns import TurnScorer


def sample(number: int, expected: dict[str, Any], **asked: Any) -> Sample:
    return Sample(f"s{number}", {"text": f"问题 {number}", **asked}, expected, place=f"x.csv:{number}")


def scope_answer(number: int, *, right: bool) -> dict[str, Any]:
    inside = bool(number % 2) == right
    return {"intent": "price", "in_scope": 0.9 if inside else 0.1, "decision": "answer" if inside else "decline"}


def turn(*, right: bool) -> dict[str, Any]:
    return {"act": "reply", "texts": ["大佛龙井 250g 158 元" if right else "大佛龙井 250g 185 元"]}


def attribute(values: list[str], *, name: str = "评分", **more: Any) -> dict[str, Any]:
    return {"of": "景点", "name": name, "values": values, **more}


EXAMPLES = {
    "intent": Example(
        IntentScorer,
        lambda n: sample(n, {"intent": f"i{n % 5}"}),
        lambda n: {"intent": f"i{n % 5}", "confidence": 0.9},
        lambda n: {"intent": f"i{(n + 1) % 5}", "confidence": 0.4},
    ),
    "calibration": Example(
        CalibrationScorer,
        lambda n: sample(n, {"intent": "a"}),
        lambda n: {"intent": "a", "confidence": 1.0},
        lambda n: {"intent": "b", "confidence": 0.9},
    ),
    "scope": Example(
        ScopeScorer,
        lambda n: sample(n, {"intent": "price" if n % 2 else None}),
        lambda n: scope_answer(n, right=True),
        lambda n: scope_answer(n, right=False),
    ),
    "entities": Example(
        EntityScorer,
        lambda n: sample(n, {"entities": [{"entity": "product", "start": 0, "end": 2}]}),
        lambda n: {"entities": [{"entity": "product", "start": 0, "end": 2}]},
        lambda n: {"entities": [{"entity": "place", "start": 0, "end": 2}]},
    ),
    "retrieval": Example(
        RetrievalScorer,
        lambda n: sample(n, {"relevant": [f"d{n}"]}),
        lambda n: {"ranking": [f"d{n}", "x"]},
        lambda n: {"ranking": ["x", "y"]},
    ),
    "graph": Example(
        GraphScorer,
        lambda n: sample(n, {"status": "answered", "values": [n]}),
        lambda n: {"status": "answered", "values": [n]},
        lambda n: {"status": "answered", "values": [n + 1]},
    ),
    "attributes": Example(
        AttributeScorer,
        lambda n: sample(
            n, {"status": "answered", "values": [attribute(["无" if n % 3 else "4.5"], held=bool(n % 2))]}
        ),
        lambda n: {"attributes": [attribute(["无" if n % 3 else "4.5分"])]},
        lambda n: {"attributes": [attribute(["3.9"]), attribute(["是"], name="设施")]},
    ),
    "recommendation": Example(
        lambda: RecommendationScorer(at=2, catalogue=50),
        lambda n: sample(n, {"relevant": ["a"]}, candidates=[{"item": item, "degree": 1} for item in ("a", "b", "c")]),
        lambda n: {"ranking": ["a", "b"], "scores": {"a": 2.0, "b": 1.0, "c": 0.0}},
        lambda n: {"ranking": ["c"], "scores": {"a": 0.0, "b": 1.0, "c": 2.0}},
    ),
    "handoff": Example(
        HandoffScorer,
        lambda n: sample(n, {"handoff": bool(n % 2), "turn": 1}),
        lambda n: {"handoff": bool(n % 2), "turn": 1, "score": float(n % 2)},
        lambda n: {"handoff": not n % 2, "turn": 3, "score": float(1 - n % 2)},
    ),
    "moderation": Example(
        ModerationScorer,
        lambda n: sample(n, {"flagged": bool(n % 2)}),
        lambda n: {"flagged": bool(n % 2), "score": float(n % 2)},
        lambda n: {"flagged": not n % 2, "score": float(1 - n % 2)},
    ),
    "satisfaction": Example(
        SatisfactionScorer,
        lambda n: sample(n, {"label": "satisfied" if n % 2 else "dissatisfied"}),
        lambda n: {"label": "satisfied" if n % 2 else "dissatisfied", "dissatisfied": float(not n % 2)},
        lambda n: {"label": "dissatisfied" if n % 2 else "satisfied", "dissatisfied": float(n % 2)},
    ),
    "offer": Example(
        OfferScorer,
        lambda n: sample(n, {"label": "neutral" if n % 2 else "dissatisfied", "turn": 0}),
        lambda n: {"dissatisfied": float(not n % 2)},
        lambda n: {"dissatisfied": float(n % 2)},
    ),
    "latency": Example(LatencyScorer, lambda n: sample(n, {}), lambda n: {"x": 1}, lambda n: {"x": 2}, judges=False),
    "turns": Example(
        TurnScorer,
        lambda n: sample(n, {"expect": {"act": ["reply"], "numbers": [158]}}),
        lambda n: turn(right=True),
        lambda n: turn(right=False),
    ),
    "conversation": Example(
        ConversationScorer,
        lambda n: sample(
            n, {"final": {"state": "bot"}}, steps=[{"say": "多少钱", "expect": {"act": "reply", "numbers": [158]}}]
        ),
        lambda n: {"steps": [turn(right=True)], "final": {"state": "bot"}},
        lambda n: {"steps": [turn(right=False)], "final": {"state": "queued"}},
    ),
}


@pytest.mark.parametrize("name", sorted(SCORERS))
def test_scorer_conforms(name: str) -> None:
    check_scorer(EXAMPLES[name])


def test_conformance_finds_a_scorer_that_lets_failures_pass() -> None:
    class Lenient(IntentScorer):
        def values(self, columns: Any) -> Any:
            kept = columns["said"] >= 0
            return {"accuracy": float((columns["truth"] == columns["said"])[kept].mean()) if kept.any() else None}

        def verdict(self, sample: Sample, output: Any) -> Verdict:
            found = super().verdict(sample, output)
            return Verdict(found.sample_id, right=True) if found.failed else found

    with pytest.raises(AssertionError, match="failure was judged right"):
        check_scorer(Example(Lenient, *[getattr(EXAMPLES["intent"], part) for part in ("sample", "right", "wrong")]))


def test_conformance_finds_a_scorer_that_depends_on_order() -> None:
    class First(IntentScorer):
        measures = (Measure("accuracy"),)

        def values(self, columns: Any) -> Any:
            return {"accuracy": float(columns["truth"][0] == columns["said"][0])} if len(columns["truth"]) else {}

        def charts(self, cases: list[Case]) -> list[Any]:  # type: ignore[override]
            return []

    with pytest.raises(AssertionError):
        check_scorer(Example(First, *[getattr(EXAMPLES["intent"], part) for part in ("sample", "right", "wrong")]))
