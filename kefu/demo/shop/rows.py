"""CSV files with the line of every row, and cells that say what is wrong with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable

from kefu.base.clock import parse_time
from kefu.demo.shop.problems import Problems


@dataclass(frozen=True, slots=True)
class Row:
    """One row. A getter that finds nothing usable notes a problem and returns something harmless."""

    file: str
    line: int
    cells: dict[str, str]
    problems: Problems

    def trouble(self, code: str, **data: object) -> None:
        """Note a problem of this row."""
        self.problems.add(self.file, self.line, code, **data)

    def text(self, field: str) -> str:
        """Return a cell as it stands, empty or not."""
        return self.cells[field].strip()

    def need(self, field: str) -> str:
        """Return a cell that must not be empty."""
        value = self.text(field)
        if not value:
            self.trouble("empty", field=field)
        return value

    def values(self, field: str) -> tuple[str, ...]:
        """Return the values of a cell that are parted by `|`."""
        return tuple(part.strip() for part in self.text(field).split("|") if part.strip())

    def whole(self, field: str, *, least: int = 0) -> int:
        """Return a whole number of at least `least`."""
        value = self.text(field)
        # isdecimal also takes the digits of other scripts, which int() reads just as well.
        if not value.removeprefix("-").isdecimal() or len(value) > 15:
            self.trouble("not_whole", field=field, value=value)
            return least
        if int(value) < least:
            self.trouble("too_small", field=field, value=value, least=least)
            return least
        return int(value)

    def choice(self, field: str, choices: Sequence[str]) -> str:
        """Return a cell that must be one of `choices`."""
        value = self.text(field)
        if value not in choices:
            self.trouble("not_choice", field=field, value=value, choices="、".join(filter(None, choices)))
        return value

    def time_us(self, field: str) -> int:
        """Return a time that must be there, in microseconds since 1970."""
        value = self.text(field)
        try:
            return parse_time(value)
        except ValueError:
            self.trouble("not_time", field=field, value=value)
            return 0

    def time_or_none(self, field: str) -> int | None:
        """Return a time, None for an empty cell."""
        return self.time_us(field) if self.text(field) else None

    def date_or_none(self, field: str) -> str | None:
        """Return a date as YYYY-MM-DD, None for an empty cell."""
        value = self.text(field)
        if not value:
            return None
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            self.trouble("not_date", field=field, value=value)
            return None

    def known(self, field: str, ids: object, *, value: str | None = None) -> str:
        """Return an id that must be among `ids` (anything with `in`)."""
        value = self.need(field) if value is None else value
        if value and value not in ids:  # type: ignore[operator]
            self.trouble("unknown", field=field, value=value)
        return value


def read_text(folder: Traversable, file: str, problems: Problems) -> str | None:
    """Return a file's text with `\\n` as line end; None, and a problem, when it cannot be read."""
    try:
        return folder.joinpath(file).read_text("utf-8-sig")
    except OSError as error:
        problems.add(file, 1, "missing_file", reason=error.strerror or str(error))
    except UnicodeDecodeError as error:
        line = bytes(error.object[: error.start]).count(b"\n") + 1
        problems.add(file, line, "not_utf8")
    return None


def read_rows(
    folder: Traversable, file: str, columns: Sequence[str], problems: Problems, *, key: str | None = None
) -> Iterator[Row]:
    """Yield the sound rows of a CSV file; `key` names the column whose values stand once. Broken rows are noted."""
    text = read_text(folder, file, problems)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    seen: set[str] = set()
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            problems.add(file, line, "csv", reason=str(error))
            return  # where the next row would begin is anybody's guess
        if header is None:
            header = cells
            if not _check_header(file, header, columns, problems):
                return
            continue
        if not cells:
            continue
        if len(cells) != len(header):
            problems.add(file, line, "columns", found=len(cells), wanted=len(header))
            continue
        row = Row(file, line, dict(zip(header, cells, strict=True)), problems)
        if key is not None:
            value = row.need(key)
            if value in seen:
                row.trouble("repeated", field=key, value=value)
                continue
            seen.add(value)
        yield row
    if header is None:
        problems.add(file, 1, "header", columns="、".join(columns))


def _check_header(file: str, header: list[str], columns: Sequence[str], problems: Problems) -> bool:
    """A wrong header makes every row of the file wrong: it is told once, and the rows are left."""
    faults = {
        "header": [name for name in columns if name not in header],
        "column_unknown": [name for name in header if name not in columns],
        "column_repeated": sorted({name for name in header if header.count(name) > 1}),
    }
    for code, names in faults.items():
        if names:
            problems.add(file, 1, code, columns="、".join(names))
    return not any(faults.values())
