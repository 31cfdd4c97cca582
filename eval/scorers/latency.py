"""How long an answer took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval.samples.model import Sample
from eval.scorers.scorer import Case, Chart, Measure, Scorer, Verdict, column
from eval.stats.intervals import Columns, Values


class LatencyScorer(Scorer):
    """Percentiles over the samples that were answered, and the share that was: a failure is not a quick answer."""

    name = "latency"
    measures = (
        Measure("p50_ms", "lower", "ms"),
        Measure("p95_ms", "lower", "ms"),
        Measure("p99_ms", "lower", "ms"),
        Measure("answered", share=True),
    )
    headline = "p50_ms"
    reads = ()
    sliced = False

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        return Verdict(sample.id, right=True)

    def columns(self, cases: Sequence[Case]) -> Columns:
        took = [np.nan if case.verdict.failed else case.output.latency_us / 1_000 for case in cases]
        return {"ms": column(took, np.float64)}

    def values(self, columns: Columns) -> Values:
        took = columns["ms"].astype(float)
        known = took[~np.isnan(took)]
        cuts = np.quantile(known, [0.5, 0.95, 0.99], method="inverted_cdf") if len(known) else [None] * 3
        p50, p95, p99 = (None if cut is None else float(cut) for cut in cuts)
        answered = len(known) / len(took) if len(took) else None
        return {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "answered": answered}

    def size(self, columns: Columns, measure: str) -> int:
        took = columns["ms"].astype(float)
        return len(took) if measure == "answered" else int((~np.isnan(took)).sum())

    def charts(self, cases: Sequence[Case]) -> list[Chart]:
        took = self.columns(cases)["ms"]
        known = took[~np.isnan(took.astype(float))].astype(float)
        if not len(known):
            return []
        low, high = max(float(known.min()), 0.001), max(float(known.max()), 0.002)
        edges = np.geomspace(low * 0.999, high * 1.001, 25)
        counts, _ = np.histogram(known, bins=edges)
        p50, p95 = np.quantile(known, [0.5, 0.95], method="inverted_cdf")
        data = {"edges_ms": edges.tolist(), "counts": counts.tolist(), "marks": {"P50": float(p50), "P95": float(p95)}}
        return [Chart("histogram", self.name, data)]
