"""How firm the ground is on which a wish is answered: judged once, by the bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.dialogue.wish import Asked
from bot.gather.bounds import Bounds
from bot.retrieval.faq import FaqHit


@dataclass(frozen=True, slots=True)
class Footing:
    """What a wish, its intent and the nearest entries of the FAQ are good for."""

    ours: bool
    """The text is the shop's business."""
    sure: bool
    """So it is, and its intent counts as read."""
    own: bool
    """The intent is sure enough to say its own answer."""
    entry: bool
    """The nearest entry may answer by itself."""
    leads: bool
    """The nearest entry may answer because the intent speaks for it, or because it rules alone."""


def find_footing(asked: Asked, hits: Sequence[FaqHit], bounds: Bounds, *, leans: bool, english: bool) -> Footing:
    """Judge a wish with its entries, the nearest first; what leans on something else is no question by itself."""
    ours = _is_ours(asked, bounds)
    sure = asked.chosen or (ours and asked.confidence >= bounds.intent)
    own = ours and not leans and _says_own(asked, bounds, english=english)
    short = len(asked.wish.plain) <= (bounds.short if own else bounds.scrap)
    entry = bool(hits) and not leans and hits[0].confidence >= (bounds.entry_of_short if short else bounds.entry)
    return Footing(ours, sure, own, entry, leads=sure and not short and not leans and _leads(hits, asked, bounds))


def meant(asked: Asked) -> float:
    """Return how likely the text is the shop's business and its intent understood."""
    return 1.0 if asked.chosen else asked.confidence * asked.wish.understanding.in_scope


def _is_ours(asked: Asked, bounds: Bounds) -> bool:
    read = asked.wish.understanding
    if asked.chosen or (read.decision != "decline" and read.in_scope >= bounds.never_ours):
        return True
    likely = asked.confidence >= bounds.ours or asked.named
    return likely and read.in_scope >= (bounds.foreign_named if asked.named else bounds.foreign)


def _says_own(asked: Asked, bounds: Bounds, *, english: bool) -> bool:
    """Whether the intent is sure enough to say its own answer; one that the talk leads to is."""
    led_to = asked.chosen or asked.confidence > asked.wish.understanding.confidence
    return led_to or (english and asked.confidence >= bounds.in_english) or meant(asked) >= bounds.meant


def _leads(hits: Sequence[FaqHit], asked: Asked, bounds: Bounds) -> bool:
    """Whether the first entry is likely, stands out and fits the intent; or rules alone where the intent is unsure."""
    if not hits or hits[0].agreement < bounds.agreement:
        return False
    second = hits[1].confidence if len(hits) > 1 else 0.0
    if meant(asked) < bounds.meant:
        ours = asked.wish.understanding.in_scope >= bounds.surely_ours
        return hits[0].confidence >= max(bounds.rules_ours if ours else bounds.rules, bounds.far * second)
    return hits[0].confidence >= max(bounds.entry_likely, bounds.lead * second)
