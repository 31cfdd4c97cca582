"""One spelling for rules, character by character, so that places in it are places in the text."""

from __future__ import annotations

import functools
import unicodedata

import opencc


def fold(text: str) -> str:
    """Return half-width, small, simplified text of the same length."""
    return "".join(map(_fold_character, text))


@functools.lru_cache(maxsize=16_384)
def _fold_character(character: str) -> str:
    if character.isascii():
        return character.lower()
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) != 1:
        return character
    plain = _simplifier().convert(plain.lower()) if len(plain.lower()) == 1 else plain
    return plain if len(plain) == 1 else character


@functools.cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
