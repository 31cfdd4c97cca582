"""Names written with wrong characters: the same sound, or one character off."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

import ahocorasick_rs
import numpy as np
import numpy.typing as npt
from pypinyin import lazy_pinyin

from knowledge_graph.linking.lexicon import Lexicon

_HAN = re.compile("[\u3400-\u9fff]{2,}")
_SHORTEST = 2
_SHORTEST_SHAPE = 4
_CANDIDATES = 24
_SOUND, _SHAPE = 0.85, 0.75
# Sounds that Mandarin speakers of the south mix up.
_SAME = ((re.compile("^(zh|ch|sh)"), lambda m: m[0][0]), (re.compile("(?<=[aei])ng$"), lambda m: "n"))
_FIRST_CODE = 0xE000


class Misspellings:
    """Looks at what no name covers; built when first needed, from the names of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._sounds: tuple[ahocorasick_rs.AhoCorasick, list[tuple[int, str]]] | None = None
        self._letters: _Letters | None = None

    def prepare(self) -> None:
        """Build what `find` needs."""
        if self._sounds is None:
            names = self.lexicon.whole_names()
            self._letters = _Letters([(n, name) for n, name in enumerate(names) if len(name) >= _SHORTEST_SHAPE])
            said = [(n, name) for n, name in enumerate(names) if _HAN.fullmatch(name) and self._tells(n, name)]
            sounds = ahocorasick_rs.AhoCorasick([sound(name) for _, name in said] or ["\0"], store_patterns=False)
            self._sounds = (sounds, said)

    def _tells(self, pattern: int, name: str) -> bool:
        """Two characters are enough for a name of the main kind only: 高山 may be any two words."""
        lengths = self.lexicon.lengths
        return len(name) > _SHORTEST or any(number in lengths for number in self.lexicon.postings(pattern).tolist())

    def find(self, plain: str, taken: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int, list[tuple[int, float]]]]:
        """Yield (start, end, (node, score) ...) for stretches outside `taken` that sound or look like a name."""
        for start, end in _free_runs(plain, taken):
            self.prepare()
            found = self._by_sound(plain, start, end) or self._by_shape(plain, start, end)
            yield from found

    def _by_sound(self, plain: str, start: int, end: int) -> list[tuple[int, int, list[tuple[int, float]]]]:
        assert self._sounds is not None
        automaton, names = self._sounds
        hits = automaton.find_matches_as_indexes(sound(plain[start:end]), overlapping=True)
        best: list[tuple[int, int, list[tuple[int, float]]]] = []
        for pattern, left, right in sorted(hits, key=lambda hit: (hit[1] - hit[2], hit[1])):
            whole, name = names[pattern]
            at = (start + left, start + right)
            same = sum(a == b for a, b in zip(name, plain[at[0] : at[1]], strict=True))
            # Two characters that only sound alike are chance; one of them must be the name's own.
            if same * 2 < len(name) or any(a < at[1] and at[0] < b for a, b, _ in best):
                continue
            best.append((*at, [(number, _SOUND) for number in self.lexicon.postings(whole).tolist()]))
        return best

    def _by_shape(self, plain: str, start: int, end: int) -> list[tuple[int, int, list[tuple[int, float]]]]:
        assert self._letters is not None
        found = self._letters.nearest(plain[start:end])
        if found is None:
            return []
        whole, left, right = found
        return [(start + left, start + right, [(n, _SHAPE) for n in self.lexicon.postings(whole).tolist()])]


class _Letters:
    """Names by their characters; finds the one that differs from a stretch of text by one edit."""

    def __init__(self, names: list[tuple[int, str]]) -> None:
        self._names = names
        self._lengths = np.array([len(name) for _, name in names], dtype=np.int32)
        postings: dict[str, list[int]] = {}
        for number, (_, name) in enumerate(names):
            for char in set(name):
                postings.setdefault(char, []).append(number)
        self._postings: dict[str, npt.NDArray[np.int32]] = {
            char: np.array(numbers, dtype=np.int32) for char, numbers in postings.items()
        }

    def nearest(self, text: str) -> tuple[int, int, int] | None:
        if not self._names:
            return None
        shared = np.zeros(len(self._names), dtype=np.int32)
        for char in set(text):
            if char in self._postings:
                shared[self._postings[char]] += 1
        missing = self._lengths - shared
        close = np.flatnonzero(missing <= 1)
        if not len(close):
            return None
        close = close[np.argsort(-self._lengths[close], kind="stable")][:_CANDIDATES]
        for number in close.tolist():
            whole, name = self._names[number]
            place = _one_off(name, text)
            if place is not None:
                return (whole, *place)
        return None


def _one_off(name: str, text: str) -> tuple[int, int] | None:
    """Where the text holds the name with one character wrong, missing, too many, or two swapped."""
    size = len(name)
    for length in (size, size + 1, size - 1):
        for start in range(len(text) - length + 1):
            if one_edit(name, text[start : start + length]):
                return start, start + length
    return None


def one_edit(left: str, right: str) -> bool:
    """Whether one replacement, insertion, deletion or swap of neighbours turns one into the other."""
    if len(left) > len(right):
        left, right = right, left
    if len(right) - len(left) > 1:
        return False
    first = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), len(left))
    if len(left) == len(right):
        rest = left[first + 1 :] == right[first + 1 :]
        swapped = left[first : first + 2] == right[first : first + 2][::-1] and left[first + 2 :] == right[first + 2 :]
        return rest or swapped
    return left[first:] == right[first + 1 :]


_CODES: dict[str, str] = {}


@cache
def _sound_of(char: str) -> str:
    syllable = lazy_pinyin(char)[0]
    for pattern, put in _SAME:
        syllable = pattern.sub(put, syllable)
    return _CODES.setdefault(syllable, chr(_FIRST_CODE + len(_CODES)))


def sound(text: str) -> str:
    """One character a syllable, alike for what is easily confused; as long as the text."""
    return "".join(_sound_of(char) for char in text)


def _free_runs(plain: str, taken: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    hidden = list(plain)
    for start, end in taken:
        hidden[start:end] = " " * (end - start)
    for run in _HAN.finditer("".join(hidden)):
        yield run.start(), run.end()
