"""Answers from the FAQ: the entry that means the same, its placeholders filled with what holds now."""

from __future__ import annotations

from dataclasses import dataclass

from bot.decision import Evidence
from bot.dialogue.state import Choice, Pending
from bot.dialogue.wish import Asked
from bot.gather.finding import Finding
from bot.gather.scene import Scene
from bot.replies.placeholders import UnfillableError, fill, without_places
from bot.retrieval.faq import FaqHit
from bot.retrieval.faq_index import FaqIndex

_MOST_CHOICES = 3


@dataclass(frozen=True, slots=True)
class FaqAnswers:
    """Answers of one FAQ."""

    index: FaqIndex

    def search(self, asked: Asked) -> list[FaqHit]:
        """Return the likeliest entries, surest first, however unsure."""
        wish = asked.wish
        intents = {one.intent: one.confidence for one in wish.ranked}
        return self.index.search(wish.plain, wish.vector, intents=intents, limit=_MOST_CHOICES, threshold=0.0)

    async def answer(self, hit: FaqHit, scene: Scene) -> Finding | None:
        """Return an entry's answer; None when the shop no longer has it or a fact in it does not hold now."""
        return await self.tell(hit.entry_id, scene, score=hit.confidence, matched=hit.matched)

    async def tell(self, faq_id: str, scene: Scene, *, score: float | None = None, matched: str = "") -> Finding | None:
        """Return the answer of an entry by its id."""
        entry = await scene.view.answer(faq_id, at_us=scene.turn.now_us)
        if entry is None:
            return None
        evidence = Evidence("faq", f"faq:{entry.faq_id}", matched or entry.question, score, {"at": entry.source})
        try:
            filled = fill(entry.answer, await scene.facts())
        except UnfillableError as error:
            if not error.over:
                return None
            over = fill(scene.wording.say("promotion.over"), await scene.facts())
            return Finding(
                "promotion_over", f"faq:{faq_id}", over.text, evidence=(evidence, *over.evidence), grounds=over.grounds
            )
        return Finding(
            reason="faq",
            key=f"faq:{faq_id}",
            text=filled.text,
            evidence=(evidence, *filled.evidence),
            promises=filled.promises,
            # The entry is the shop's own word: what it states besides placeholders stands in it.
            grounds=(without_places(entry.answer), *filled.grounds),
        )

    async def ask_which(self, hits: list[FaqHit], asked: Asked, scene: Scene) -> Finding | None:
        """Offer the likeliest entries as choices."""
        entries = [await scene.view.answer(hit.entry_id, at_us=scene.turn.now_us) for hit in hits]
        choices = tuple(
            Choice(entry.question[:60], entry.question[:200], intent=asked.intent, faq=entry.faq_id)
            for entry in entries
            if entry is not None
        )[:_MOST_CHOICES]
        if len(choices) < 2:
            return None
        return Finding(
            reason="faq_close",
            key="which_faq",
            act="clarify",
            text=scene.wording.say("ask.which_topic"),
            choices=choices,
            pending=Pending("intent", choices=choices),
            evidence=tuple(Evidence("faq", f"faq:{hit.entry_id}", hit.matched, hit.confidence) for hit in hits),
            grounds=tuple(choice.label for choice in choices),
        )
