"""Rows of an outside set, and how its files are opened."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from eval.errors import SuiteError

Row = tuple[dict[str, Any], str]


class Given(dict[str, Any]):
    """An object of a row; a field that it lacks is told with the row's file:line."""

    def __init__(self, values: dict[str, Any], place: str) -> None:
        super().__init__(values)
        self.place = place

    def __missing__(self, field: str) -> Any:
        raise SuiteError("row_without", place=self.place, field=field)


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, text) of a UTF-8 file, gzipped or not.

    Raises SuiteError: `set_missing` when the whole set is not there, `data_missing` when it lacks this file; and
    names a line that cannot be read.
    """
    if not path.exists():
        raise SuiteError("data_missing" if path.parent.exists() else "set_missing", file=str(path))
    number = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                yield number, raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SuiteError("file_not_utf8", place=f"{path}:{number}", byte=error.start) from error
    except (OSError, EOFError, zlib.error) as error:
        raise SuiteError("row_broken", place=f"{path}:{number + 1}", why=str(error)) from error


def jsonl(path: Path) -> Iterator[Row]:
    """Yield (row, file:line) of a JSONL file, gzipped or not."""
    for line, text in lines(path):
        place = f"{path}:{line}"
        try:
            row = json.loads(text, object_hook=partial(Given, place=place))
        except ValueError as error:
            raise SuiteError("row_broken", place=place, why=str(error)) from error
        if not isinstance(row, Given):
            raise SuiteError("row_broken", place=place, why="{...}")
        yield row, f"{path.name}:{line}"
