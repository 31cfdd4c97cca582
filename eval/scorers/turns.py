"""Written turns: the right act with the right facts, false answers, unasked and missed handoffs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from eval.errors import SampleError
from eval.samples.model import Sample
from eval.scorers.expectation import Expect, faults
from eval.scorers.scorer import Case, Chart, Measure, Scorer, Verdict, column, need, share
from eval.stats.intervals import Columns, Values

ACTS = ("reply", "clarify", "recommend", "hand_off", "silent")
_STATING = ("reply", "recommend")


class TurnScorer(Scorer):
    """`answer: {act, texts, cards, choices, intent, evidence}` against `expected.expect`.

    `false_answers` are replies and recommendations that are wrong, of all turns; `unasked_handoffs` went to a human
    though that was not right, of the turns that should not; `missed_handoffs` of those that should; `facts_right` of
    the turns that must state something.
    """

    name = "turns"
    measures = (
        Measure("right", share=True),
        Measure("false_answers", "lower", share=True),
        Measure("unasked_handoffs", "lower"),
        Measure("missed_handoffs", "lower"),
        Measure("facts_right"),
    )
    headline = "right"
    reads = ("act", "texts", "cards", "choices", "intent")

    def check(self, sample: Sample) -> None:
        read_expect(sample.expected["expect"])

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        act = check_turn(answer)
        expect = read_expect(sample.expected["expect"])
        wrong = faults(expect, answer)
        texts = " / ".join(str(one) for one in answer.get("texts") or ())
        return Verdict(
            sample.id,
            right=not wrong,
            wanted=shown(sample.expected["expect"]),
            said=f"{act}: {texts[:200]}",
            why="; ".join(wrong),
            evidence=tuple(dict(one) for one in answer.get("evidence") or () if isinstance(one, Mapping))[:4],
        )

    def columns(self, cases: Sequence[Case]) -> Columns:
        rows = []
        for case in cases:
            expect = read_expect(case.sample.expected["expect"])
            act = "" if case.verdict.failed else str((case.output.answer or {})["act"])
            human = expect.wants_human
            # A turn for which several acts are right may be handed over, and need not be.
            must, may = human and len(expect.acts) == 1, human
            rows.append(
                (
                    case.verdict.right,
                    not case.verdict.right and act in _STATING,
                    not may,
                    act == "hand_off",
                    must,
                    expect.states_facts,
                )
            )
        names = ("right", "false", "not_human", "handed", "must", "facts")
        return {name: column([row[place] for row in rows], np.bool_) for place, name in enumerate(names)}

    def values(self, columns: Columns) -> Values:
        right, handed, must = columns["right"], columns["handed"], columns["must"]
        return {
            "right": share(right),
            "false_answers": share(columns["false"]),
            "unasked_handoffs": share(handed[columns["not_human"]]),
            "missed_handoffs": share(~handed[must]),
            "facts_right": share(right[columns["facts"]]),
        }

    def size(self, columns: Columns, measure: str) -> int:
        rows = {"unasked_handoffs": "not_human", "missed_handoffs": "must", "facts_right": "facts"}
        return int(columns[rows[measure]].sum()) if measure in rows else len(columns["right"])

    def charts(self, cases: Sequence[Case]) -> list[Chart]:
        acts = Counter(str((c.output.answer or {}).get("act")) if not c.verdict.failed else "failed" for c in cases)
        right = Counter(str((c.output.answer or {}).get("act")) for c in cases if c.verdict.right)
        bars = [{"name": act, "n": acts[act], "right": right[act]} for act in (*ACTS, "failed") if acts[act]]
        return [Chart("bars", self.name, {"bars": bars})]


def check_turn(answer: Mapping[str, Any]) -> str:
    """Return the act of an answer; raise SampleError for one that is not of a bot's turn."""
    act = need(answer, "act", str)
    if act not in ACTS:
        raise SampleError("nonsense", f"{act!r} is none of {', '.join(ACTS)}")
    if not isinstance(answer.get("texts", []), list):
        raise SampleError("nonsense", "texts is no list")
    return str(act)


def read_expect(raw: object) -> Expect:
    """Return an expectation; raise SampleError for one that cannot be read."""
    try:
        return msgspec.convert(raw, Expect)
    except msgspec.ValidationError as error:
        raise SampleError("bad_expectation", str(error)) from error


def shown(expect: Mapping[str, Any]) -> str:
    """Return an expectation on one line."""
    parts = []
    for key, value in expect.items():
        told = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        parts.append(f"{key} {told}")
    return "; ".join(parts)
