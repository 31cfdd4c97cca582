"""A ranked list against the entries that answer: MRR, MAP, NDCG, recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval.samples.model import Sample
from eval.scorers.scorer import Case, Measure, Scorer, Verdict, column, need
from eval.stats.intervals import Columns, Values


class RetrievalScorer(Scorer):
    """`answer.ranking` (ids, best first) against `expected.relevant`; binary relevance, everything cut at `at`.
    An empty `relevant` wants an empty ranking: those samples count in `silent`, not in the others."""

    name = "retrieval"
    measures = (
        Measure("mrr", unit="score"),
        Measure("map", unit="score"),
        Measure("ndcg", unit="score"),
        Measure("recall_1"),
        Measure("recall_5"),
        Measure("recall", unit="score"),
        Measure("silent"),
    )
    headline = "mrr"
    reads = ("ranking",)

    def __init__(self, *, at: int = 10) -> None:
        if at < 1:
            raise ValueError(f"at: 1 or more, not {at}")
        self.at = at

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        ranking = [str(one) for one in need(answer, "ranking", list)]
        relevant = {str(one) for one in sample.expected["relevant"]}
        right = ranking[:1] != [] and ranking[0] in relevant if relevant else not ranking
        place = next((rank for rank, one in enumerate(ranking, start=1) if one in relevant), 0)
        return Verdict(
            sample.id,
            right=right,
            wanted="|".join(sorted(relevant)) or "(-)",
            said="|".join(ranking[:3]) or "(-)",
            why=f"rank {place}" if place else "",
        )

    def columns(self, cases: Sequence[Case]) -> Columns:
        rows = [self._row(case) for case in cases]
        return {name: column([row[name] for row in rows], np.float64) for name in (rows[0] if rows else {"asks": 0})}

    def values(self, columns: Columns) -> Values:
        asks = columns["asks"].astype(bool)
        names = ("mrr", "map", "ndcg", "recall_1", "recall_5", "recall")
        found: dict[str, float | None] = {
            name: float(columns[name][asks].mean()) if asks.any() else None for name in names if name in columns
        }
        found["silent"] = float(columns["silent"][~asks].mean()) if (~asks).any() else None
        return found

    def size(self, columns: Columns, measure: str) -> int:
        asks = columns["asks"].astype(bool)
        return int((~asks).sum() if measure == "silent" else asks.sum())

    def _row(self, case: Case) -> dict[str, float]:
        relevant = {str(one) for one in case.sample.expected["relevant"]}
        failed = case.verdict.failed
        ranking = [] if failed else [str(one) for one in (case.output.answer or {})["ranking"]]
        hits = [one in relevant for one in ranking[: self.at]]
        first = next((1 / rank for rank, hit in enumerate(hits, start=1) if hit), 0.0)
        precisions = [sum(hits[:rank]) / rank for rank, hit in enumerate(hits, start=1) if hit]
        gain = sum(1 / np.log2(rank + 1) for rank, hit in enumerate(hits, start=1) if hit)
        ideal = sum(1 / np.log2(rank + 1) for rank in range(1, min(len(relevant), self.at) + 1))
        count = max(len(relevant), 1)
        return {
            "asks": float(bool(relevant)),
            "mrr": first,
            "map": sum(precisions) / min(count, self.at),
            "ndcg": float(gain / ideal) if ideal else 0.0,
            "recall_1": float(any(hits[:1])),
            "recall_5": float(any(hits[:5])),
            "recall": sum(hits) / count,
            "silent": float(not failed and not ranking),
        }
