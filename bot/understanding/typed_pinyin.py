"""Pinyin typed instead of characters: `zhuan rengong` is read as 转人工, with the words that shops are asked with.

The words come from our own template pack (`python -m bot.training.typed_words` writes the file); English is left alone,
because every letter of a text must belong to a syllable, and every syllable to a known word.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from importlib import resources

_FILE = "typed_words.txt"
_LETTERS = re.compile("[a-z]+")
_HAN = re.compile("[\u3400-\u9fff]")
_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_LONGEST_SYLLABLE = 6
_LONGEST_WORD = 6
# A single typed syllable between characters may be anything (t, a, ok): it stays as it is.
_FEWEST_SYLLABLES = 2


def read_typed_pinyin(text: str) -> str:
    """Return a normalised text with typed pinyin as characters; unchanged when a run of letters is no pinyin."""
    runs = _LETTERS.findall(text)
    if not runs:
        return text
    words = {run: _characters(run) for run in runs}
    # Chinese with one foreign word is common; its pinyin words are read, the others stay.
    if not _HAN.search(text):
        # A space may stand anywhere in pinyin, also inside a word: the whole must be words, not each run.
        joined = _characters("'".join(runs))
        if joined is None or len(joined) < _FEWEST_SYLLABLES:
            return text
        if not _LETTERS.sub("", text).strip():
            return joined
        if None in words.values():
            return text
    return _GAP.sub("", _replace(text, words))


def split_pinyin(letters: str) -> tuple[str, ...] | None:
    """Split into the fewest known syllables, None when there is no way; an apostrophe parts syllables."""
    known = _syllables()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        if letters[end - 1] == "'":
            best[end] = best[end - 1]
            continue
        for start in range(max(0, end - _LONGEST_SYLLABLE), end):
            before, syllable = best[start], letters[start:end]
            if before is None or syllable not in known:
                continue
            now = best[end]
            if now is None or len(before) + 1 < len(now):
                best[end] = (*before, syllable)
    return best[-1]


@functools.lru_cache(maxsize=4_096)
def _characters(letters: str) -> str | None:
    """Return the words of typed letters, the fewest and most frequent ones; None when a syllable is in no word."""
    syllables = split_pinyin(letters)
    if not syllables:
        return None
    words = _words()
    best: list[tuple[int, int, str] | None] = [(0, 0, "")] + [None] * len(syllables)
    for end in range(1, len(syllables) + 1):
        for start in range(max(0, end - _LONGEST_WORD), end):
            before = best[start]
            found = words.get(" ".join(syllables[start:end]))
            if before is None or found is None:
                continue
            rival = (before[0] + 1, before[1] - found[1], before[2] + found[0])
            now = best[end]
            if now is None or rival < now:
                best[end] = rival
    last = best[-1]
    return None if last is None else last[2]


def _replace(text: str, words: Mapping[str, str | None]) -> str:
    def word(match: re.Match[str]) -> str:
        found = words[match[0]]
        return found if found is not None and len(found) >= _FEWEST_SYLLABLES else match[0]

    return _LETTERS.sub(word, text)


@functools.cache
def _words() -> Mapping[str, tuple[str, int]]:
    """Syllables with spaces to (word, how often); the most frequent word of the same sound."""
    lines = resources.files(__package__).joinpath(_FILE).read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {syllables: (word, int(count)) for syllables, word, count in rows}


@functools.cache
def _syllables() -> frozenset[str]:
    return frozenset(syllable for syllables in _words() for syllable in syllables.split())
