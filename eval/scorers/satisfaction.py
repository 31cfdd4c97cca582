"""How content is a customer at a turn: three classes, and the dissatisfied against the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval.errors import SampleError
from eval.samples.model import Sample
from eval.scorers.ranks import auc, classes_f1
from eval.scorers.scorer import Case, Measure, Scorer, Verdict, column, need, share
from eval.stats.intervals import Columns, Values

LABELS = ("dissatisfied", "neutral", "satisfied")


class SatisfactionScorer(Scorer):
    """`answer: {label, dissatisfied}`: the class, and how likely the customer is dissatisfied (for `auc`).
    Turns of one dialogue are resampled together."""

    name = "satisfaction"
    measures = (
        Measure("accuracy", share=True),
        Measure("macro_f1", unit="score"),
        Measure("dissatisfied_f1", unit="score"),
        Measure("auc", unit="score"),
    )
    headline = "accuracy"
    reads = ("label", "dissatisfied")

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        said, wanted = need(answer, "label", str), str(sample.expected["label"])
        if said not in LABELS:
            raise SampleError("nonsense", f"{said!r} is none of {', '.join(LABELS)}")
        return Verdict(sample.id, right=said == wanted, wanted=wanted, said=said)

    def columns(self, cases: Sequence[Case]) -> Columns:
        truth = [LABELS.index(str(case.sample.expected["label"])) for case in cases]
        said = [-1 if case.verdict.failed else LABELS.index(case.verdict.said) for case in cases]
        score = []
        for case, wanted in zip(cases, truth, strict=True):
            value = (case.output.answer or {}).get("dissatisfied")
            worst = -1.0 if wanted == 0 else 2.0
            score.append(worst if case.verdict.failed else float(value) if isinstance(value, int | float) else np.nan)
        return {
            "truth": column(truth, np.int64),
            "said": column(said, np.int64),
            "score": column(score, np.float64),
        }

    def values(self, columns: Columns) -> Values:
        truth, said, score = columns["truth"], columns["said"], columns["score"].astype(float)
        unhappy, named = truth == 0, said == 0
        both = int(unhappy.sum() + named.sum())
        return {
            "accuracy": share(truth == said),
            "macro_f1": classes_f1(truth, said, len(LABELS))[0],
            "dissatisfied_f1": 2 * int((unhappy & named).sum()) / both if both else None,
            "auc": None if np.isnan(score).any() else auc(score, unhappy),
        }
