"""Rows of text from a CSV or Excel file, with the line each stands in."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from intents.imported import ImportRefusedError
from intents.model import Place
from intents.problems import Problem
from intents.source import MAX_FILE_BYTES

MAX_ROWS = 200_000
MAX_UNPACKED_BYTES = 200_000_000
SHEETS = (".csv", ".tsv", ".xlsx", ".xlsm")


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `line` counts from 1 as the table's own program shows it."""

    line: int
    cells: tuple[str, ...]


def read_table(path: Path) -> list[Row]:
    """Return all rows of a file, of Excel those of the first sheet; raise ImportRefusedError."""
    place = Place(path.name, 1, 1)
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            data = {"size": f"{-(-size // 100_000) / 10:.1f}", "limit": str(MAX_FILE_BYTES // 1_000_000)}
            raise ImportRefusedError(Problem("file_too_large", place, data))
        rows = _read_excel(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _read_csv(path)
    except OSError as error:
        data = {"reason": error.strerror or str(error)}
        raise ImportRefusedError(Problem("file_unreadable", place, data)) from error
    if len(rows) > MAX_ROWS:
        raise ImportRefusedError(Problem("import_table", place, {"reason": f"> {MAX_ROWS}"}))
    return rows


def _read_csv(path: Path) -> list[Row]:
    raw = path.read_bytes()
    text = _decode(raw, path.name)
    head = text.partition("\n")[0]
    delimiter = max(",\t;", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Row] = []
    while True:
        # A cell may hold line ends: the row stands where it begins.
        line = reader.line_num + 1
        try:
            rows.append(Row(line, tuple(next(reader))))
        except StopIteration:
            return rows
        except csv.Error as error:
            problem = Problem("import_table", Place(path.name, line, 1), {"reason": str(error)})
            raise ImportRefusedError(problem) from error


def _decode(raw: bytes, name: str) -> str:
    """Decode as Excel saves: UTF-8, UTF-16 with its mark, or, on a Chinese Windows, GBK."""
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ImportRefusedError(Problem("not_utf8", Place(name, 1, 1), {"guess": "?"}))


def _read_excel(path: Path) -> list[Row]:
    # Only an import of Excel pays for it.
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(one.file_size for one in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise ValueError(f"> {MAX_UNPACKED_BYTES // 1_000_000} MB")
        book = load_workbook(path, data_only=True)
        sheet = book.worksheets[0]
        merged: dict[tuple[int, int], object] = {}
        for area in sheet.merged_cells.ranges:
            value = sheet.cell(area.min_row, area.min_col).value
            # A merged cell speaks for every row it covers; wide ones are headings.
            for row in range(area.min_row, min(area.max_row, MAX_ROWS) + 1):
                merged[row, area.min_col] = value
        return [
            Row(line, tuple(_cell(merged.get((line, column), value)) for column, value in enumerate(values, 1)))
            for line, values in enumerate(sheet.iter_rows(values_only=True), 1)
        ]
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, IndexError, SyntaxError) as error:
        # openpyxl lets the errors of its XML parser and of odd workbooks through as these.
        problem = Problem("import_table", Place(path.name, 1, 1), {"reason": str(error) or type(error).__name__})
        raise ImportRefusedError(problem) from error


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
