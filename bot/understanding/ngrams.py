"""The pieces of a text that a linear model counts: words and pairs of words, and runs of characters."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import rjieba

_HAN_RUN = "[\u3400-\u9fff\uf900-\ufaff]+"
_TOKEN = re.compile(rf"{_HAN_RUN}|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_HAN_START = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_HAN_SIZES = (1, 2, 3)
_LETTER_SIZES = (3, 4, 5)


def words(text: str) -> list[str]:
    """Split into words: Chinese by dictionary, everything else at what is neither letter nor digit."""
    found: list[str] = []
    for run in _TOKEN.findall(text):
        if _HAN_START.match(run):
            found.extend(rjieba.cut(run))
        else:
            found.append(run)
    return found


def word_grams(text: str) -> Iterator[str]:
    """Yield the words and the pairs of neighbours, the text's ends counting as words."""
    tokens = words(text)
    yield from tokens
    padded = ["^", *tokens, "$"]
    for left, right in itertools.pairwise(padded):
        yield f"{left} {right}"


def character_grams(text: str) -> Iterator[str]:
    """Yield runs of characters: 1 to 3 of Chinese, 3 to 5 within a word of letters; ends are marked."""
    for run in _TOKEN.findall(text):
        han = _HAN_START.match(run) is not None
        padded = f"^{run}$"
        for size in _HAN_SIZES if han else _LETTER_SIZES:
            for start in range(len(padded) - size + 1):
                gram = padded[start : start + size]
                if gram not in ("^", "$"):
                    yield gram
        if not han and len(padded) < _LETTER_SIZES[0]:
            yield padded
