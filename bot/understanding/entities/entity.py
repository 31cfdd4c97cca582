"""A span of a message that names something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["pattern", "lookup", "tagger", "builtin"]
Value = str | int | float


@dataclass(frozen=True, slots=True)
class Entity:
    """`start` and `end` count code points of the text as the customer wrote it; `text` is what stands there.

    `value` is what it means: a synonym's meaning, integer fen, a number of `unit`, an ISO date, time or interval.
    """

    start: int
    end: int
    entity: str
    text: str
    value: Value
    unit: str | None = None
    role: str | None = None
    group: str | None = None
    source: Source = "builtin"


@dataclass(frozen=True, slots=True)
class Span:
    """What a rule finds in folded text; EntityReader makes an Entity of it."""

    start: int
    end: int
    entity: str
    value: Value
    unit: str | None = None
