"""Read a suite file: grammar, kind, scorers, target, each fault with file:line and cure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from eval.errors import SuiteError
from eval.scorers.registry import SCORERS, make_scorer, scorer_name
from eval.scorers.scorer import Scorer
from eval.spec.kinds import KINDS
from eval.spec.model import Suite
from eval.spec.places import Document, Path_, read_yaml
from eval.targets.registry import TARGETS

_AT = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]+)`")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]+)`")


@dataclass(frozen=True, slots=True)
class LoadedSuite:
    """A checked suite with its file."""

    suite: Suite
    document: Document
    path: Path

    def scorers(self) -> list[Scorer]:
        """Return fresh scorers, those of the kind when the suite names none."""
        return [make_scorer(entry) for entry in self.suite.scorers or KINDS[self.suite.kind].scorers]


def read_suite(path: Path) -> LoadedSuite:
    """Read and check a suite; raise SuiteError with file:line."""
    document = read_yaml(path)
    _check_finite(document, document.value, ())
    suite: Suite = convert(document, Suite)
    _check_kind(document, suite)
    _check_fields(document, suite)
    _check_scorers(document, suite)
    _check_thresholds(document, suite)
    _check_target(document, suite)
    return LoadedSuite(suite, document, path)


def find_suites(places: Sequence[Path]) -> list[Path]:
    """Return the suite files below some folders, by name; a file stands for itself."""
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            found += sorted(path for path in place.rglob("*.yaml") if _is_suite(path))
        elif place.exists():
            found.append(place)
        else:
            raise SuiteError("file_missing", place=str(place))
    if not found:
        raise SuiteError("no_suites", place=", ".join(map(str, places)))
    return found


def _is_suite(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        return any(line.startswith("suite:") for line in file)


def convert(document: Document, wanted: type[Any], value: Any = None, path: Path_ = ()) -> Any:
    """Return the document, or one value of it, as a struct; raise SuiteError with the place of what does not fit."""
    try:
        return msgspec.convert(document.value if value is None else value, wanted, strict=True)
    except msgspec.ValidationError as error:
        raise _explained(document, str(error), path) from error


def _explained(document: Document, message: str, path: Path_) -> SuiteError:
    at = _AT.search(message)
    steps = _STEP.findall(at["path"]) if at else []
    path = (*path, *(int(number) if number.isdigit() else name for name, number in steps))
    reason = _AT.sub("", message)
    if unknown := _UNKNOWN.search(reason):
        return SuiteError("unknown_key", place=document.place((*path, unknown["name"])), key=unknown["name"])
    if missing := _MISSING.search(reason):
        return SuiteError("missing_key", place=document.place(path), key=missing["name"])
    key = ".".join(str(step) for step in path) or "(file)"
    return SuiteError("wrong_value", place=document.place(path), key=key, why=reason)


def _check_finite(document: Document, value: Any, path: Path_) -> None:
    """Refuse `.nan` and `.inf` anywhere: every comparison with them is a silent no."""
    if isinstance(value, float) and not math.isfinite(value):
        raise SuiteError("row_not_finite", place=document.place(path), field=".".join(map(str, path)))
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_finite(document, inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _check_finite(document, inner, (*path, number))


def _check_kind(document: Document, suite: Suite) -> None:
    if suite.kind not in KINDS:
        raise SuiteError("unknown_kind", place=document.place(("kind",)), kind=suite.kind, known=", ".join(KINDS))


def _check_fields(document: Document, suite: Suite) -> None:
    kind = KINDS[suite.kind]
    known = {*kind.inputs, *kind.expected, *suite.slices, "id", "group"}
    for number, data in enumerate(suite.data):
        for name in data.fields:
            if name not in known:
                place = document.place(("data", number, "fields", name))
                raise SuiteError("unknown_field", place=place, field=name, known=", ".join(sorted(known)))


def _check_thresholds(document: Document, suite: Suite) -> None:
    for figure, wanted in suite.thresholds.items():
        place = document.place(("thresholds", figure))
        if wanted.min is None and wanted.max is None:
            raise SuiteError("threshold_empty", place=place, figure=figure)
        if wanted.min is not None and wanted.max is not None and wanted.min > wanted.max:
            raise SuiteError("threshold_crossed", place=place, figure=figure, min=wanted.min, max=wanted.max)


def _check_scorers(document: Document, suite: Suite) -> None:
    measures: set[str] = set()
    for number, entry in enumerate(suite.scorers or KINDS[suite.kind].scorers):
        name = scorer_name(entry)
        place = document.place(("scorers", number))
        if name not in SCORERS:
            raise SuiteError("unknown_scorer", place=place, name=name, known=", ".join(sorted(SCORERS)))
        try:
            scorer = make_scorer(entry)
        except (TypeError, ValueError) as error:
            raise SuiteError("scorer_options", place=place, name=name, why=str(error)) from error
        measures |= {f"{name}.{measure.name}" for measure in scorer.measures}
    named: list[tuple[str, str | int, str]] = [("thresholds", figure, figure) for figure in suite.thresholds]
    named += [("anchors", number, anchor.figure) for number, anchor in enumerate(suite.anchors)]
    named += [("curve", "figure", suite.curve.figure)] if suite.curve else []
    for section, key, figure in named:
        if figure not in measures:
            known = ", ".join(sorted(measures))
            raise SuiteError("unknown_figure", place=document.place((section, key)), figure=figure, known=known)


def _check_target(document: Document, suite: Suite) -> None:
    kind = suite.target.get("kind")
    if kind is None:
        raise SuiteError("missing_key", place=document.place(("target",)), key="kind")
    if kind not in TARGETS:
        place = document.place(("target", "kind"))
        raise SuiteError("unknown_target", place=place, kind=kind, known=", ".join(sorted(TARGETS)))
    options = {key: value for key, value in suite.target.items() if key != "kind"}
    given = convert(document, TARGETS[str(kind)].options, options, ("target",))
    if suite.curve is not None and not TARGETS[str(kind)].learns(given):
        raise SuiteError("curve_without_training", place=document.place(("curve",)), kind=kind)
