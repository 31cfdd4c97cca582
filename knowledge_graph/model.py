"""What the graph says: facts with a source and a validity, mentions found in a text, answers with their path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Value = int | float | str

# Candidates of one kind whose scores differ by less are equally likely meant.
CLOSE = 0.1


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement: `subject` `predicate` `value`; valid in [valid_from_us, valid_to_us), None: open on that side.

    `id` is stable (`MT-1001-02/price`); `unit` is `fen`, `g`, `ml`, `celsius`, `s`, `count`, `text` or a node kind when
    `value` is a node's id; `source` says where it stands (`products.csv:17`); `version` is the graph version that
    brought it.
    """

    id: str
    subject: str
    predicate: str
    value: Value
    unit: str
    source: str
    version: str
    valid_from_us: int | None = None
    valid_to_us: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node that a span of text may mean; `score` in [0, 1]; `matched` is the alias or spelling that fitted."""

    node_id: str
    kind: str
    name: str
    score: float
    matched: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of a text (code points) and what it may mean, the likeliest first; two close ones are ambiguous."""

    start: int
    end: int
    text: str
    candidates: tuple[Candidate, ...]
    ambiguous: bool

    @property
    def owner(self) -> Candidate | None:
        """The candidate that alone has these words as its whole name or alias; None when none or several have."""
        whole = [one for one in self.fitting if one.score == 1.0]
        return whole[0] if len(whole) == 1 else None

    @property
    def fitting(self) -> tuple[Candidate, ...]:
        """The candidates that are equally likely meant, of the kind of the likeliest; one when none rivals it."""
        if not self.ambiguous:
            return self.candidates[:1]
        best = self.candidates[0]
        return tuple(one for one in self.candidates if one.kind == best.kind and best.score - one.score < CLOSE)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an answer: a node with the facts that were asked for, and the path that led to it (node ids)."""

    node_id: str
    name: str
    facts: tuple[Fact, ...]
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The graph's answer. `no_data`: the graph holds nothing to say; `ambiguous`: ask which of `rows` was meant.

    `kind` is what was asked (`attribute`, `comparison`, `filter`, `count`, `membership`, `fits`, `superlative`,
    `path`); `asked` the question as understood, for evidence; `as_of_us` the time for which it holds.
    """

    status: Literal["answered", "no_data", "ambiguous", "not_understood"]
    kind: str
    asked: Mapping[str, str]
    rows: tuple[Row, ...]
    as_of_us: int
    version: str
    total: int = 0
