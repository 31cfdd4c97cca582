"""Suites written into a folder, run in this process."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.run.log import RunLog
from eval.run.run import RunOptions, run_suite
from eval.spec.read import LoadedSuite, read_suite

SUITE: dict[str, Any] = {
    "suite": "test/one",
    "version": 1,
    "kind": "intent",
    "title": {"zh": "试卷", "en": "Paper"},
    "data": [{"file": "rows.csv"}],
    "target": {"kind": "http", "url": "http://127.0.0.1:9"},
    "timeout_s": 30,
}


def write_suite(folder: Path, rows: Sequence[Mapping[str, Any]] = (), **changes: Any) -> Path:
    """Write rows.csv and suite.yaml (JSON is YAML, too) and return the suite's path."""
    folder.mkdir(parents=True, exist_ok=True)
    if rows:
        with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    path = folder / "suite.yaml"
    told = {key: value for key, value in {**SUITE, **changes}.items() if value is not None}
    # One key a line, so that places in errors can be told.
    path.write_text(
        "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in told.items()), "utf-8"
    )
    return path


def load(folder: Path, rows: Sequence[Mapping[str, Any]] = (), **changes: Any) -> LoadedSuite:
    """Write a suite and read it."""
    return read_suite(write_suite(folder, rows, **changes))


def run(loaded: LoadedSuite, folder: Path, **options: Any) -> RunLog:
    """Run a suite without telling anybody."""
    return run_suite(loaded, RunOptions(folder=folder, **options), tell=lambda what, done, total: None)
