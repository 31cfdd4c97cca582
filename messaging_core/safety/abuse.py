"""The learned abuse score: a small linear head over character n-grams. It only holds a message, it never refuses one.

The head is a table of n-grams with weights; one automaton finds all of them in a text. The shipped one was fitted by
`safety.fitting` on texts written for this project; every deployment may fit its own.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources

import msgspec
from ahocorasick_rs import AhoCorasick


class HeadFile(msgspec.Struct, frozen=True):
    """A head as it is stored: its n-grams with their weights, and what a text without any of them has."""

    v: int
    bias: float
    weights: dict[str, float]
    about: str = ""


class Head:
    """Scores texts; immutable. Each n-gram counts once, as at fitting, and long texts are scaled like there."""

    def __init__(self, file: HeadFile) -> None:
        grams = list(file.weights)
        self._weights = [file.weights[gram] for gram in grams]
        self._bias = file.bias
        self._automaton = AhoCorasick(grams) if grams else None

    def score(self, text: str) -> float:
        """Return the chance, 0 to 1, that a human would call the text abusive."""
        if self._automaton is None:
            return 0.0
        found = {match[0] for match in self._automaton.find_matches_as_indexes(plain(text), overlapping=True)}
        if not found:
            return _chance(self._bias)
        weights = self._weights
        return _chance(self._bias + sum(weights[index] for index in found) / math.sqrt(len(found)))


def fit_file(abusive: Sequence[str], ordinary: Sequence[str]) -> HeadFile:
    """Return a head fitted on texts of one's own, as it is stored; both kinds are needed."""
    from messaging_core.safety.fitting import fit  # it loads scikit-learn, which a server never needs

    return fit(abusive, ordinary, about=f"{len(abusive)} abusive and {len(ordinary)} ordinary texts")


def plain(text: str) -> str:
    """Return a text as the head reads it: full-width forms and capitals folded."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def _chance(margin: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, margin))))


@cache
def shipped_head() -> Head:
    """Return the head that comes with the package."""
    raw = resources.files(__package__).joinpath("abuse_head.json").read_bytes()
    return Head(msgspec.json.decode(raw, type=HeadFile))
