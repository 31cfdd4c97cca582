"""The schema's words in a text: which predicate is asked for, which comparison, which value, which kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import ahocorasick_rs

from knowledge_graph.fold import fold
from knowledge_graph.schema import Schema

Role = Literal["wanted", "more", "less", "value", "kind"]


@dataclass(frozen=True, slots=True)
class Cue:
    """A word at a place and what it stands for; `name` is a predicate, or a kind for the role `kind`."""

    start: int
    end: int
    role: Role
    name: str
    value: str = ""


class Cues:
    """Finds a schema's words, the longest at each place."""

    def __init__(self, schema: Schema) -> None:
        meanings: dict[str, list[tuple[Role, str, str]]] = {}

        def put(word: str, role: Role, name: str, value: str = "") -> None:
            meanings.setdefault(fold(word), []).append((role, name, value))

        for name, rule in schema.predicates.items():
            for word in (*rule.words, *((rule.label,) if rule.words else ())):
                put(word, "wanted", name)
            for word in rule.more:
                put(word, "more", name)
            for word in rule.less:
                put(word, "less", name)
            for value, words in rule.values.items():
                for word in words:
                    put(word, "value", name, value)
        for name, kind in schema.kinds.items():
            for word in kind.words:
                put(word, "kind", name)
        self._words = list(meanings)
        self._meanings = meanings
        longest = ahocorasick_rs.MatchKind.LeftmostLongest
        self._automaton = ahocorasick_rs.AhoCorasick(self._words, matchkind=longest, store_patterns=False)

    def find(self, masked: str) -> list[Cue]:
        """Return the words of a folded text in which mentions are blanked."""
        return [
            Cue(start, end, role, name, value)
            for pattern, start, end in self._automaton.find_matches_as_indexes(masked)
            for role, name, value in self._meanings[self._words[pattern]]
        ]


_KNOWN: dict[int, tuple[Schema, Cues]] = {}


def cues_of(schema: Schema) -> Cues:
    """The words of a schema, read once."""
    known = _KNOWN.get(id(schema))
    if known is None or known[0] is not schema:
        known = _KNOWN[id(schema)] = (schema, Cues(schema))
    return known[1]
