"""Rows of an outside set, and how its files are opened."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.errors import SuiteError

Row = tuple[dict[str, Any], str]


def jsonl(path: Path) -> Iterator[Row]:
    """Yield (row, file:line) of a JSONL file, gzipped or not."""
    if not path.exists():
        raise SuiteError("data_missing", file=str(path))
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line, text in enumerate(file, start=1):
            try:
                yield json.loads(text), f"{path.name}:{line}"
            except ValueError as error:
                raise SuiteError("row_broken", place=f"{path}:{line}", why=str(error)) from error
