"""Is a message ours at all? Ranking quality, and what the target's own threshold keeps and lets through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval.samples.model import Sample
from eval.scorers.ranks import auc
from eval.scorers.scorer import Case, Measure, Scorer, Verdict, column, need, share
from eval.stats.intervals import Columns, Values


class ScopeScorer(Scorer):
    """Samples with `intent: null` are out of scope. `auroc` ranks by `in_scope`; `in_scope_accuracy` and `oos_recall`
    are at the target's own threshold of `in_scope` where it tells one (`scope_threshold`), else at its decision
    (`decline` is out of scope): a target that asks back before it declines would else seem to let through what it does
    not answer. `accuracy_at_recall` moves the threshold on these very samples until `recall` of the foreign are
    declined, and is therefore an upper bound."""

    name = "scope"
    measures = (
        Measure("auroc", unit="score"),
        Measure("in_scope_accuracy"),
        Measure("oos_recall"),
        Measure("accuracy_at_recall", unit="score"),
        Measure("accuracy_without_rejection"),
    )
    headline = "auroc"
    reads = ("decision", "in_scope", "intent")

    def __init__(self, *, recall: float = 0.9) -> None:
        if not 0 < recall <= 1:
            raise ValueError(f"recall: 0 < {recall} <= 1")
        self.recall = recall

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        intent, wanted = need(answer, "intent", str), sample.expected.get("intent")
        declined = _is_declined(answer)
        right = declined if wanted is None else not declined and intent == wanted
        said = "(out_of_scope)" if declined else intent
        return Verdict(
            sample.id, right=right, wanted=wanted or "(out_of_scope)", said=said, why=f"{answer['in_scope']:.3f}"
        )

    def columns(self, cases: Sequence[Case]) -> Columns:
        ours = [case.sample.expected.get("intent") is not None for case in cases]
        score, named, declined = [], [], []
        for case, inside in zip(cases, ours, strict=True):
            answer = case.output.answer or {}
            failed = case.verdict.failed
            # The worst: ours looks foreign, the foreign looks ours.
            score.append((-1.0 if inside else 2.0) if failed else float(answer["in_scope"]))
            named.append(not failed and answer["intent"] == case.sample.expected.get("intent"))
            declined.append(inside if failed else _is_declined(answer))
        return {
            "ours": column(ours, np.bool_),
            "score": column(score, np.float64),
            "named": column(named, np.bool_),
            "declined": column(declined, np.bool_),
        }

    def values(self, columns: Columns) -> Values:
        ours, named, declined = columns["ours"], columns["named"], columns["declined"]
        score = columns["score"].astype(float)
        foreign = np.sort(score[~ours])
        at_recall = None
        if len(foreign) and ours.any():
            bar = foreign[min(len(foreign) - 1, int(np.ceil(self.recall * len(foreign))) - 1)]
            at_recall = float((named[ours] & (score[ours] > bar)).mean())
        return {
            "auroc": auc(score, ours),
            "in_scope_accuracy": share((named & ~declined)[ours]),
            "oos_recall": share(declined[~ours]),
            "accuracy_at_recall": at_recall,
            "accuracy_without_rejection": share(named[ours]),
        }

    def size(self, columns: Columns, measure: str) -> int:
        ours = columns["ours"]
        if measure == "oos_recall":
            return int((~ours).sum())
        return int(ours.sum()) if measure.startswith(("in_scope", "accuracy")) else len(ours)


def _is_declined(answer: Mapping[str, Any]) -> bool:
    decision, in_scope = need(answer, "decision", str), need(answer, "in_scope", (int, float))
    threshold = answer.get("scope_threshold")
    return bool(decision == "decline" if threshold is None else in_scope < threshold)
