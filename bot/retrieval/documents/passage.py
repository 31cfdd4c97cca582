"""What a document is made of: blocks as they are read, passages as they are found and quoted."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from kefu.base.errors import ConfigError

# Where a sentence ends, in Chinese and in English.
SENTENCE = re.compile(r"(?<=[。！？!?；;])\s*|(?<=[.])\s+|\n+")


class DocumentError(ConfigError):
    """A document that cannot be read; says which file and line, and the cure."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (`level` from 1) or a paragraph, list item or table row (`level` 0), with where it stands."""

    text: str
    place: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that is quoted as it is; `headings` lead to it, outermost first.

    `place` is `returns.md:17`, `manual.pdf:page 3` or `prices.csv:4`.
    """

    document: str
    headings: tuple[str, ...]
    text: str
    place: str

    @property
    def id(self) -> int:
        """A stable 63-bit number of what the passage says and where it belongs; not of its line."""
        return hash_text("\0".join((self.document, *self.headings, self.text)))

    @property
    def wordings(self) -> tuple[str, ...]:
        """The texts by which it is found: its headings, and each sentence under them."""
        sentences = filter(None, (one.strip() for one in SENTENCE.split(self.text)))
        title = " ".join(self.headings)
        return tuple(dict.fromkeys((*((title,) if title else ()), *(f"{title} {one}".strip() for one in sentences))))

    @property
    def title(self) -> str:
        """Where it stands, for a citation: `退换货 › 运费`."""
        return " › ".join(self.headings) or self.document


def hash_text(text: str) -> int:
    """A stable 63-bit number of a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
