"""Attributes asked for in a conversation: told right, refused, told wrong; and what was told that nobody asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from eval.errors import SampleError
from eval.samples.model import Sample
from eval.scorers.scorer import Case, Measure, Scorer, Verdict, column, need
from eval.stats.intervals import Columns, Values

Pair = tuple[str, str]
Told = dict[Pair, list[str]]
_NOTHING = frozenset({"无", "没有", "未知", "暂无"})
_OVER = {"precision": "detected", "invented": "unanswerable", "invented_unheld": "unheld"}
_GRAVEST = ("invented", "wrong", "unasked", "refused")


@dataclass(slots=True)
class _Counts:
    """What one turn adds; `unheld` are the unanswerable ones where the graph holds nothing for the reply's places."""

    asked: int = 0
    right: int = 0
    refused: int = 0
    wrong: int = 0
    exact: int = 0
    told: int = 0
    detected: int = 0
    detected_right: int = 0
    unanswerable: int = 0
    invented: int = 0
    unheld: int = 0
    invented_unheld: int = 0


class AttributeScorer(Scorer):
    """`answer: {attributes: [{of, name, values}]}` against `expected: {values: [{of, name, values, held}]}`.

    Every attribute with gold values counts once. `right`: the set of values equals the gold values after trimming, a
    list being cut to as many as the reply names, for replies name the first few; `exact`: without that cut; `told`: all
    gold values are among those told. `refused`: nothing was told. `precision`: asked for / told, over all turns.
    `invented`: a value where the reply says that there is none; `invented_unheld`: of these, where the graph has none.
    """

    name = "attributes"
    measures = (
        Measure("right"),
        Measure("refused", "lower"),
        Measure("wrong", "lower"),
        Measure("exact"),
        Measure("told"),
        Measure("precision"),
        Measure("invented", "lower"),
        Measure("invented_unheld", "lower"),
    )
    headline = "right"
    reads = ("attributes",)

    def check(self, sample: Sample) -> None:
        _told(sample.expected.get("values"))

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        told = _told(need(answer, "attributes", list))
        outcomes = {pair: _outcome(gold, told.get(pair, [])) for pair, gold in _gold(sample).items()}
        unasked = told.keys() - _told(sample.expected["values"]).keys()
        found = {*outcomes.values(), *(("unasked",) if unasked else ())}
        return Verdict(
            sample.id,
            right=found <= {"right"},
            wanted=_shown(_gold(sample)) or "-",
            said=_shown(told) or "-",
            why=next((word for word in _GRAVEST if word in found), "right"),
            evidence=tuple(one for one in answer.get("evidence") or () if isinstance(one, dict))[:3],
        )

    def columns(self, cases: Sequence[Case]) -> Columns:
        counts = [_count(case) for case in cases]
        return {one.name: column([getattr(count, one.name) for count in counts], np.int64) for one in fields(_Counts)}

    def values(self, columns: Columns) -> Values:
        total = {name: int(part.sum()) for name, part in columns.items()}
        upper = {"precision": "detected_right"}
        found: dict[str, float | None] = {}
        for measure in self.measures:
            over = total[_OVER.get(measure.name, "asked")]
            found[measure.name] = total[upper.get(measure.name, measure.name)] / over if over else None
        return found

    def size(self, columns: Columns, measure: str) -> int:
        return int(columns[_OVER.get(measure, "asked")].sum())


def _count(case: Case) -> _Counts:
    """A failed turn told something wrong for everything that was asked, and something that was not."""
    gold, asked = _gold(case.sample), _told(case.sample.expected["values"])
    told = {} if case.verdict.failed else _told((case.output.answer or {}).get("attributes"))
    count = _Counts(detected=len(told), detected_right=len(told.keys() & asked.keys()))
    if case.verdict.failed:
        count.detected = max(1, len(asked))
    for one in case.sample.expected["values"]:
        if "values" not in one:
            continue
        pair = one["of"], one["name"]
        said = told.get(pair, [])
        outcome = "invented" if case.verdict.failed and _is_nothing(gold[pair]) else _outcome(gold[pair], said)
        outcome = "wrong" if case.verdict.failed and outcome == "refused" else outcome
        count.asked += 1
        count.right += outcome == "right"
        count.refused += outcome == "refused"
        count.wrong += outcome in ("wrong", "invented")
        count.exact += set(said) == set(gold[pair])
        count.told += set(gold[pair]) <= set(said)
        if _is_nothing(gold[pair]):
            count.unanswerable += 1
            count.invented += outcome == "invented"
            count.unheld += not one["held"]
            count.invented_unheld += outcome == "invented" and not one["held"]
    return count


def _outcome(gold: list[str], said: list[str]) -> str:
    # A reply names the first few of a long list; several numbers may stand in it as one.
    if set(said[: len(gold)]) == set(gold) or ["".join(said)] == gold:
        return "right"
    if _is_nothing(said):
        return "refused"
    return "invented" if _is_nothing(gold) else "wrong"


def _is_nothing(values: Sequence[str]) -> bool:
    return set(values) <= _NOTHING


def _gold(sample: Sample) -> Told:
    return _told([one for one in sample.expected["values"] if "values" in one])


def _told(given: object) -> Told:
    """The trimmed values by pair; raise SampleError for what is no list of attributes."""
    found: Told = {}
    for one in given if isinstance(given, list) else ():
        try:
            values = [_trim(str(value)) for value in one.get("values") or ()]
            found[str(one["of"]), str(one["name"])] = list(dict.fromkeys(values))
        except (AttributeError, KeyError, TypeError) as error:
            raise SampleError("nonsense", f"no attribute {{of, name, values}}: {str(one)[:60]}") from error
    return found


def _trim(value: str) -> str:
    """Without spaces, without the marks between several numbers, which dialogues leave out, and without a unit."""
    return re.sub(r"^([\d.]+)[元分]$", r"\1", re.sub(r"[\s,，、;；-]+", "", value))


def _shown(told: Told) -> str:
    parts = []
    for (_, name), values in told.items():
        more = f" (+{len(values) - 4})" if len(values) > 4 else ""
        parts.append(f"{name}: {', '.join(values[:4]) or '-'}{more}")
    return "; ".join(parts)
