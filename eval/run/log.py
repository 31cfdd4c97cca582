"""The log of a run: everything that is needed to defend a figure, to score it again, and to run it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from eval.errors import SuiteError
from eval.samples.model import Output, Sample
from eval.scorers.scorer import Chart, Figure, Verdict
from eval.spec.model import Suite

KIND, VERSION = "kefu.eval.log", 1


class Machine(msgspec.Struct, frozen=True):
    """Where it ran."""

    system: str
    processor: str
    cores: int
    memory_mb: int
    python: str
    pace_us: float = 0.0
    """How long a fixed piece of work took while the run went on: latencies of two machines are compared by it."""


class Hashes(msgspec.Struct, frozen=True):
    """What must be the same for two runs to be comparable, or the run the same: data, settings, model."""

    suite: str
    data: str
    settings: str
    model: str


class SliceFigure(msgspec.Struct, frozen=True):
    """A slice's share of right answers, and whether it differs from the rest (Fisher's exact test, Holm)."""

    scorer: str
    name: str
    value: str
    right: int
    n: int
    share: float
    low: float
    high: float
    p: float
    few: bool


class Leak(msgspec.Struct, frozen=True):
    """A text of the suite that the model may have learned."""

    kind: str
    text: str
    place: str
    known: str
    known_place: str
    score: float


class CurvePoint(msgspec.Struct, frozen=True):
    """One point of a learning curve."""

    percent: float
    examples: int
    figure: Figure


class Judged(msgspec.Struct, frozen=True):
    """One scorer's verdicts over the whole run."""

    scorer: str
    version: int
    verdicts: tuple[Verdict, ...]
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    slices: tuple[SliceFigure, ...]


class ThresholdResult(msgspec.Struct, frozen=True):
    """A threshold of the suite: met, missed, or not to be told (the interval holds it)."""

    figure: str
    wanted: str
    value: float | None
    result: str


class RunLog(msgspec.Struct, frozen=True):
    """A finished run."""

    kind: str
    v: int
    run_id: str
    """The batch's folder and the run's own."""
    suite: Suite
    suite_file: str
    target: dict[str, str]
    hashes: Hashes
    revision: str
    versions: dict[str, str]
    machine: Machine
    seeds: dict[str, int]
    release: bool
    started_at: str
    seconds: float
    complete: bool
    failed: dict[str, int]
    """How many outputs failed, by the word for it."""
    samples: tuple[Sample, ...]
    outputs: tuple[Output, ...]
    judged: tuple[Judged, ...]
    thresholds: tuple[ThresholdResult, ...]
    leaks: tuple[Leak, ...] = ()
    leakage_fails: bool = False
    curve: tuple[CurvePoint, ...] = ()
    problems: tuple[str, ...] = ()

    def figure(self, key: str) -> Figure | None:
        """Return the figure `scorer.measure`."""
        found = (figure for one in self.judged for figure in one.figures if figure.key == key)
        return next(found, None)

    def headline(self) -> Figure | None:
        """Return the figure that stands for the run: the first scorer's leading one."""
        return self.judged[0].figures[0] if self.judged and self.judged[0].figures else None

    @property
    def unanswered(self) -> bool:
        """Whether not one sample got an answer that could be judged."""
        verdicts = self.judged[0].verdicts if self.judged else ()
        return bool(verdicts) and all(verdict.failed for verdict in verdicts)

    @property
    def passed(self) -> bool:
        """Whether nothing was missed: thresholds, leakage, and the run is whole and got answers."""
        whole = self.complete and not self.leakage_fails and not self.unanswered
        return whole and all(one.result != "missed" for one in self.thresholds)


def write_log(log: RunLog, path: Path) -> None:
    """Write a log, whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode(log), indent=1))
    part.replace(path)


def read_log(path: Path) -> RunLog:
    """Read a log, or the one in a run's folder; raise SuiteError for what is none."""
    if path.is_dir():
        path = path / "log.json"
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SuiteError("file_unreadable", place=str(path), why=error.strerror or str(error)) from error
    return decode_log(raw, place=str(path))


def decode_log(raw: bytes, *, place: str) -> RunLog:
    """Return the log that some JSON holds; raise SuiteError with `place` for what is none."""
    try:
        head: Any = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        if msgspec.json.decode(head.get("kind", b'""')) != KIND:
            raise SuiteError("no_log", place=place)
        if msgspec.json.decode(head.get("v", b"0")) != VERSION:
            raise SuiteError("log_version", place=place, wanted=VERSION)
        return msgspec.json.decode(raw, type=RunLog)
    except msgspec.MsgspecError as error:
        raise SuiteError("log_broken", place=place, why=str(error)) from error
