"""Questions to the knowledge graph: exact, refused, wrong; a fact stated where there is none is the worst."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval.samples.model import Sample
from eval.scorers.scorer import Case, Measure, Scorer, Verdict, column, need, share
from eval.stats.intervals import Columns, Values

_REFUSALS = ("no_data", "not_understood", "ambiguous")


class GraphScorer(Scorer):
    """`answer: {status, values}` against `expected: {status, values, asked}`, values compared as sets after trimming.
    `values` is a list, or a list for each thing that may be `asked`: facts, products, count.
    `refused`: nothing was said although there is an answer; `wrong`: something else was said;
    `invented`: something was said where the graph holds nothing (over those samples only)."""

    name = "graph"
    measures = (
        Measure("exact", share=True),
        Measure("refused", "lower", share=True),
        Measure("wrong", "lower", share=True),
        Measure("invented", "lower"),
    )
    headline = "exact"
    reads = ("status", "values")

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        status, wanted_status = need(answer, "status", str), str(sample.expected["status"])
        values = answer.get("values") or ()
        if isinstance(values, Mapping):
            values = values.get(str(sample.expected.get("asked", "facts"))) or ()
        said = {plain_value(one) for one in values}
        wanted = {plain_value(one) for one in sample.expected.get("values") or ()}
        if wanted_status == "answered":
            right = status == "answered" and said == wanted
        else:
            right = status == wanted_status or (wanted_status == "no_data" and status == "not_understood")
        outcome = "exact" if right else "refused" if status in _REFUSALS else "wrong"
        return Verdict(
            sample.id,
            right=right,
            wanted=f"{wanted_status}: {_shown(wanted)}",
            said=f"{status}: {_shown(said)}",
            why=outcome,
            evidence=tuple({"text": str(one)} for one in (answer.get("evidence") or ())[:3]),
        )

    def columns(self, cases: Sequence[Case]) -> Columns:
        outcome = ["wrong" if case.verdict.failed else case.verdict.why for case in cases]
        known = [case.sample.expected["status"] == "answered" for case in cases]
        return {
            "exact": column([one == "exact" for one in outcome], np.bool_),
            "refused": column([one == "refused" for one in outcome], np.bool_),
            "wrong": column([one == "wrong" for one in outcome], np.bool_),
            "known": column(known, np.bool_),
        }

    def values(self, columns: Columns) -> Values:
        found: dict[str, float | None] = {name: share(columns[name]) for name in ("exact", "refused", "wrong")}
        found["invented"] = share(columns["wrong"][~columns["known"]])
        return found

    def size(self, columns: Columns, measure: str) -> int:
        return int((~columns["known"]).sum()) if measure == "invented" else len(columns["exact"])


def plain_value(value: object) -> str:
    """Return a value as it is compared: width and case folded, no spaces, a whole float as an integer."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(value))).lower()


def _shown(values: set[str]) -> str:
    shown = sorted(values)
    return ", ".join(shown[:6]) + (f" (+{len(shown) - 6})" if len(shown) > 6 else "") or "-"
