"""What the bot knows about one message after reading it, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.understanding.entities.entity import Entity

Decision = Literal["answer", "clarify", "decline"]


@dataclass(frozen=True, slots=True)
class RankedIntent:
    """An intent and its calibrated probability."""

    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training sentence that speaks for (or against) the answer; `place` is file:line when it is known."""

    text: str
    intent: str | None
    similarity: float
    place: str | None


@dataclass(frozen=True, slots=True)
class Understanding:
    """The best intent with its calibrated probability, the next ones, and whether the message is ours at all.

    `in_scope` runs from 0 to 1 at even odds; `sureness` is the chance that an answer would be right. `decision` is
    what the model's bands say: `answer` (sure enough for the trainer's budget of wrong answers), `decline` (not ours)
    or `clarify` (ours, but not sure enough). `entities` do not overlap and come in their order.
    """

    intent: str
    confidence: float
    in_scope: float
    sureness: float
    decision: Decision
    alternatives: tuple[RankedIntent, ...]
    neighbours: tuple[Neighbour, ...]
    entities: tuple[Entity, ...] = ()
