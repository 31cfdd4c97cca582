"""The early offer of a human: dialogues that turn sour, caught soon, at a price in offers that nobody needed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval.errors import SampleError
from eval.samples.model import Sample
from eval.scorers.scorer import Case, Measure, Scorer, Verdict, column, need
from eval.stats.intervals import Columns, Values

_UNHAPPY = "dissatisfied"


class OfferScorer(Scorer):
    """`answer: {dissatisfied}`, how likely the customer is dissatisfied; `expected: {label, turn}`, turns of one group
    being a dialogue in the order of `turn`.

    The threshold lets `false_alarms` of the other turns through. `caught`: of the dialogues with a dissatisfied turn
    those whose first one, or one of the customer's next turns up to `within`, is above it.
    """

    name = "offer"
    measures = (Measure("caught"),)
    headline = "caught"
    sliced = False
    reads = ("dissatisfied",)

    def __init__(self, *, within: int = 2, false_alarms: float = 0.10) -> None:
        if within < 1 or not 0 < false_alarms < 1:
            raise ValueError("within is at least 1, false_alarms between 0 and 1")
        self._within, self._false_alarms = within, false_alarms

    def check(self, sample: Sample) -> None:
        if "turn" not in sample.expected:
            raise SampleError("bad_sample", "turn")

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        """Only the threshold over all turns tells who is offered a human: a turn by itself is right if it is more
        likely what it is."""
        score = float(need(answer, "dissatisfied", (int, float)))
        unhappy = sample.expected["label"] == _UNHAPPY
        return Verdict(
            sample.id, right=(score > 0.5) == unhappy, wanted=str(sample.expected["label"]), said=f"{score:.2f}"
        )

    def columns(self, cases: Sequence[Case]) -> Columns:
        unhappy = [case.sample.expected["label"] == _UNHAPPY for case in cases]
        score = [_score(case, worst=-math.inf if sour else math.inf) for case, sour in zip(cases, unhappy, strict=True)]
        best = [math.nan] * len(cases)
        dialogues: dict[tuple[str, int], list[int]] = {}
        for row, case in enumerate(cases):
            dialogues.setdefault((case.sample.group or case.sample.id, case.output.repeat), []).append(row)
        for rows in dialogues.values():
            rows.sort(key=lambda row: float(cases[row].sample.expected["turn"]))
            first = next((place for place, row in enumerate(rows) if unhappy[row]), None)
            if first is not None:
                best[rows[first]] = max(score[row] for row in rows[first : first + self._within])
        return {
            "unhappy": column(unhappy, np.bool_),
            "score": column(score, np.float64),
            # That of the dialogue, at its first dissatisfied turn; elsewhere none.
            "best": column(best, np.float64),
        }

    def values(self, columns: Columns) -> Values:
        others, best = columns["score"][~columns["unhappy"]], columns["best"]
        sour = best[~np.isnan(best)]
        if not len(others) or not len(sour):
            return {"caught": None}
        threshold = np.quantile(others, 1 - self._false_alarms, method="higher")
        return {"caught": float((sour > threshold).mean())}

    def size(self, columns: Columns, measure: str) -> int:
        return int((~np.isnan(columns["best"])).sum())


def _score(case: Case, *, worst: float) -> float:
    return worst if case.verdict.failed else float((case.output.answer or {})["dissatisfied"])
