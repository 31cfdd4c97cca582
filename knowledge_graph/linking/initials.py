"""Names as their pinyin initials, as customers type them in a hurry: dhp is 大红袍, bhyz is 白毫银针."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pypinyin import Style, lazy_pinyin

_STEM = re.compile("[\u3400-\u9fff]{3,8}(?![\u3400-\u9fff])")
# What reads as pinyin or as an English word is taken as that (hao, duo, cake), and so is a size (xxl).
_READS = re.compile("(?:[bcdfghjklmnpqrstwxyz]{0,2}[aeiou]+(?:ng|n|r)?)+|x+[sl]")
# Three letters of which one is a vowel are too often a word or a firm of their own: app, ems, zto.
_SHORT, _VOWEL = 3, re.compile("[aeiou]")
_LATIN = re.compile("[a-z]+(?:'[a-z]+)?")
_PART_OF_A_WORD = re.compile(r"[\w@.\-/:#'%]", re.ASCII)


class _Letters(dict[int, str]):
    """Character -> the letter that its sound begins with; learnt as names come by."""

    def __missing__(self, code: int) -> str:
        letter = lazy_pinyin(chr(code), style=Style.FIRST_LETTER)[0][:1]
        self[code] = letter if letter.isascii() else ""
        return self[code]


_LETTERS = _Letters()


def initials_of(names: Iterable[str]) -> set[str]:
    """Return the initials of folded names of three to eight Chinese characters, up to their first mark or number."""
    found: set[str] = set()
    for name in names:
        stem = _STEM.match(name)
        if stem is not None:
            letters = stem[0].translate(_LETTERS)
            if len(letters) == len(stem[0]) and _tells(letters):
                found.add(letters)
    return found


def _tells(letters: str) -> bool:
    if len(letters) <= _SHORT and _VOWEL.search(letters):
        return False
    return _READS.fullmatch(letters) is None


def stands_alone(plain: str, start: int, end: int) -> bool:
    """Whether letters are a word of their own, and no word of an English sentence, address or number."""
    before, after = plain[:start], plain[end:]
    if _PART_OF_A_WORD.match(before[-1:]) or _PART_OF_A_WORD.match(after[:1]):
        return False
    return not (_reads(before.rstrip(" ").rsplit(" ", 1)[-1]) or _reads(after.lstrip(" ").split(" ", 1)[0]))


def _reads(word: str) -> bool:
    """Whether a neighbouring word is Latin and has a vowel: then the letters beside it are likely English, too."""
    latin = _LATIN.fullmatch(word.rstrip(".,!?;:"))
    return latin is not None and _VOWEL.search(latin[0]) is not None
