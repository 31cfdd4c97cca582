"""One wish as its readers see it: its words, the goods and slots in them, and what the session remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.dialogue.english import name_goods
from bot.dialogue.state import DialogueState
from bot.dialogue.wish import Wish
from bot.gather.catalogue import Catalogue, Found
from bot.handoff.cues import is_english


@dataclass(frozen=True, slots=True)
class Heard:
    """A wish before anybody decides what it asks; `catalogue` is None while the shop is down."""

    wish: Wish
    state: DialogueState
    catalogue: Catalogue | None
    found: Found
    slots: Mapping[str, str]
    english: bool

    @property
    def plain(self) -> str:
        """The wish's normalised text."""
        return self.wish.plain

    @property
    def nothing(self) -> bool:
        """Whether the words name no goods at all."""
        return not names_goods(self.found)

    @property
    def understood(self) -> bool:
        """Whether the model's bands say that it understood the wish."""
        return self.wish.understanding.decision == "answer"


def names_goods(found: Found) -> bool:
    """Whether products or kinds of goods were found, be it that one of several is meant."""
    return bool(found.products or found.groups or found.ambiguous)


def hear(
    wish: Wish, *, state: DialogueState, catalogue: Catalogue | None, slots: Mapping[str, str], whole: str | None
) -> Heard:
    """Find the goods that a wish names; `whole` is the turn's text when this is its only wish.

    The wish's own words come first, then the whole text, then what English words are called here.
    """
    found = catalogue.link(wish.plain) if catalogue else Found()
    english = is_english(wish.plain)
    if catalogue and whole is not None and not names_goods(found):
        found = catalogue.link(whole)
    if catalogue and english and not found.products and (names := name_goods(wish.plain)):
        found = catalogue.link(names)
    return Heard(wish, state, catalogue, found, slots, english)
