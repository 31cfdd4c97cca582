"""The guard over numbers: a reply may state only numbers that its evidence holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_ENDS = str.maketrans("，：", "、、")
_NUMBER = re.compile(r"\d+(?:[.:,]\d+)*")


def numbers(text: str) -> set[str]:
    """Return every number of a text as written, full-width ones in half-width."""
    return set(_NUMBER.findall(_plain(text)))


def unbacked(text: str, grounds: Iterable[str]) -> list[str]:
    """Return the numbers of `text` that no ground states, sorted; empty means that the text may be said.

    A number counts whole: a ground with 128 backs neither 12 nor 28.
    """
    held = {number for ground in grounds for number in numbers(ground)}
    return sorted(numbers(text) - held)


def _plain(text: str) -> str:
    """Write every script's digits as ours: full-width, Arabic-Indic, circled."""
    # 老寿眉饼2016，350g: a Chinese comma or colon ends a number, where an English one may stand inside.
    folded = unicodedata.normalize("NFKC", text.translate(_ENDS))
    return "".join(str(unicodedata.digit(char)) if unicodedata.digit(char, -1) >= 0 else char for char in folded)
