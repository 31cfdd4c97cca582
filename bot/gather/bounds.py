"""The bounds by which one of several answers is taken. All are chances from 0 to 1 unless they say otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """From where on an answer is said, and on what it is tried.

    A bound that was chosen by a measurement says so. The others were set by hand: the turns of `tests/bot/pipeline` and
    the suites `retail_zh` hold them, no measurement of their own.
    """

    meant: float = 0.85
    """How likely the text is ours and meant so (the product of both), before what goes by the intent alone is said: the
    intent's own answer, or an entry that is unsure by itself. It is as right as that product, and a question back is
    better than a fluent answer to another question. Measured on another shop's talk; see DECISIONS.md, "An intent's own
    answer needs both"."""
    intent: float = 0.45
    """The confidence from which on an intent of ours counts as read."""
    in_english: float = 0.45
    """The same for an intent's own answer to English words, which the model knows less of."""

    foreign: float = 0.15
    """A text that the model would decline is still ours when its intent is likely and in-scope is not below this."""
    foreign_named: float = 0.05
    """The same where it names our goods."""
    never_ours: float = 0.1
    """Below this in-scope a text needs a likely intent, whatever the model's bands say."""
    ours: float = 0.6
    """The confidence from which on an intent is likely in that sense."""

    entry: float = 0.7
    """An FAQ entry so likely answers by itself. Its confidence is learned on wordings that were hidden from the index,
    which is harder than what customers write. Raised from 0.6 together with `meant`."""
    entry_of_short: float = 0.97
    """The same for a short text: it asks for the whole of its subject, not for one entry of it."""
    short: int = 4
    """A text of so many characters is short where the intent has an answer of its own."""
    scrap: int = 2
    """A text of so many characters is short in any case."""
    entry_likely: float = 0.25
    """An entry less likely never answers, whatever supports it. Measured on another shop's talk (0.15 before)."""
    lead: float = 1.4
    """A likely entry answers with a sure intent when it is so many times as likely as the next: with a sure intent a
    clear lead tells more than the number itself."""
    rules: float = 0.5
    """With a less sure intent an entry must be so likely ..."""
    rules_ours: float = 0.35
    """... or so likely, where the text is surely ours ..."""
    surely_ours: float = 0.75
    """(that is in-scope from here on)"""
    far: float = 5.0
    """... and so many times as likely as the next: all others vanish beside it."""
    agreement: float = 0.08
    """An entry that leads shares so much of the query's intent."""
    agreement_about: float = 0.04
    """The same for one that speaks of the very goods that were named."""
    worth_asking: float = 0.1
    """From here on entries are offered as buttons."""

    guide: float = 0.7
    """An entry so likely is the shop's advice for an occasion, whatever the intents say."""
    recommended: float = 0.3
    """How likely a recommendation must be meant before goods are suggested."""
    facts: float = 0.7
    """The confidence from which on a price or a stock is told from facts, whatever an entry says of the goods."""
    document: float = 0.6
    """A passage so sure is said before what the intent alone would say; a less sure one when nothing else answers."""


_NEVER = float("inf")
USUAL = Bounds()
AFTER_CALL = Bounds(meant=0.95, entry=0.8, rules=_NEVER, rules_ours=_NEVER)
"""Once the bot has called a human because it could not help, what the customer is about is likely not its business,
even where single words look like it; no entry rules alone. Measured on another shop's talk: DECISIONS.md, "Once the bot
could not help"."""
