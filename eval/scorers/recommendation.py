"""Recommended items: ranking of held-out items, among all and among equally popular ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval.samples.model import Sample
from eval.scorers.ranks import auc
from eval.scorers.scorer import Case, Measure, Scorer, Verdict, column, need
from eval.stats.intervals import Columns, Values

_PAIRS = 64


class RecommendationScorer(Scorer):
    """`answer: {ranking: [item], scores: {item: score}}`, `expected.relevant: [item]`.

    `recall` and `ndcg` are cut at `at`; `coverage` is the share of `catalogue` that any first `at` names. `auc` is the
    mean over users of P(score of a relevant candidate > of another), `auc_same_degree` among candidates of the
    same `degree`: popularity alone gives .5 there. Users without such a pair are left out of that figure. Candidates
    that are `alike` were drawn for their degree, so `auc` does not count them.
    """

    name = "recommendation"
    measures = (
        Measure("auc", unit="score"),
        Measure("auc_same_degree", unit="score"),
        Measure("recall", unit="score"),
        Measure("ndcg", unit="score"),
        Measure("coverage", unit="score"),
    )
    headline = "recall"
    reads = ("ranking", "scores")

    def __init__(self, *, at: int = 20, catalogue: int = 0) -> None:
        if at < 1 or catalogue < 0:
            raise ValueError("at: 1 or more; catalogue: the number of items, 0 for those seen")
        self.at, self.catalogue = at, catalogue

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        ranking = [str(one) for one in need(answer, "ranking", list)]
        relevant = {str(one) for one in sample.expected["relevant"]}
        hits = [one for one in ranking[: self.at] if one in relevant]
        return Verdict(
            sample.id,
            right=bool(hits),
            wanted="|".join(sorted(relevant)[:6]),
            said="|".join(ranking[:6]),
            why=f"{len(hits)}/{len(relevant)}",
        )

    def columns(self, cases: Sequence[Case]) -> Columns:
        rows = [self._row(case) for case in cases]
        items: dict[str, int] = {}
        shown = np.full((len(cases), self.at), -1, dtype=np.int64)
        for place, case in enumerate(cases):
            ranking = [] if case.verdict.failed else (case.output.answer or {})["ranking"][: self.at]
            for rank, item in enumerate(ranking):
                shown[place, rank] = items.setdefault(str(item), len(items))
        total = self.catalogue or len(items) or 1
        return {
            **{name: column([row[name] for row in rows], np.float64) for name in ("auc", "same", "recall", "ndcg")},
            "shown": shown,
            "total": column([total] * len(cases), np.int64),
        }

    def values(self, columns: Columns) -> Values:
        shown = columns["shown"]
        named = np.unique(shown[shown >= 0])
        return {
            "auc": _mean(columns["auc"]),
            "auc_same_degree": _mean(columns["same"]),
            "recall": _mean(columns["recall"]),
            "ndcg": _mean(columns["ndcg"]),
            "coverage": len(named) / int(columns["total"][0]) if len(shown) else None,
        }

    def _row(self, case: Case) -> dict[str, float]:
        relevant = {str(one) for one in case.sample.expected["relevant"]}
        candidates = case.sample.input.get("candidates") or []
        if case.verdict.failed:
            return {"auc": 0.0 if candidates else np.nan, "same": 0.0 if candidates else np.nan, "recall": 0, "ndcg": 0}
        answer = case.output.answer or {}
        hits = [str(one) in relevant for one in answer["ranking"][: self.at]]
        gain = sum(1 / np.log2(rank + 1) for rank, hit in enumerate(hits, start=1) if hit)
        ideal = sum(1 / np.log2(rank + 1) for rank in range(1, min(len(relevant), self.at) + 1))
        whole, same = _aucs(candidates, answer.get("scores") or {}, relevant)
        return {
            "auc": whole,
            "same": same,
            "recall": sum(hits) / max(len(relevant), 1),
            "ndcg": float(gain / ideal) if ideal else 0.0,
        }


def _aucs(
    candidates: Sequence[Mapping[str, Any]], scores: Mapping[str, float], relevant: set[str]
) -> tuple[float, float]:
    if not candidates:
        return np.nan, np.nan
    # An item that the target does not score comes last.
    floor = min(scores.values(), default=0.0) - 1
    score = np.array([float(scores.get(str(one["item"]), floor)) for one in candidates])
    wanted = np.array([str(one["item"]) in relevant for one in candidates])
    degree = np.array([int(one.get("degree", 0)) for one in candidates])
    parts, weights = [], []
    for value in np.unique(degree[wanted])[:_PAIRS]:
        inside = degree == value
        part = auc(score[inside], wanted[inside])
        if part is not None:
            parts.append(part)
            weights.append(int(wanted[inside].sum()))
    drawn = np.array([not one.get("alike") for one in candidates])
    whole = auc(score[drawn], wanted[drawn])
    return np.nan if whole is None else whole, float(np.average(parts, weights=weights)) if parts else np.nan


def _mean(values: Any) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
