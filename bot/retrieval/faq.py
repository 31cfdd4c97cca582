"""A FAQ's entries, and what a search finds in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One answer's question and the other ways in which customers ask it; `place` is file:line when known.

    `answer` helps to find the entry: a question shares words with its answer that no wording has.
    """

    id: str
    question: str
    variants: tuple[str, ...] = ()
    place: str | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class FaqHit:
    """An entry that may answer; `confidence` is the calibrated chance that it is the right one.

    `matched` is the wording that came nearest; `vector` and `lexical` are its two similarities, as evidence.
    `agreement` says how much of the query's intent is the entry's own, 0 to 1; 0 when intents are unknown.
    """

    entry_id: str
    confidence: float
    matched: str
    vector: float
    lexical: float
    place: str | None
    agreement: float = 0.0
