"""Fixed answers: the pack's wordings for an intent, by their conditions, with placeholders filled."""

from __future__ import annotations

from dataclasses import dataclass

from bot.decision import Evidence
from bot.dialogue.leaning import contradicts, wants_nothing_more
from bot.dialogue.state import Choice, Pending
from bot.dialogue.wish import Asked
from bot.gather.finding import Finding
from bot.gather.scene import Scene
from bot.replies.placeholders import Filled, UnfillableError, fill, has_places
from intents.model import Pack, Variant

_MOST_CHOICES = 3
# Intents are close when the lesser is at least half as likely as the best, and not a mere chance.
_CLOSE = 0.5
_LEAST_SHARE = 0.15
_LABEL_CHARS = range(4, 13)


@dataclass(frozen=True, slots=True)
class FixedAnswers:
    """Answers of one pack."""

    pack: Pack

    async def answer(self, asked: Asked, scene: Scene, *, cued: bool = False) -> Finding | None:
        """Return the intent's answer whose condition holds, the most particular first; None when it has none.

        With `cued` only answers that a cue calls for count.
        """
        response = self.pack.find_response(asked.intent)
        if response is None:
            return None
        cues = await _cues(asked, scene)
        known = _known_slots(asked, scene)
        said = [variant for variant in response.variants if variant.text and _holds(variant, known, cues)]
        particular = [variant for variant in said if variant.condition and variant.condition.when == "cue"]
        if cued and not particular:
            return None
        particular = particular or [variant for variant in said if variant.condition]
        texts: list[tuple[Variant, Filled]] = []
        for variant in particular or said:
            filled = await _fill(variant, scene)
            if filled is not None:
                texts.append((variant, filled))
        if not texts:
            return None
        wording = scene.wording.pick([filled.text for _, filled in texts])
        variant, filled = next(pair for pair in texts if pair[1].text == wording)
        choices = tuple(Choice(button.title[:60], button.payload) for button in variant.buttons[:_MOST_CHOICES])
        return Finding(
            reason="intent_answer",
            key=f"answer:{asked.intent}:{variant.condition.name if variant.condition else ''}",
            text=filled.text,
            act="clarify" if choices else "reply",
            evidence=(Evidence("rule", str(variant.place), filled.text), *filled.evidence),
            promises=filled.promises,
            grounds=filled.grounds,
            choices=choices,
        )

    def ask_which(self, asked: Asked, scene: Scene) -> Finding | None:
        """Offer the two or three likeliest intents, each in a customer's short words; None when they are not close."""
        first = asked.wish.ranked[0].confidence
        close = [one for one in asked.wish.ranked if one.confidence >= max(_LEAST_SHARE, _CLOSE * first)]
        choices = tuple(
            Choice(words, words, intent=one.intent) for one in close if (words := self._short_words(one.intent))
        )[:_MOST_CHOICES]
        if len(choices) < 2:
            return None
        return Finding(
            reason="two_close",
            key="which_intent",
            act="clarify",
            text=scene.wording.say("ask.which_intent"),
            choices=choices,
            pending=Pending("intent", choices=choices),
            evidence=tuple(
                Evidence("threshold", f"intent:{one.intent}", asked.wish.plain, one.confidence) for one in close
            ),
            grounds=tuple(choice.label for choice in choices),
        )

    def _short_words(self, intent: str) -> str | None:
        found = self.pack.intents.get(intent)
        texts = [example.text for example in found.examples if not example.entities] if found else []
        return next((text for text in texts if len(text) in _LABEL_CHARS), None)

    async def out_of_scope(self, scene: Scene) -> Finding | None:
        """Return the pack's answer to what is not the shop's business, None when it has none."""
        response = self.pack.find_response("out_of_scope")
        texts = [variant for variant in response.variants if variant.text] if response else []
        if not texts:
            return None
        wording = scene.wording.pick([variant.text or "" for variant in texts])
        variant = next(variant for variant in texts if variant.text == wording)
        choices = tuple(Choice(button.title[:60], button.payload) for button in variant.buttons[:_MOST_CHOICES])
        return Finding(
            "out_of_scope",
            "out_of_scope",
            wording,
            evidence=(Evidence("rule", str(variant.place), wording),),
            choices=choices,
        )

    def handoff(self, intent: str) -> str:
        """Return never, offer or always."""
        found = self.pack.intents.get(intent)
        return (found.about.handoff if found else None) or "never"


async def _fill(variant: Variant, scene: Scene) -> Filled | None:
    text = variant.text or ""
    if not has_places(text):
        return Filled(text)
    try:
        return fill(text, await scene.facts())
    except UnfillableError:
        return None


async def _cues(asked: Asked, scene: Scene) -> frozenset[str]:
    """Return the turn's cues, `asked_back`, and each list of places among the rules that holds the customer's place."""
    state = scene.turn.state
    asked_back = state.pending is not None or state.misses > 0 or contradicts(asked.wish.plain)
    cues = scene.tracked.cues | ({"asked_back"} if asked_back and not wants_nothing_more(asked.wish.plain) else set())
    place = asked.slots.get("place") or scene.tracked.state.slots.get("place")
    if place is None:
        return cues
    facts = await scene.facts()
    lists = {fact.name for fact in facts.facts if isinstance(fact.value, tuple) and place in fact.value}
    return cues | lists | {f"place_{place}"}


def _known_slots(asked: Asked, scene: Scene) -> set[str]:
    known = {*asked.slots, *scene.tracked.state.slots}
    if asked.products or asked.groups:
        known.add("product")
    if asked.orders:
        known.add("order_no")
    return known


def _holds(variant: Variant, known: set[str], cues: frozenset[str]) -> bool:
    condition = variant.condition
    if condition is None:
        return True
    if condition.when == "cue":
        return condition.name in cues
    return (condition.name in known) == (condition.when == "has_slot")
