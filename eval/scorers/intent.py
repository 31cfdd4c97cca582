"""The first intent: accuracy, F1 over classes, who is taken for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval.samples.model import Sample
from eval.scorers.ranks import classes_f1
from eval.scorers.scorer import Case, Chart, Measure, Scorer, Verdict, column, need, share
from eval.stats.intervals import Columns, Values

_SHOWN = 40


class IntentScorer(Scorer):
    """`answer.intent` against `expected.intent`; evidence is the nearest utterances that the target names."""

    name = "intent"
    measures = (
        Measure("accuracy", share=True),
        Measure("macro_f1", unit="score"),
        Measure("weighted_f1", unit="score"),
    )
    headline = "accuracy"
    reads = ("intent", "confidence")

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        said = need(answer, "intent", str)
        wanted = str(sample.expected["intent"])
        confidence = answer.get("confidence")
        near = tuple(dict(one) for one in answer.get("neighbours") or () if isinstance(one, Mapping))
        sure = f"{confidence:.2f}" if isinstance(confidence, int | float) else ""
        return Verdict(sample.id, right=said == wanted, wanted=wanted, said=said, why=sure, evidence=near[:3])

    def columns(self, cases: Sequence[Case]) -> Columns:
        names = sorted({str(case.sample.expected["intent"]) for case in cases} | {c.verdict.said for c in cases} - {""})
        number = {name: place for place, name in enumerate(names)}
        truth = [number[str(case.sample.expected["intent"])] for case in cases]
        said = [number[case.verdict.said] if not case.verdict.failed else -1 for case in cases]
        width = [len(names)] * len(cases)
        return {"truth": column(truth, np.int64), "said": column(said, np.int64), "width": column(width, np.int64)}

    def values(self, columns: Columns) -> Values:
        truth, said = columns["truth"], columns["said"]
        macro, weighted = classes_f1(truth, said, int(columns["width"][0]) if len(truth) else 0)
        return {"accuracy": share(truth == said), "macro_f1": macro, "weighted_f1": weighted}

    def charts(self, cases: Sequence[Case]) -> list[Chart]:
        pairs = Counter((case.verdict.wanted, case.verdict.said) for case in cases if not case.verdict.failed)
        wrong = Counter({pair: count for pair, count in pairs.items() if pair[0] != pair[1]})
        touched = Counter[str]()
        for (wanted, said), count in wrong.items():
            touched[wanted] += count
            touched[said] += count
        names = sorted(name for name, _ in touched.most_common(_SHOWN))
        support = Counter(str(case.sample.expected["intent"]) for case in cases)
        data = {
            "names": names,
            "cells": [[pairs[row, col] for col in names] for row in names],
            "classes": len(support),
            "shown": len(names),
            "worst": [
                {"wanted": wanted, "said": said, "count": count, "of": support[wanted]}
                for (wanted, said), count in sorted(wrong.items(), key=lambda item: (-item[1], item[0]))[:15]
            ],
        }
        return [Chart("confusion", self.name, data)]
