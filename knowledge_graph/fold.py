"""One spelling for linking, character by character, so that places in the text stay true."""

from __future__ import annotations

import unicodedata

import opencc


class _Fold(dict[int, str]):
    """Character -> its folded form, always one character; learnt as texts come by."""

    def __init__(self) -> None:
        super().__init__()
        self._simplify = opencc.OpenCC("t2s")

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = unicodedata.normalize("NFKC", char).lower()
        if len(plain) != 1:
            plain = char
        if "\u3400" <= plain <= "\u9fff":
            simple = self._simplify.convert(plain)
            plain = simple if len(simple) == 1 else plain
        self[code] = plain
        return plain


_FOLD = _Fold()


def fold(text: str) -> str:
    """Return the text in half width, small letters and simplified script; as long as it was, place for place."""
    return text.translate(_FOLD)
