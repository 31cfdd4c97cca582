"""The text of one file: read with limits, decoded, its lines kept for positions and excerpts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from intents.model import Place
from intents.problems import EXCERPT, Problem
from kefu.base.errors import KefuError

MAX_FILE_BYTES = 10_000_000
MAX_EXAMPLE_CHARS = 10_000

# What YAML forbids, and three line ends that editors do not show: a line of the trainer's would fall apart.
_FORBIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_ENDS = {"\x85", "\u2028", "\u2029"}


class UnreadableError(KefuError):
    """The file yields nothing at all; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(slots=True)
class Source:
    """One file while it is read: `lines` without line ends, problems as they are found."""

    file: str
    text: str
    lines: list[str] = field(init=False)
    problems: list[Problem] = field(default_factory=list)
    dropped: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.lines = self.text.split("\n")

    def report(self, code: str, line: int, column: int = 1, **data: str) -> None:
        """Note a problem at a line and column (both from 1)."""
        excerpt = self.lines[line - 1].strip()[:EXCERPT] if 0 < line <= len(self.lines) else ""
        self.problems.append(Problem(code, Place(self.file, line, column), data, excerpt))

    def was_cut(self, line: int) -> bool:
        """Tell whether what followed a line (from 1) was left out, so that its absence is no second problem."""
        return line + 1 in self.dropped

    def drop_line(self, line: int) -> None:
        """Leave a line (from 1) out of what the parser sees; its number stays."""
        self.lines[line - 1] = ""
        self.dropped.add(line)


def load_source(path: Path, name: str) -> Source:
    """Read a file under the name that problems show; raise UnreadableError when it is too large or no text."""
    at = Place(name, 1, 1)
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise UnreadableError(_too_large(at, size))
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableError(Problem("file_unreadable", at, {"reason": error.strerror or str(error)})) from error
    return decode_source(raw, name)


def decode_source(raw: bytes, name: str) -> Source:
    """Turn bytes into a source: UTF-8 with or without BOM, any line ends; raise UnreadableError."""
    if len(raw) > MAX_FILE_BYTES:
        raise UnreadableError(_too_large(Place(name, 1, 1), len(raw)))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        place = Place(name, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise UnreadableError(Problem("not_utf8", place, {"guess": _guess(raw)})) from error
    return text_source(text, name)


def text_source(text: str, name: str) -> Source:
    """Prepare a text: one kind of line end, `\\uXXXX` in pure ASCII files, no forbidden characters."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    source = Source(name, text)
    if "\\u" in text.lower() and text.isascii():
        _unescape(source)
    _clean(source)
    return source


def _too_large(place: Place, size: int) -> Problem:
    # Rounded up: a file of one byte too many is not called as large as the limit.
    return Problem(
        "file_too_large",
        place,
        {"size": f"{-(-size // 100_000) / 10:.1f}", "limit": str(MAX_FILE_BYTES // 1_000_000)},
    )


def _guess(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return "?"
    return "GBK / GB18030"


def _unescape(source: Source) -> None:
    """Read `\\u4f60` in a file of pure ASCII as the character, as Rasa does before it parses."""
    for number, line in enumerate(source.lines, 1):
        if "\\u" not in line.lower():
            continue
        try:
            plain = line.encode().decode("raw_unicode_escape")
            plain = plain.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            source.report("escape_broken", number, line.lower().find("\\u") + 1)
            source.drop_line(number)
            continue
        source.lines[number - 1] = plain


def _clean(source: Source) -> None:
    for number, line in enumerate(source.lines, 1):
        found = _FORBIDDEN.search(line)
        if found is None:
            continue
        sign = found[0]
        code = "line_end_hidden" if sign in _LINE_ENDS else "control_character"
        source.report(code, number, found.start() + 1, sign=f"U+{ord(sign):04X}")
        rest = _FORBIDDEN.sub(" ", line).rstrip()
        # In the middle of an example nobody can tell what was meant; elsewhere a space does no harm.
        if rest == line[: found.start()].rstrip() or not line.lstrip().startswith("-"):
            source.lines[number - 1] = "" if line.lstrip().startswith("#") else rest
        else:
            source.drop_line(number)
