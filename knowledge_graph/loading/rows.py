"""Rows of named cells from CSV, Excel and JSON Lines, one at a time; what is not a row is a problem with its place."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from knowledge_graph.loading.encodings import find_encoding
from knowledge_graph.records import Problem

Cell = str | int | float | bool | None | list[Any]


@dataclass(frozen=True, slots=True)
class TableRow:
    """Cells by the name of their column; `source` is `products.csv:17` or `products.xlsx:Sheet1:17`."""

    source: str
    cells: Mapping[str, Cell]


def read_rows(path: Path) -> Iterator[TableRow | Problem]:
    """Yield the rows of a .csv, .tsv, .xlsx or .jsonl file; memory does not grow with its length."""
    readers = {".csv": _csv, ".tsv": _tsv, ".xlsx": _xlsx, ".jsonl": _jsonl, ".ndjson": _jsonl}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        known = "、".join(readers)
        yield Problem(path.name, "unknown_format", f"不认识 {path.suffix!r}，可用的有 {known} · unknown kind of file")
        return
    if not path.is_file():
        yield Problem(path.name, "no_file", "没有这个文件 · there is no such file")
        return
    yield from reader(path)


def _csv(path: Path) -> Iterator[TableRow | Problem]:
    return _separated(path, delimiter=",")


def _tsv(path: Path) -> Iterator[TableRow | Problem]:
    return _separated(path, delimiter="\t")


def _separated(path: Path, *, delimiter: str) -> Iterator[TableRow | Problem]:
    encoding = find_encoding(path)
    if isinstance(encoding, Problem):
        yield encoding
        return
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        header: list[str] | None = None
        while True:
            first = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                yield Problem(f"{path.name}:{first}", "bad_row", f"这一行读不了：{error} · the row cannot be read")
                return
            source = f"{path.name}:{first}"
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                problem = _bad_header(header, source)
                if problem is not None:
                    yield problem
                    return
                continue
            yield _row(header, cells, source)
    if header is None:
        yield Problem(f"{path.name}:1", "empty_file", "文件是空的 · the file is empty")


def _bad_header(header: Sequence[str], source: str) -> Problem | None:
    if "" in header:
        return Problem(source, "bad_header", f"第 {header.index('') + 1} 列没有列名 · a column has no name")
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        return Problem(source, "bad_header", f"列名 {twice[0]!r} 出现两次 · a column's name is used twice")
    return None


def _row(header: Sequence[str], cells: Sequence[Cell], source: str) -> TableRow | Problem:
    if len(cells) != len(header):
        text = f"有 {len(cells)} 格，表头有 {len(header)} 列，检查分隔符 · not as long as the header"
        return Problem(source, "wrong_length", text)
    for name, cell in zip(header, cells, strict=True):
        if isinstance(cell, str) and cell.lstrip()[:1] == "=":
            return Problem(source, "formula", f"“{name}”是公式 {cell[:40]!r}，请粘贴为数值 · paste its value")
    return TableRow(source, dict(zip(header, cells, strict=True)))


def _xlsx(path: Path) -> Iterator[TableRow | Problem]:
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    try:
        book = load_workbook(path, read_only=True, data_only=False)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        yield Problem(path.name, "bad_file", f"不是可读的 Excel 文件（{error}） · not a readable workbook")
        return
    try:
        for sheet in book.worksheets:
            header: list[str] | None = None
            for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                cells = list(values)
                while cells and cells[-1] is None:
                    cells.pop()
                if not cells:
                    continue
                source = f"{path.name}:{sheet.title}:{number}"
                if header is None:
                    header = [str(cell or "").strip() for cell in cells]
                    problem = _bad_header(header, source)
                    if problem is not None:
                        yield problem
                        break
                    continue
                cells += [None] * (len(header) - len(cells))
                yield _row(header, cells, source)
    finally:
        book.close()


def _jsonl(path: Path) -> Iterator[TableRow | Problem]:
    encoding = find_encoding(path)
    if isinstance(encoding, Problem):
        yield encoding
        return
    with path.open(encoding=encoding) as file:
        for number, line in enumerate(file, start=1):
            source = f"{path.name}:{number}"
            if not line.strip():
                continue
            try:
                cells = json.loads(line)
            except ValueError as error:
                yield Problem(source, "bad_json", f"不是 JSON（{error}） · not JSON")
                continue
            if not isinstance(cells, dict):
                yield Problem(source, "bad_json", "每行应是一个 JSON 对象 · each line must be an object")
                continue
            yield TableRow(source, cells)
