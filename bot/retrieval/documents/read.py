"""Documents as blocks: Markdown, HTML, PDF, DOCX, CSV and plain text; what cannot be read says where."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from bot.retrieval.documents.html import read_html
from bot.retrieval.documents.passage import Block, DocumentError
from knowledge_graph.loading.rows import TableRow, read_rows

MOST_BYTES = 64 << 20
_CURE = 'pip install "kefu[documents]"'
_BIGGER = 1.15


def read_document(path: Path) -> Iterator[Block]:
    """Yield the blocks of a file in reading order; raise DocumentError with file, line and cure."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = "、".join(READERS)
        raise DocumentError(f"{path.name}: 不认识 {path.suffix!r}，可用的有 {known} · unknown kind of document")
    if not path.is_file():
        raise DocumentError(f"{path}: 没有这个文件 · there is no such file")
    if (size := path.stat().st_size) > MOST_BYTES:
        told = f"{size >> 20} MB，上限 {MOST_BYTES >> 20} MB"
        raise DocumentError(f"{path.name}: {told}，请拆成几个文件 · too large, split it")
    yield from reader(path)


def _markdown(path: Path) -> Iterator[Block]:
    from markdown_it import MarkdownIt

    level, row, line, header = 0, None, 1, list[str]()
    for token in MarkdownIt("commonmark").enable("table").parse(_text(path)):
        line = token.map[0] + 1 if token.map else line
        if token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "tr_open":
            row = list[str]()
        elif token.type == "tr_close" and row is not None:
            if header:
                yield Block(in_words(header, row), f"{path.name}:{line}")
            header, row = header or row, None
        elif token.type == "table_close":
            header = []
        elif token.type == "inline":
            said = "".join(_inline(child) for child in token.children or ()).strip()
            if row is not None:
                row.append(said)
            elif said:
                yield Block(said, f"{path.name}:{line}", level)
            level = 0
        elif token.type in ("fence", "code_block") and token.content.strip():
            yield Block(token.content.strip(), f"{path.name}:{line}")


def in_words(header: Sequence[str], row: Sequence[str]) -> str:
    """A row of a table as it can be quoted alone: `代码：E1；怎么办：断电十分钟`."""
    cells = itertools.zip_longest(header, row, fillvalue="")
    return "；".join(f"{name}：{cell}" if name else cell for name, cell in cells if cell)


def _inline(token: Any) -> str:
    if token.type in ("text", "code_inline"):
        return str(token.content)
    return " " if token.type in ("softbreak", "hardbreak") else ""


def _html(path: Path) -> Iterator[Block]:
    return read_html(_text(path), path.name)


def _plain(path: Path) -> Iterator[Block]:
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if line.strip():
            yield Block(line.strip(), f"{path.name}:{number}")


def _csv(path: Path) -> Iterator[Block]:
    for row in read_rows(path):
        if not isinstance(row, TableRow):
            raise DocumentError(str(row))
        told = ["" if cell is None else str(cell).strip() for cell in row.cells.values()]
        if any(told):
            yield Block(in_words(list(row.cells), told), row.source)


def _pdf(path: Path) -> Iterator[Block]:
    pypdf = _need("pypdf")
    try:
        reader = pypdf.PdfReader(str(path))
        pages = list(reader.pages)
    except Exception as error:  # a damaged PDF makes the library raise anything
        raise DocumentError(f"{path.name}: 不是可读的 PDF（{error}） · not a readable PDF") from error
    found = False
    for number, page in enumerate(pages, start=1):
        lines: list[tuple[str, float]] = []

        def visit(text: str, _cm: Any, _tm: Any, _font: Any, size: float, lines: Any = lines) -> None:
            lines.extend((part.strip(), float(size or 0)) for part in text.split("\n") if part.strip())

        try:
            page.extract_text(visitor_text=visit)
        except Exception as error:
            raise DocumentError(f"{path.name}:page {number}: 读不了（{error}） · cannot be read") from error
        usual = sorted(size for text, size in lines for _ in text)
        body = usual[len(usual) // 2] if usual else 0.0
        for text, size in lines:
            found = True
            heading = body > 0 and size > body * _BIGGER and len(text) <= 40
            yield Block(text, f"{path.name}:page {number}", 1 if heading else 0)
    if not found:
        raise DocumentError(f"{path.name}: 里面没有文字，可能是扫描件，请先识别 · holds no text; is it a scan?")


def _docx(path: Path) -> Iterator[Block]:
    docx = _need("docx")
    try:
        document = docx.Document(str(path))
    except Exception as error:  # a damaged file makes the library raise anything
        raise DocumentError(f"{path.name}: 不是可读的 DOCX（{error}） · not a readable DOCX") from error
    for number, part in enumerate(document.iter_inner_content(), start=1):
        place = f"{path.name}:{number}"
        if hasattr(part, "rows"):
            rows = [[cell.text.strip() for cell in row.cells] for row in part.rows]
            for row in rows[1:]:
                if any(row):
                    yield Block(in_words(rows[0], row), place)
            continue
        text = part.text.strip()
        if text:
            style = str(part.style.name if part.style is not None else "")
            last = style.rpartition(" ")[2]
            heading = style.startswith(("Heading", "标题"))
            yield Block(text, place, int(last) if heading and last.isdecimal() else int(heading or style == "Title"))


def _text(path: Path) -> str:
    from knowledge_graph.loading.encodings import find_encoding

    encoding = find_encoding(path)
    if not isinstance(encoding, str):
        raise DocumentError(str(encoding))
    return path.read_text(encoding)


def _need(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise DocumentError(f"缺少 {name}，请执行 {_CURE} · the package {name} is missing: {_CURE}") from error


READERS: dict[str, Callable[[Path], Iterator[Block]]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
    ".docx": _docx,
    ".csv": _csv,
    ".txt": _plain,
}
