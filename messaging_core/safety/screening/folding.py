"""Texts as they sound: every Chinese character becomes its syllable, signs between characters fall away.

One string in this form stands for all spellings of a word at once: simplified, traditional, full-width, with signs in
between, and with other characters of the same sound.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

import opencc
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

# Two bytes of UTF-8 each, which makes the automaton half as large; the letters of that range are not kept.
_FIRST_CODE, _END_CODE = 0x80, 0x800
_LETTERS = re.compile("[a-z]{2}")
_RUNS = re.compile("[a-z]+")
_MAX_PINYIN = 64
# Radicals as they stand in a character, and as they stand alone.
_RADICALS = str.maketrans("亻讠氵扌忄钅饣纟犭礻衤艹辶攵刂冫灬罒", "人言水手心金食糸犬示衣艸辵攴刀冰火网")


class _Table(dict[int, str | None]):
    """What a code point becomes; filled as characters are met."""

    def __missing__(self, code_point: int) -> str | None:
        folded = self[code_point] = _fold(chr(code_point))
        return folded


_table = _Table()
_codes: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Sounds:
    """A text in syllables; `places[i]` is the index in the text that gave syllable or letter `i`."""

    form: str
    places: tuple[tuple[int, int], ...]
    """(start, end) in the text for each character of the form."""


def fold(text: str) -> str:
    """Return the form of a text: a character a syllable, small Latin letters, digits, and nothing else."""
    return text.translate(_table)


def fold_with_places(text: str, *, read_letters: bool) -> Sounds:
    """Return the form with the place of each of its characters; with `read_letters` pinyin becomes syllables too."""
    form: list[str] = []
    places: list[tuple[int, int]] = []
    for index, char in enumerate(text):
        folded = _table[ord(char)]
        if folded is not None:
            form.append(folded)
            places.append((index, index + 1))
    return _read_letters(form, places) if read_letters else Sounds("".join(form), tuple(places))


@functools.lru_cache(maxsize=65536)
def simplify(char: str) -> str:
    """Return a character simplified, half-width and small; a radical as it stands alone."""
    plain = unicodedata.normalize("NFKC", char).lower()
    simplified: str = _simplifier().convert(plain)
    return simplified.translate(_RADICALS)


def has_letters(form: str) -> bool:
    """Return whether two Latin letters in a row are left in a form: only then may it hold pinyin."""
    return _LETTERS.search(form) is not None


def may_hold_pinyin(text: str) -> bool:
    """Return whether an ASCII text has letters that are pinyin, or that stand alone (w e i x i n)."""
    return any(len(run) == 1 or _segment(run) is not None for run in _RUNS.findall(text.lower()))


def _fold(char: str) -> str | None:
    plain = simplify(char)
    # One for one, so that a form as long as its text has every character in its place.
    return (_sound(plain) or None) if len(plain) == 1 else None


def _sound(char: str) -> str:
    reading = PINYIN_DICT.get(ord(char))
    if reading:
        return _code(to_normal(reading.partition(",")[0]).replace("ü", "v"))
    if char.isascii():
        return char if char.isalnum() else ""
    return char if unicodedata.category(char)[0] in "LN" and ord(char) >= _END_CODE else ""


def _code(syllable: str) -> str:
    code = _codes.get(syllable)
    if code is None:
        code = _codes[syllable] = chr(_FIRST_CODE + len(_codes))
        assert ord(code) < _END_CODE, "there are about 1,300 readings, tones left out fewer than 500"
    return code


def _read_letters(form: list[str], places: list[tuple[int, int]]) -> Sounds:
    """Turn runs of letters that are pinyin from end to end into syllables; others stay letters."""
    read: list[str] = []
    read_places: list[tuple[int, int]] = []
    start = 0
    while start < len(form):
        end = _run_end(form, places, start)
        parts = _segment("".join(form[start:end])) if _is_latin(form[start]) else None
        if parts is None:
            read += form[start:end]
            read_places += places[start:end]
        else:
            for part in parts:
                read.append(_code(part))
                read_places.append((places[start][0], places[start + len(part) - 1][1]))
                start += len(part)
        start = end
    return Sounds("".join(read), tuple(read_places))


def _run_end(form: list[str], places: list[tuple[int, int]], start: int) -> int:
    """Return where a run of letters ends: at a sign, unless every letter stands alone (w e i x i n)."""
    end = start + 1
    if not _is_latin(form[start]):
        return end
    spaced = end < len(form) and places[end][0] > places[start][1]
    while end < len(form) and _is_latin(form[end]) and (places[end][0] > places[end - 1][1]) == spaced:
        end += 1
    return end


def _is_latin(char: str) -> bool:
    return "a" <= char <= "z"


@functools.lru_cache(maxsize=4096)
def _segment(letters: str) -> list[str] | None:
    """Cut letters into syllables, the longest first with a way back; None when it does not come out."""
    if not letters:
        return []
    if len(letters) > _MAX_PINYIN:
        return None
    syllables = _syllables()
    for length in range(min(6, len(letters)), 0, -1):
        if letters[:length] in syllables:
            rest = _segment(letters[length:])
            if rest is not None:
                return [letters[:length], *rest]
    return None


@functools.cache
def _syllables() -> frozenset[str]:
    # The common characters have all syllables that people type.
    found = {to_normal(PINYIN_DICT[code].partition(",")[0]) for code in range(0x4E00, 0x9FA6) if code in PINYIN_DICT}
    return frozenset(syllable.replace("ü", "v") for syllable in found if syllable.isalpha())


@functools.cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
