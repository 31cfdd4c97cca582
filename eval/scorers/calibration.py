"""Does a confidence of .8 mean right four times in five? And what is left when the unsure are handed on?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.errors import SampleError
from eval.samples.model import Sample
from eval.scorers.scorer import Case, Chart, Measure, Scorer, Verdict, column, need
from eval.stats.intervals import Columns, Values, wilson

_BINS = 10


class CalibrationScorer(Scorer):
    """Expected calibration error over `bins` equal bins (Guo et al. 2017), Brier score of the first intent, area
    under risk-coverage (Geifman and El-Yaniv 2017), accuracy over the surest `coverage` of the samples. The chart has
    ten bins."""

    name = "calibration"
    measures = (
        Measure("ece", "lower", "score"),
        Measure("brier", "lower", "score"),
        Measure("aurc", "lower", "score"),
        Measure("accuracy_at_coverage", unit="score"),
    )
    headline = "ece"
    reads = ("intent", "confidence")
    sliced = False  # right and wrong are the intent scorer's

    def __init__(self, *, coverage: float = 0.8, bins: int = _BINS) -> None:
        if not 0 < coverage <= 1:
            raise ValueError(f"coverage: 0 < {coverage} <= 1")
        if bins < 1:
            raise ValueError(f"bins: {bins} >= 1")
        self.coverage, self.bins = coverage, bins

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        confidence = float(need(answer, "confidence", (int, float)))
        if not 0 <= confidence <= 1:
            raise SampleError("nonsense", f"a confidence of {confidence} is not between 0 and 1")
        said, wanted = need(answer, "intent", str), str(sample.expected["intent"])
        return Verdict(sample.id, right=said == wanted, wanted=wanted, said=said, why=f"{confidence:.3f}")

    def columns(self, cases: Sequence[Case]) -> Columns:
        # A failed sample is one that was surely wrong.
        sure = [1.0 if c.verdict.failed else float((c.output.answer or {})["confidence"]) for c in cases]
        right = [case.verdict.right for case in cases]
        return {"sure": column(sure, np.float64), "right": column(right, np.bool_)}

    def values(self, columns: Columns) -> Values:
        sure, right = columns["sure"].astype(float), columns["right"].astype(float)
        if not len(sure):
            return {}
        risks = _risks(sure, right)
        kept = max(1, round(len(sure) * self.coverage))
        return {
            "ece": _ece(sure, right, self.bins),
            "brier": float(((sure - right) ** 2).mean()),
            "aurc": float(risks.mean()),
            "accuracy_at_coverage": float(1 - risks[kept - 1]),
        }

    def charts(self, cases: Sequence[Case]) -> list[Chart]:
        columns = self.columns(cases)
        sure, right = columns["sure"].astype(float), columns["right"].astype(float)
        bins = []
        for low, inside in _bins(sure, _BINS):
            if inside.any():
                hits, n = int(right[inside].sum()), int(inside.sum())
                interval = wilson(hits, n)
                bins.append(
                    {
                        "low": low,
                        "sure": float(sure[inside].mean()),
                        "right": hits / n,
                        "n": n,
                        "interval": [interval.low, interval.high] if interval else None,
                    }
                )
        risks = _risks(sure, right)
        steps = sorted({max(1, round(len(risks) * share / 50)) for share in range(1, 51)}) if len(risks) else []
        points: list[dict[str, Any]] = []
        for step in steps:
            risk = float(risks[step - 1])
            band = wilson(round(risk * step), step)
            points.append({"coverage": step / len(risks), "risk": risk})
            points[-1] |= {"interval": [band.low, band.high]} if band else {}
        return [
            Chart("reliability", self.name, {"bins": bins}),
            Chart("risk_coverage", self.name, {"points": points}),
        ]


def _bins(sure: npt.NDArray[Any], count: int) -> list[tuple[float, npt.NDArray[np.bool_]]]:
    number = np.minimum((sure * count).astype(int), count - 1)
    return [(place / count, number == place) for place in range(count)]


def _ece(sure: npt.NDArray[Any], right: npt.NDArray[Any], bins: int) -> float:
    total = 0.0
    for _, inside in _bins(sure, bins):
        if inside.any():
            total += inside.mean() * abs(sure[inside].mean() - right[inside].mean())
    return float(total)


def _risks(sure: npt.NDArray[Any], right: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the share of wrong answers among the k surest, for every k; equal confidences share their risk."""
    order = np.argsort(-sure, kind="stable")
    ordered = sure[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sums = np.add.reduceat(right[order], starts) if len(ordered) else np.zeros(0)
    sizes = np.diff(np.r_[starts, len(ordered)])
    smooth = np.repeat(sums / np.maximum(sizes, 1), sizes) if len(ordered) else np.zeros(0)
    return np.asarray(1 - np.cumsum(smooth) / np.arange(1, len(ordered) + 1))
