"""HTML as blocks: headings, paragraphs, list items and table rows; scripts, styles and navigation are not read."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from bot.retrieval.documents.passage import Block

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SILENT = frozenset({"script", "style", "nav", "template", "noscript", "head", "svg"})
_BREAKS = frozenset(
    {"p", "li", "div", "section", "article", "br", "ul", "ol", "table", "tr", "blockquote", "pre", "dt", "dd"}
)


def read_html(text: str, name: str) -> Iterator[Block]:
    """Yield the blocks of a page, however badly its tags are closed."""
    parser = _Parser(name)
    parser.feed(text)
    parser.close()
    parser.end_block()
    yield from parser.blocks


class _Parser(HTMLParser):
    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._name = name
        self._said: list[str] = []
        self._line = 1
        self._level = 0
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _HEADINGS:
            self.end_block()
            self._level = _HEADINGS[tag]
        elif tag in _BREAKS:
            self.end_block()
        elif tag in ("td", "th") and self._said:
            self._said.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _HEADINGS or tag in _BREAKS:
            self.end_block()

    def handle_data(self, data: str) -> None:
        if self._silent or not data.strip():
            return
        if not self._said:
            self._line = self.getpos()[0]
        self._said.append(" ".join(data.split()))

    def end_block(self) -> None:
        text = "".join(self._said).strip(" |")
        if text:
            self.blocks.append(Block(text, f"{self._name}:{self._line}", self._level))
        self._said, self._level = [], 0
