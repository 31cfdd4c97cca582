"""The kinds of work: what a row of data must say, and which scorers judge it unless the suite names others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Form = Literal["text", "list", "flag", "object", "number", "text_or_null"]


@dataclass(frozen=True, slots=True)
class Kind:
    """The fields of a row by name; an optional field may be missing."""

    inputs: Mapping[str, Form]
    expected: Mapping[str, Form]
    scorers: tuple[str, ...]
    optional: frozenset[str] = frozenset()


KINDS: dict[str, Kind] = {
    "intent": Kind({"text": "text"}, {"intent": "text"}, ("intent", "calibration", "latency")),
    "scope": Kind({"text": "text"}, {"intent": "text_or_null"}, ("scope", "latency")),
    "entities": Kind({"text": "text"}, {"entities": "object"}, ("entities", "latency")),
    "retrieval": Kind({"text": "text"}, {"relevant": "list"}, ("retrieval", "latency")),
    "graph": Kind(
        {"text": "text", "before": "list"},
        {"status": "text", "values": "list", "asked": "text"},
        ("graph", "latency"),
        frozenset({"values", "before", "asked"}),
    ),
    "recommendation": Kind(
        {"user": "text", "candidates": "object"},
        {"relevant": "list"},
        ("recommendation", "latency"),
        frozenset({"candidates"}),
    ),
    "handoff": Kind(
        {"messages": "list", "customer": "text"},
        {"handoff": "flag", "turn": "number"},
        ("handoff", "latency"),
        frozenset({"turn", "customer"}),
    ),
    "satisfaction": Kind(
        {"turns": "object"}, {"label": "text", "turn": "number"}, ("satisfaction",), frozenset({"turn"})
    ),
    "moderation": Kind({"text": "text"}, {"flagged": "flag"}, ("moderation", "latency")),
    "turns": Kind(
        {"messages": "list", "customer": "text", "before": "list"},
        {"expect": "object"},
        ("turns", "latency"),
        frozenset({"customer", "before"}),
    ),
    "conversation": Kind(
        {"customer": "text", "steps": "object"},
        {"final": "object"},
        ("conversation", "latency"),
        frozenset({"customer"}),
    ),
}
"""`conversation` with simulated customers will be a kind of its own here, with a persona in place of steps."""
