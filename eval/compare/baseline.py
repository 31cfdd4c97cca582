"""The accepted run of a suite, kept with the program: a head, then one line a sample, no more than the gate needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from eval.errors import SuiteError
from eval.run.log import RunLog, decode_log
from eval.run.score import suite_scorers
from eval.samples.model import Output, Sample, digest
from eval.spec.model import Suite

_DIGITS = 6


class BaselineRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was said to one sample; `of` is the digest of its input and right answer."""

    id: str
    of: str
    answer: dict[str, Any] | None = None
    repeat: int = 0
    error: str = ""
    latency_us: int = 0


def baseline_path(folder: Path, suite: str) -> Path:
    """Return where the baseline of a suite is kept."""
    return folder / (suite.replace("/", "__") + ".jsonl")


def accept(logs: Sequence[RunLog], folder: Path) -> list[Path]:
    """Store runs as baselines; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [baseline_path(folder, log.suite.suite) for log in logs]
    for log, path in zip(logs, paths, strict=True):
        lines = [msgspec.json.encode(_head(log)), *(msgspec.json.encode(row) for row in _rows(log))]
        part = path.with_name(path.name + ".part")
        part.write_bytes(b"\n".join(lines) + b"\n")
        part.replace(path)
    return paths


def read_baseline(folder: Path, new: RunLog) -> RunLog:
    """Return the baseline of a run's suite, with those of the run's samples that are still the same.

    Raises:
        SuiteError: none was accepted, or the file is broken.
    """
    path = baseline_path(folder, new.suite.suite)
    if not path.exists():
        raise SuiteError("baseline_missing", place=str(folder), suite=new.suite.suite)
    head, *lines = path.read_bytes().splitlines()
    log = decode_log(head, place=f"{path}:1")
    now = {_mark(sample): sample for sample in new.samples}
    samples: dict[str, Sample] = {}
    outputs: list[Output] = []
    for number, line in enumerate(lines, start=2):
        try:
            row = msgspec.json.decode(line, type=BaselineRow)
        except msgspec.MsgspecError as error:
            raise SuiteError("log_broken", place=f"{path}:{number}", why=str(error)) from error
        sample = now.get((row.id, row.of))
        if sample is not None:
            samples[row.id] = sample
            outputs.append(Output(row.id, row.repeat, row.answer, row.error, row.latency_us))
    return msgspec.structs.replace(log, samples=tuple(samples.values()), outputs=tuple(outputs))


def _mark(sample: Sample) -> tuple[str, str]:
    return sample.id, digest([sample.input, sample.expected])[:16]


def _head(log: RunLog) -> RunLog:
    judged = tuple(msgspec.structs.replace(one, verdicts=(), charts=()) for one in log.judged)
    name = Path(log.suite_file).name
    return msgspec.structs.replace(log, samples=(), outputs=(), judged=judged, leaks=(), suite_file=name)


def _rows(log: RunLog) -> list[BaselineRow]:
    marks = {sample.id: _mark(sample)[1] for sample in log.samples}
    read = _read_by_scorers(log.suite)
    rows = [
        BaselineRow(one.sample_id, marks[one.sample_id], _kept(one.answer, read), one.repeat, one.error, one.latency_us)
        for one in log.outputs
    ]
    # By id, so that two baselines differ only in the lines whose answers differ.
    return sorted(rows, key=lambda row: (row.id, row.repeat))


def _read_by_scorers(suite: Suite) -> frozenset[str] | None:
    """Return which fields of an answer the suite's scorers read; None when one of them does not say."""
    read: set[str] = set()
    for scorer in suite_scorers(suite):
        if scorer.reads is None:
            return None
        read.update(scorer.reads)
    return frozenset(read)


def _kept(answer: Mapping[str, Any] | None, read: frozenset[str] | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    return {key: _rounded(value) for key, value in answer.items() if read is None or key in read}


def _rounded(value: Any) -> Any:
    return round(value, _DIGITS) if isinstance(value, float) else value
