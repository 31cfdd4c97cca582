"""The screener: one automaton over the sounds of all words; what it finds is looked at closely before it counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Protocol

import rjieba
from ahocorasick_rs import AhoCorasick

from messaging_core.safety.screening.folding import fold, fold_with_places, has_letters, may_hold_pinyin, simplify
from messaging_core.safety.screening.forms import Form, forms_of
from messaging_core.safety.screening.words import Disguise, Hit, Word

# Between two sentences a word cannot go on; any other sign between its characters is a disguise.
_STOPS = frozenset("，。！？；：、,!?;\n\r")
_MAX_GAP = 3
_MIN_PINYIN_LETTERS = 5


class Screener:
    """Finds listed words; immutable, so a new list is a new screener."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._forms = [form for word in words for form in forms_of(word) if form.folded]
        # Of the forms that a text must share a character with: of two syllables, or taken apart.
        self._first_two = [form.chars[:2] if form.split or len(form.chars) == 2 else None for form in self._forms]
        patterns = [form.folded for form in self._forms]
        self._automaton = AhoCorasick(patterns) if patterns else None

    def screen(self, text: str) -> tuple[Hit, ...]:
        """Return the listed words in a text, each place once, in order; the longest where several overlap.

        A clean text costs two passes over its characters: one to fold it, one through the automaton.
        """
        if self._automaton is None:
            return ()
        form = fold(text)
        letters = has_letters(form) and (not text.isascii() or may_hold_pinyin(text))
        found = self._automaton.find_matches_as_indexes(form, overlapping=True)
        hits: list[Hit] = []
        if found and len(form) == len(text):  # nothing fell away: every character stands where it stood
            found = [match for match in found if self._may_be(match[0], text, match[1])]
            if found:
                hits += self._look(text, found, _Same())
        elif found:
            hits += self._look(text, found, fold_with_places(text, read_letters=False).places)
        if letters:
            sounds = fold_with_places(text, read_letters=True)
            found = self._automaton.find_matches_as_indexes(sounds.form, overlapping=True)
            hits += self._look(text, found, sounds.places)
        return _longest(hits) if hits else ()

    def _may_be(self, index: int, text: str, start: int) -> bool:
        """Throw out at little cost what `_disguise` would: most candidates are two ordinary syllables."""
        own = self._first_two[index]
        if own is None:
            return True
        first, second = text[start], text[start + 1]
        return first == own[0] or second == own[1] or simplify(first) == own[0] or simplify(second) == own[1]

    def _look(self, text: str, found: list[tuple[int, int, int]], places: Places) -> Iterator[Hit]:
        for index, start, end in found:
            form, covered = self._forms[index], places[start:end]
            disguise = _disguise(text, form, covered)
            if disguise is not None:
                yield Hit(form.word, covered[0][0], covered[-1][1], disguise)


class _Same:
    """The places of a form that is as long as its text."""

    def __getitem__(self, span: slice) -> tuple[tuple[int, int], ...]:
        return tuple((place, place + 1) for place in range(span.start, span.stop))


class Places(Protocol):
    """The places in the text of a form's characters."""

    def __getitem__(self, span: slice, /) -> tuple[tuple[int, int], ...]: ...


def _disguise(text: str, form: Form, places: tuple[tuple[int, int], ...]) -> Disguise | None:
    """Return how a candidate is written, None when it is an ordinary text after all."""
    start, end = places[0][0], places[-1][1]
    gaps = [text[before[1] : after[0]] for before, after in pairwise(places)]
    if any(len(gap) > _MAX_GAP or _STOPS.intersection(gap) for gap in gaps):
        return None
    pieces = [text[piece_start:piece_end] for piece_start, piece_end in places]
    if any(len(piece) > 1 for piece in pieces):
        return "pinyin" if not form.split and _is_pinyin(text, start, end, pieces) else None
    same = "".join(simplify(piece) for piece in pieces) == form.chars
    if form.split:
        return "split" if same and not _in_dictionary(text, start, end) else None
    if not same:
        return "homophone" if _is_homophone(pieces, form) and not _in_dictionary(text, start, end) else None
    if _cut_from_word(text, start, end):
        return None
    if any(gaps):
        return "spaced"
    return "plain" if text[start:end] == form.word.text else "script"


def _is_homophone(pieces: list[str], form: Form) -> bool:
    """Two syllables are too few to tell a disguise by: then one character must be the word's own."""
    if len(form.chars) > 2:
        return True
    return any(simplify(piece) == char for piece, char in zip(pieces, form.chars, strict=True))


def _is_pinyin(text: str, start: int, end: int, pieces: list[str]) -> bool:
    """Letters count when they are no part of a longer run of letters, and not so few that they are a foreign word."""
    letters = sum(len(piece) for piece in pieces if piece.isascii())
    mixed = any(not piece.isascii() for piece in pieces)
    return (mixed or letters >= _MIN_PINYIN_LETTERS) and not _in_letters(text, start, end)


def _in_letters(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return (_is_letter(before) and _is_letter(text[start])) or (_is_letter(after) and _is_letter(text[end - 1]))


def _is_letter(char: str) -> bool:
    return len(char) == 1 and char.isascii() and char.isalpha()


def _in_dictionary(text: str, start: int, end: int) -> bool:
    """Return whether the span belongs to ordinary words of two or more characters."""
    return all(len(word) > 1 for _, word in _words_over(text, start, end))


def _cut_from_word(text: str, start: int, end: int) -> bool:
    """Return whether the span is the inside or the tail of a longer ordinary word (白粉 in 蛋白粉), or of letters."""
    if _in_letters(text, start, end):
        return True
    return any(at < start and at + len(word) >= end for at, word in _words_over(text, start, end))


def _words_over(text: str, start: int, end: int) -> list[tuple[int, str]]:
    found, at = [], 0
    for word in rjieba.cut("".join(_one(char) for char in text), False):
        if at < end and at + len(word) > start:
            found.append((at, word))
        at += len(word)
    return found


def _one(char: str) -> str:
    """Return a character simplified, so long as it stays one character."""
    plain = simplify(char)
    return plain if len(plain) == 1 else char


def _longest(hits: list[Hit]) -> tuple[Hit, ...]:
    chosen: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not chosen or hit.start >= chosen[-1].end:
            chosen.append(hit)
    return tuple(chosen)
