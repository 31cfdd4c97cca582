"""The list of words, and what is found of it in a text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kefu.base.errors import ConfigError

Disguise = Literal["plain", "script", "spaced", "pinyin", "homophone", "split"]
"""How a word was written: as listed; traditional, full-width or in capitals; with signs between its characters; in
Latin letters; with other characters of the same sound; with characters taken apart."""

_MAX_CHARS = 32


@dataclass(frozen=True, slots=True)
class Word:
    """A listed word of 1 to 32 characters, and why it is listed (`contact`, `fraud`, `insult` ...)."""

    text: str
    category: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A listed word found at [start, end) of a text, counted in code points."""

    word: Word
    start: int
    end: int
    disguise: Disguise


def read_words(path: Path) -> list[Word]:
    """Return the words of a UTF-8 file: one a line, its category after a tab; blank and `#` lines are skipped.

    Raises:
        ConfigError: the file is not UTF-8, or a word is empty or longer than 32 characters; names file and line.
    """
    words: dict[str, Word] = {}
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: 请存成 UTF-8 · not UTF-8 at byte {error.start}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        text, _, category = (part.strip() for part in line.partition("\t"))
        if not text or len(text) > _MAX_CHARS:
            raise ConfigError(
                f"{path}:{number}: 一个词 1 到 {_MAX_CHARS} 个字 · a word has 1 to {_MAX_CHARS} characters"
            )
        words[text] = Word(text, category or "other")
    return list(words.values())
