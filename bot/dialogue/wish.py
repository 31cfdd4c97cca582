"""What a turn says: its words as models see them, the wishes in them, and what each is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.dialogue.state import Choice, DialogueState
from bot.encoding.encoder import Vectors
from bot.understanding.understanding import Neighbour, RankedIntent, Understanding

Shape = Literal["words", "nothing", "marks", "emoji", "image", "card"]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message with words; `plain` is its normalised text."""

    message_id: int
    text: str
    plain: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The turn's words; `shape` is `words`, or what came instead of them. `card` is the product of a product card."""

    utterances: tuple[Utterance, ...]
    shape: Shape
    card: str | None = None

    @property
    def plain(self) -> str:
        """All messages as one normalised text."""
        return "，".join(utterance.plain for utterance in self.utterances)


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that the customer wants; `vector` is the encoding of `plain`."""

    plain: str
    understanding: Understanding
    vector: Vectors

    @property
    def intent(self) -> str:
        """The likeliest intent."""
        return self.understanding.intent

    @property
    def confidence(self) -> float:
        """Its calibrated probability."""
        return self.understanding.confidence

    @property
    def ranked(self) -> tuple[RankedIntent, ...]:
        """All ranked intents, the likeliest first."""
        return (RankedIntent(self.intent, self.confidence), *self.understanding.alternatives)

    @property
    def nearest(self) -> Neighbour | None:
        """The nearest training sentence of the intent, as evidence."""
        return next((near for near in self.understanding.neighbours if near.intent == self.intent), None)


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish with what it is about: products (ids; `named` when this turn names them), groups, orders, slots.

    `groups` are kinds of goods (绿茶, 单丛). `ambiguous` are products of which one is meant.
    """

    wish: Wish
    intent: str
    confidence: float
    products: tuple[str, ...] = ()
    named: bool = False
    ambiguous: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    chosen: bool = False
    """The intent or product was chosen from what the bot offered: no need to doubt it."""
    unheld: str | None = None
    """A thing named that neither the catalogue nor the shop's words know."""
    unknown: str | None = None
    """What is asked of the product, when neither the graph nor the shop's words know of such a thing."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """The turn against the memory: wishes with their topics, cues, and how a pending question was answered."""

    reading: Reading
    asked: tuple[Asked, ...]
    state: DialogueState
    cues: frozenset[str] = frozenset()
    choice: Choice | None = None
    agreed: bool | None = None
    """The answer to a yes-or-no question; None when none was asked or it was not answered."""
