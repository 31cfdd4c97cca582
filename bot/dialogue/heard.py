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
        return self.found.names_nothing

    @property
    def named(self) -> bool:
        """Whether the words name products, be it that one of several is meant."""
        return bool(self.found.products or self.found.ambiguous)

    @property
    def understood(self) -> bool:
        """Whether the model's bands say that it understood the wish."""
        return self.wish.understanding.decision == "answer"


def hear(
    wish: Wish, *, state: DialogueState, catalogue: Catalogue | None, slots: Mapping[str, str], whole: str | None
) -> Heard:
    """Find the goods that a wish names; `whole` is the turn's text when this is its only wish.

    The wish's own words come first, then the whole text, then what English words are called here. Of several that fit
    a name, the one last spoken of is meant; who compares names means what the shop calls so.
    """
    found = catalogue.link(wish.plain) if catalogue else Found()
    english = is_english(wish.plain)
    if catalogue and whole is not None and found.names_nothing:
        found = catalogue.link(whole)
    if catalogue and english and not found.products and (names := name_goods(wish.plain)):
        found = catalogue.link(names)
    if wish.intent == "compare_products" and len(found.owners) > 1:
        found = found.settled()
    found = found.after(state.products)
    return Heard(wish, state, catalogue, found, slots, english)
