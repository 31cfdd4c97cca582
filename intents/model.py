"""What an intent folder says, as values: intents with their examples, synonyms, patterns, word lists and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from intents.problems import Problem

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Value: TypeAlias = str | int | float
Handoff = Literal["never", "offer", "always"]
HANDOFFS: tuple[Handoff, ...] = ("never", "offer", "always")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file; line and column count from 1, the column in code points."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Entity:
    """A marked span of an example; `start` and `end` count code points of the text without annotations."""

    start: int
    end: int
    entity: str
    value: Value
    role: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance: its plain text, the marked entities, and how it was written (`source`, with annotations)."""

    text: str
    entities: tuple[Entity, ...] = ()
    metadata: Json = None
    source: str = field(default="", compare=False)
    place: Place = field(default=Place("", 0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Slot:
    """Something the bot must know before it can answer, and how it asks for it."""

    name: str
    prompt: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An utterance that looks like this intent and is not; `intent` names the right one when it is known."""

    text: str
    intent: str | None = None
    place: Place = field(default=Place("", 0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class About:
    """Our own keys under an intent's `metadata`; `raw` is the whole of it as written, other keys included."""

    description: str | None = None
    near_misses: tuple[NearMiss, ...] = ()
    slots: tuple[Slot, ...] = ()
    handoff: Handoff | None = None
    owner: str | None = None
    version: str | None = None
    raw: Json = None


@dataclass(frozen=True, slots=True)
class Intent:
    """An intent with its examples; `faq/price` is the intent `faq` with the response key `price`."""

    name: str
    examples: tuple[Example, ...] = ()
    about: About = About()
    places: tuple[Place, ...] = field(default=(), compare=False)

    @property
    def base(self) -> str:
        """The name that a classifier learns: without the response key."""
        return self.name.partition("/")[0]

    @property
    def response_key(self) -> str | None:
        """What stands after the slash, or None."""
        return self.name.partition("/")[2] or None


@dataclass(frozen=True, slots=True)
class Synonym:
    """`text` means `value`; from a `synonym` item or from an annotation whose value differs from its text."""

    text: str
    value: Value
    place: Place = field(default=Place("", 0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression for the entity `name`."""

    name: str
    pattern: str
    place: Place = field(default=Place("", 0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a word list."""

    name: str
    text: str
    place: Place = field(default=Place("", 0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Button:
    """A choice under an answer; a press says `payload`."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card that goes out with an answer; `data` holds the fields of its kind as written."""

    kind: str
    data: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Condition:
    """When a variant may be said: a slot is missing or filled (`name` = slot), or a cue was seen (`name` = cue)."""

    when: Literal["missing_slot", "has_slot", "cue"]
    name: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One wording of an answer; `raw` is the whole entry as written, for what we do not know ourselves."""

    text: str | None
    condition: Condition | None = None
    buttons: tuple[Button, ...] = ()
    cards: tuple[Card, ...] = ()
    channel: str | None = None
    raw: Json = None
    place: Place = field(default=Place("", 0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with its variants; `utter_<intent>` answers that intent."""

    name: str
    variants: tuple[Variant, ...] = ()
    place: Place = field(default=Place("", 0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class IntentFile:
    """One file as read, items in their order, with everything that was wrong in it."""

    file: str
    intents: tuple[Intent, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    terms: tuple[Term, ...] = ()
    responses: tuple[Response, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """All files of a folder merged: one entry a name, the same whatever the order the files came in."""

    intents: Mapping[str, Intent]
    synonyms: Mapping[str, Value]
    patterns: tuple[Pattern, ...]
    lookups: Mapping[str, tuple[str, ...]]
    responses: Mapping[str, Response]
    files: tuple[str, ...]
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    def find_response(self, intent: str) -> Response | None:
        """Return the answer of an intent, or None."""
        return self.responses.get(f"utter_{intent}")
