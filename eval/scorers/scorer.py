"""What a scorer is: it judges one answer, and gives figures over many, from columns that can be resampled."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from eval.errors import SampleError
from eval.samples.model import Output, Sample
from eval.stats.intervals import Columns, Interval, Values, bootstrap, wilson

Better = Literal["higher", "lower"]
FEW = 30
"""With fewer samples a figure is shown, and marked as too few to tell."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that a scorer gives. `share` says that it is right / n of independent samples (Wilson)."""

    name: str
    better: Better = "higher"
    unit: Literal["share", "ms", "turns", "score"] = "share"
    share: bool = False


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one answer was judged. A failed sample is never right."""

    sample_id: str
    repeat: int = 0
    right: bool = False
    failed: bool = False
    wanted: str = ""
    said: str = ""
    why: str = ""
    evidence: tuple[dict[str, Any], ...] = ()


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number with its n and its 95 % interval; `value` is None when there is nothing to measure."""

    scorer: str
    name: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    method: str = ""
    better: Better = "higher"
    unit: str = "share"
    few: bool = False

    @property
    def key(self) -> str:
        """`scorer.measure`, as thresholds and anchors name it."""
        return f"{self.scorer}.{self.name}"


class Chart(msgspec.Struct, frozen=True):
    """Numbers that the report draws: `kind` chooses how."""

    kind: Literal["confusion", "reliability", "risk_coverage", "histogram", "bars"]
    scorer: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A sample, what was said, and how it was judged."""

    sample: Sample
    output: Output
    verdict: Verdict


class Scorer(ABC):
    """Subclasses name themselves and their measures, judge one answer, and turn cases into columns and values.

    `columns` has one row a case, in order; `values` must not look at anything else, so that it can be resampled.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    measures: ClassVar[tuple[Measure, ...]]
    headline: ClassVar[str] = "right"
    """The measure that comparisons lead with; `right` is the share of right verdicts."""
    sliced: ClassVar[bool] = True
    """Whether the share of right verdicts says something in a slice."""
    reads: ClassVar[tuple[str, ...] | None] = None
    """The fields of an answer that it reads: a baseline keeps no others. None keeps all."""

    def check(self, sample: Sample) -> None:
        """Raise SampleError when the sample's right answer cannot be read: found before anybody is asked."""
        return None

    @abstractmethod
    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        """Judge one answer; raise SampleError when it lacks what is judged."""

    @abstractmethod
    def columns(self, cases: Sequence[Case]) -> Columns:
        """Return arrays with one row a case; a failed case stands as the worst answer."""

    @abstractmethod
    def values(self, columns: Columns) -> Values:
        """Return every measure; None where there is nothing to measure."""

    def charts(self, cases: Sequence[Case]) -> list[Chart]:
        """Return what the report draws."""
        return []

    def verdict(self, sample: Sample, output: Output) -> Verdict:
        """Judge an output; one that failed, or does not hold what is judged, is failed and not right."""
        wanted = str(sample.expected)[:120]
        if output.answer is None:
            return Verdict(sample.id, output.repeat, failed=True, wanted=wanted, why=output.error)
        try:
            found = self.judge(sample, output.answer)
        except SampleError as error:
            return Verdict(sample.id, output.repeat, failed=True, wanted=wanted, why=str(error))
        return msgspec.structs.replace(found, sample_id=sample.id, repeat=output.repeat)

    def figures(self, cases: Sequence[Case], *, seed: int) -> list[Figure]:
        """Return every measure with its interval."""
        columns = self.columns(cases)
        values = self.values(columns) if cases else {}
        groups = group_numbers(cases)
        alone = len(set(groups)) == len(groups)
        drawn: dict[str, Interval] = {}
        if any(not (measure.share and alone) for measure in self.measures):
            drawn = bootstrap(columns, self.values, groups, seed=seed)
        figures = []
        for measure in self.measures:
            value = values.get(measure.name)
            n = self.size(columns, measure.name) if cases else 0
            interval, method = drawn.get(measure.name), "bootstrap"
            if measure.share and alone and value is not None:
                interval, method = wilson(round(value * n), n), "wilson"
            if interval is None:
                method = "none"
            figures.append(
                Figure(
                    scorer=self.name,
                    name=measure.name,
                    value=value,
                    n=n,
                    low=interval.low if interval else None,
                    high=interval.high if interval else None,
                    method=method,
                    better=measure.better,
                    unit=measure.unit,
                    few=n < FEW,
                )
            )
        return figures

    def size(self, columns: Columns, measure: str) -> int:
        """Return over how many samples a measure was taken."""
        return len(next(iter(columns.values()))) if columns else 0


def group_numbers(cases: Sequence[Case]) -> list[int]:
    """Return one number a case: cases of one sample, or of one group of samples, share theirs."""
    numbers: dict[str, int] = {}
    return [
        numbers.setdefault(f"g:{case.sample.group}" if case.sample.group else f"s:{case.sample.id}", len(numbers))
        for case in cases
    ]


def column(values: Sequence[Any], kind: type[np.generic] | np.dtype[Any]) -> npt.NDArray[Any]:
    """Return values as a column."""
    return np.asarray(values, dtype=kind)


def share(flags: npt.NDArray[Any]) -> float | None:
    """Return the share of true rows; None without rows."""
    return float(flags.mean()) if len(flags) else None


def need(answer: Mapping[str, Any], field: str, kind: type[Any] | tuple[type[Any], ...]) -> Any:
    """Return a field of an answer; raise SampleError when it is missing or of another type."""
    value = answer.get(field)
    if not isinstance(value, kind) or (isinstance(value, bool) and bool not in _all(kind)):
        raise SampleError("nonsense", f"the answer has no usable {field!r}: {str(value)[:60]}")
    return value


def _all(kind: type[Any] | tuple[type[Any], ...]) -> tuple[type[Any], ...]:
    return kind if isinstance(kind, tuple) else (kind,)
