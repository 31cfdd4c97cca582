"""Marked spans: precision, recall and F1 of exact spans with their name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval.errors import SampleError
from eval.samples.model import Sample
from eval.scorers.scorer import Case, Measure, Scorer, Verdict, column, need, share
from eval.stats.intervals import Columns, Values

Span = tuple[str, int, int]


class EntityScorer(Scorer):
    """`entities: [{entity, start, end, value}]`; a span counts when name, start and end are those expected (CoNLL).
    With `by: value` the pair of name and value counts, for targets that give no positions."""

    name = "entities"
    measures = (
        Measure("f1", unit="score"),
        Measure("precision", unit="score"),
        Measure("recall", unit="score"),
        Measure("exact", share=True),
    )
    headline = "exact"
    reads = ("entities",)

    def __init__(self, *, by: str = "span") -> None:
        if by not in ("span", "value"):
            raise ValueError(f"by: span, value; not {by}")
        self.by = by

    def check(self, sample: Sample) -> None:
        self._spans(sample.expected["entities"])

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        wanted, said = self._spans(sample.expected["entities"]), self._spans(need(answer, "entities", list))
        return Verdict(sample.id, right=wanted == said, wanted=_shown(wanted), said=_shown(said))

    def columns(self, cases: Sequence[Case]) -> Columns:
        hit, wanted, said, exact = [], [], [], []
        for case in cases:
            gold = self._spans(case.sample.expected["entities"])
            found = Counter[Any]() if case.verdict.failed else self._spans((case.output.answer or {})["entities"])
            hit.append((gold & found).total())
            wanted.append(gold.total())
            said.append(found.total())
            exact.append(case.verdict.right)
        return {
            "hit": column(hit, np.int64),
            "wanted": column(wanted, np.int64),
            "said": column(said, np.int64),
            "exact": column(exact, np.bool_),
        }

    def values(self, columns: Columns) -> Values:
        hit, wanted, said = (int(columns[name].sum()) for name in ("hit", "wanted", "said"))
        return {
            "precision": hit / said if said else None,
            "recall": hit / wanted if wanted else None,
            "f1": 2 * hit / (wanted + said) if wanted + said else None,
            "exact": share(columns["exact"]),
        }

    def _spans(self, marked: Any) -> Counter[Any]:
        try:
            if self.by == "value":
                return Counter((str(one["entity"]), str(one["value"])) for one in marked)
            return Counter((str(one["entity"]), int(one["start"]), int(one["end"])) for one in marked)
        except (KeyError, TypeError, ValueError) as error:
            raise SampleError("nonsense", f"an entity lacks {error}") from error


def _shown(spans: Counter[Any]) -> str:
    return ", ".join(" ".join(map(str, span)) for span in sorted(spans)) or "-"
