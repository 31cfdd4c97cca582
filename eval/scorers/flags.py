"""Yes-or-no work: handing over to a human, moderation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from eval.samples.model import Sample
from eval.scorers.ranks import auc
from eval.scorers.scorer import Case, Measure, Scorer, Verdict, column, need, share
from eval.stats.intervals import Columns, Values

_COMMON = (
    Measure("f1", unit="score"),
    Measure("precision"),
    Measure("recall"),
    Measure("false_alarms", "lower"),
    Measure("accuracy", share=True),
    Measure("auc", unit="score"),
)


class FlagScorer(Scorer):
    """A flag of the answer against the one expected; `auc` ranks by `answer.score` when the target gives one."""

    field: ClassVar[str]
    headline = "accuracy"

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        said = need(answer, self.field, bool)
        wanted = bool(sample.expected[self.field])
        return Verdict(sample.id, right=said == wanted, wanted=str(wanted), said=str(said), why=_reason(answer))

    def columns(self, cases: Sequence[Case]) -> Columns:
        wanted = [bool(case.sample.expected[self.field]) for case in cases]
        said = [
            not w if c.verdict.failed else bool((c.output.answer or {})[self.field])
            for c, w in zip(cases, wanted, strict=True)
        ]
        score = [_score(case, worst=-1.0 if w else 2.0) for case, w in zip(cases, wanted, strict=True)]
        return {
            "wanted": column(wanted, np.bool_),
            "said": column(said, np.bool_),
            "score": column(score, np.float64),
        }

    def values(self, columns: Columns) -> Values:
        wanted, said, score = columns["wanted"], columns["said"], columns["score"].astype(float)
        hits = int((wanted & said).sum())
        both = int(wanted.sum() + said.sum())
        return {
            "f1": 2 * hits / both if both else None,
            "precision": share(wanted[said]),
            "recall": share(said[wanted]),
            "false_alarms": share(said[~wanted]),
            "accuracy": share(wanted == said),
            "auc": None if np.isnan(score).any() else auc(score, wanted),
        }

    def size(self, columns: Columns, measure: str) -> int:
        wanted = columns["wanted"]
        if measure == "recall":
            return int(wanted.sum())
        if measure == "precision":
            return int(columns["said"].sum())
        return int((~wanted).sum()) if measure == "false_alarms" else len(wanted)


class HandoffScorer(FlagScorer):
    """`answer: {handoff, turn}`; `delay` is how many turns after the one wanted, over those that were handed over."""

    name = "handoff"
    field = "handoff"
    reads = ("handoff", "turn", "score", "reason", "error")
    measures = (*_COMMON, Measure("delay", "lower", "turns"))

    def columns(self, cases: Sequence[Case]) -> Columns:
        delay = []
        for case in cases:
            answer, wanted = case.output.answer or {}, case.sample.expected.get("turn")
            turn = answer.get("turn")
            known = not case.verdict.failed and isinstance(turn, int | float) and isinstance(wanted, int | float)
            delay.append(float(turn) - float(wanted) if known and case.sample.expected["handoff"] else np.nan)  # type: ignore[arg-type]
        return {**super().columns(cases), "delay": column(delay, np.float64)}

    def values(self, columns: Columns) -> Values:
        delay = columns["delay"].astype(float)
        known = delay[~np.isnan(delay)]
        return {**super().values(columns), "delay": float(known.mean()) if len(known) else None}

    def size(self, columns: Columns, measure: str) -> int:
        if measure == "delay":
            return int((~np.isnan(columns["delay"].astype(float))).sum())
        return super().size(columns, measure)


class ModerationScorer(FlagScorer):
    """`answer: {flagged, score}`."""

    name = "moderation"
    field = "flagged"
    reads = ("flagged", "score", "reason", "error")
    measures = _COMMON


def _score(case: Case, *, worst: float) -> float:
    if case.verdict.failed:
        return worst
    value = (case.output.answer or {}).get("score")
    return float(value) if isinstance(value, int | float) else np.nan


def _reason(answer: Mapping[str, Any]) -> str:
    return str(answer.get("reason") or answer.get("error") or "")
