"""What a page says of itself: pure reading of bounded HTML."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from unicodedata import category

from messaging_core.messages.kinds.link import Preview

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_\-]{2,20})""", re.IGNORECASE)
_TITLE, _DESCRIPTION, _SITE = 200, 300, 100


def url_hash(url: str) -> str:
    """Return the key under which a preview is kept."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()


def read_preview(page: bytes, content_type: str) -> Preview | None:
    """Return title, description and site of a page, as plain text; None when it has no title."""
    reader = _Head()
    reader.feed(_decode(page, content_type))
    found = reader.found
    title = _line(found.get("og:title") or found.get("title", ""), _TITLE)
    if not title:
        return None
    description = _line(found.get("og:description") or found.get("description", ""), _DESCRIPTION)
    return Preview(title, description, _line(found.get("og:site_name", ""), _SITE))


def _decode(page: bytes, content_type: str) -> str:
    told = _CHARSET.search(content_type.encode("latin-1", "replace")) or _CHARSET.search(page[:2048])
    name = told.group(1).decode() if told is not None else "utf-8"
    try:
        return page.decode("gb18030" if name.lower() in ("gb2312", "gbk") else name, "replace")
    except (LookupError, ValueError):
        return page.decode("utf-8", "replace")


def _line(text: str, most: int) -> str:
    # Controls, halves of characters and what turns the direction of writing go: the text is shown beside others'.
    shown = "".join(" " if category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    return " ".join("".join(char for char in shown if category(char) not in ("Cf", "Cs")).split())[:most]


class _Head(HTMLParser):
    """Collects the title and the `<meta>` of a page; nothing in it is run or loaded."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        if tag == "title":
            self._in_title = "title" not in self.found
        if tag == "meta":
            said = dict(attrs)
            name = (said.get("property") or said.get("name") or "").lower()
            if name in ("og:title", "og:description", "og:site_name", "description"):
                self.found.setdefault(name, said.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        """See HTMLParser."""
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        """See HTMLParser."""
        if self._in_title:
            self.found["title"] = (self.found.get("title", "") + data)[:1000]
