"""Which encoding a text file has, told from its bytes without reading it into memory."""

from __future__ import annotations

import codecs
from pathlib import Path

from knowledge_graph.records import Problem

_CHUNK = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find_encoding(path: Path) -> str | Problem:
    """Return `utf-8`, `utf-8-sig`, `utf-16` or `gb18030` (GBK's superset), or why it is none of them, with the line."""
    with path.open("rb") as file:
        head = file.read(4)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name if (line := _first_bad_line(path, name)) is None else _refused(path, line, name)
    bad_utf8 = _first_bad_line(path, "utf-8")
    if bad_utf8 is None:
        return "utf-8"
    return "gb18030" if _first_bad_line(path, "gb18030") is None else _refused(path, bad_utf8, "utf-8")


def _first_bad_line(path: Path, name: str) -> int | None:
    decoder = codecs.getincrementaldecoder(name)()
    line = 1
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return line + chunk[: error.start].count(b"\n")
            if "\0" in text:
                return line + text.split("\0", 1)[0].count("\n")
            line += text.count("\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return line
    return None


def _refused(path: Path, line: int, name: str) -> Problem:
    text = f"这一行不是 {name}、GBK 或 UTF-16 文字，请另存为 UTF-8 · an unknown encoding; save it as UTF-8"
    return Problem(f"{path.name}:{line}", "bad_encoding", text)
