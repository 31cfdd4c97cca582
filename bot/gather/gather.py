"""The gather stage: for each wish the best answer that knowledge holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.decision import Evidence
from bot.dialogue.leaning import follows_on
from bot.dialogue.state import Pending
from bot.dialogue.understand import COURTESIES
from bot.dialogue.wish import Asked, Tracked
from bot.gather import account, arrival, goods, orders, suggest, survey, talk
from bot.gather.bounds import AFTER_CALL, USUAL
from bot.gather.documents import DocumentAnswers
from bot.gather.faq import FaqAnswers
from bot.gather.finding import Finding
from bot.gather.fixed import FixedAnswers
from bot.gather.footing import find_footing, meant
from bot.gather.instead import with_alternatives
from bot.gather.scene import Scene
from bot.gather.shop_view import ShopView
from bot.pausing import let_messages_through
from bot.replies.wording import Wording
from bot.retrieval.documents.index import DocumentHit
from bot.retrieval.faq import FaqHit
from bot.shop import ActionName
from bot.turn import Turn
from bot.understanding.normalise import normalise

# How something is at all is told by what it is, not by an entry on one side of it.
_IN_GENERAL = re.compile("(?:怎么样|咋样|如何|怎样|好不好|好喝[吗不么])[呀啊呢]?[?？。]?$")
# What goods cost and whether they are there is told from facts, whatever an entry says of them.
_FACTS_FIRST = frozenset({"ask_price", "ask_stock", "ask_spec", "ask_sample"})


@dataclass(frozen=True, slots=True)
class KnowledgeGatherer:
    """Asks, in this order: a pending question, the customer's orders, goods, FAQ, the intent's answer, documents."""

    view: ShopView
    faq: FaqAnswers
    fixed: FixedAnswers
    documents: DocumentAnswers

    async def __call__(self, turn: Turn, tracked: Tracked) -> tuple[Finding, ...]:
        """Return one finding a wish, at least one; raise ShopUnavailable when the shop is needed and down."""
        scene = Scene(turn, tracked, self.view, Wording(turn.id, _said(turn)))
        pending = turn.state.pending
        if pending is not None and pending.kind == "action" and tracked.agreed is not None:
            return (await _settle(pending, agreed=tracked.agreed, scene=scene),)
        if tracked.reading.shape != "words":
            return (await talk.without_words(tracked, scene),)
        if "injection" in tracked.cues:
            return (talk.injection(scene),)
        if tracked.choice is not None and tracked.choice.faq is not None:
            told = await self.faq.tell(tracked.choice.faq, scene)
            if told is not None:
                return (told,)
        return tuple([await self._find(asked, scene) for asked in tracked.asked])

    async def _find(self, asked: Asked, scene: Scene) -> Finding:
        if asked.intent not in COURTESIES:
            await scene.catalogue()  # without the shop only courtesies can be answered: better say so than guess
        asked = await arrival.settle(asked, scene)
        finding = await self._answer(asked, scene)
        near = asked.wish.nearest
        understood = Evidence(
            "utterance",
            near.place or f"intent:{asked.intent}" if near else f"intent:{asked.intent}",
            near.text if near else asked.wish.plain,
            asked.confidence,
            {"intent": asked.intent, "in_scope": round(asked.wish.understanding.in_scope, 4)},
        )
        how = self.fixed.handoff(asked.intent)
        forced = how == "always" and asked.confidence >= USUAL.intent and not finding.missed
        return replace(
            finding,
            evidence=(understood, *finding.evidence),
            offer_human=finding.offer_human or (how == "offer" and not finding.missed),
            hand_off=finding.hand_off or ("intent" if forced else None),
        )

    async def _answer(self, asked: Asked, scene: Scene) -> Finding:
        hits = self.faq.search(asked)
        await let_messages_through()  # each search takes milliseconds of the loop
        best = hits[0] if hits else None
        called = scene.tracked.state.called > 0
        # A follow-up on what the bot did not understand is no question by itself.
        leans = (called or scene.turn.state.misses > 0) and not asked.chosen and follows_on(asked.wish.plain)
        bounds = AFTER_CALL if called else USUAL
        footing = find_footing(asked, hits, bounds, leans=leans, english="english" in scene.tracked.cues)
        courtesy = asked.intent in COURTESIES
        if courtesy and "displeased" in scene.tracked.cues and not footing.entry:
            return talk.displeased(scene)
        quoted = None if courtesy or asked.chosen else self.documents.find(asked)
        await let_messages_through()
        if quoted is not None and _outweighs(quoted, best) and not _asks_for_facts(asked):
            return self.documents.quote(quoted, scene)
        if asked.unheld is not None and not footing.entry:
            return goods.not_sold(asked.unheld, scene)
        if asked.unknown is not None and not footing.entry and (not_held := await goods.not_held(asked, scene)):
            return not_held
        # A nod can hardly be misplaced; a joke, a farewell or thanks beside the point sound like mockery.
        if courtesy and not footing.entry and footing.own:
            if asked.intent == "greet" and talk.was_greeted(scene):
                return talk.greet_again(scene)
            return await self.fixed.answer(asked, scene) or _missed(asked, scene)
        if footing.sure or (asked.named and footing.ours):
            found = await self._particular(asked, scene, best)
            if found is not None:
                return found
        elif footing.ours and (listed := await survey.answer(asked, scene)) is not None:
            return listed
        about = await self._is_about(best, asked, scene)
        if best is not None and (footing.entry or about or footing.leads):
            told = await self.faq.answer(best, scene)
            if told is not None:
                return told
        if footing.own:
            fixed = await self.fixed.answer(asked, scene)
            if fixed is not None:
                return fixed
        if quoted is not None and not footing.entry:
            return self.documents.quote(quoted, scene)
        return await self._unsure(asked, scene, hits, ours=footing.ours, missed=not leans or called)

    async def _particular(self, asked: Asked, scene: Scene, best: FaqHit | None) -> Finding | None:
        """Return what only this customer, this place or these goods make the answer."""
        found = await orders.answer(asked, scene) or await self.fixed.answer(asked, scene, cued=True)
        if found is None and arrival.HOW_LONG in asked.slots:
            found = await self.fixed.answer(asked, scene)
        found = found or await account.answer(asked, scene) or await survey.answer(asked, scene)
        if found is None and asked.intent in suggest.INTENTS and (asked.groups or meant(asked) >= USUAL.recommended):
            found = await self._guide(asked, scene, best) or await suggest.answer(asked, scene)
        if found is None and not await self._is_about(best, asked, scene):
            found = await goods.answer(asked, scene)
            if found is not None and found.products:
                found = await with_alternatives(found, asked, await scene.view.products(found.products), scene)
        return found

    async def _is_about(self, best: FaqHit | None, asked: Asked, scene: Scene) -> bool:
        """Whether an entry speaks of the very goods that were named: then it says more than their attributes."""
        if asked.chosen:
            return False  # the words name only the goods: what is asked of them stood before
        spoken = set(asked.products or asked.ambiguous)
        if best is None or not spoken:
            return False
        if best.confidence < USUAL.entry_likely or best.agreement < USUAL.agreement_about:
            return False
        if asked.intent in _FACTS_FIRST and asked.confidence >= USUAL.facts:
            return False
        if asked.intent == "ask_taste" and _IN_GENERAL.search(asked.wish.plain):
            return False
        entry = await scene.view.answer(best.entry_id, at_us=scene.turn.now_us)
        if entry is None:
            return False
        catalogue = await scene.catalogue()
        found = [catalogue.link(normalise(text)) for text in (entry.question, *entry.variants)]
        named = {product for one in found for product in (one.owners if asked.products else one.ambiguous)}
        return spoken <= named

    async def _guide(self, asked: Asked, scene: Scene, best: FaqHit | None) -> Finding | None:
        """Return the shop's own advice for an occasion, with cards of the goods that it names."""
        if best is None or asked.groups or asked.chosen or asked.slots.keys() & {"budget", "another"}:
            return None
        if best.confidence < USUAL.guide and (best.confidence < USUAL.entry_likely or best.agreement < USUAL.agreement):
            return None
        told = await self.faq.answer(best, scene)
        return await suggest.with_cards(told, scene) if told is not None else None

    async def _unsure(self, asked: Asked, scene: Scene, hits: list[FaqHit], *, ours: bool, missed: bool) -> Finding:
        if "english" in scene.tracked.cues:
            return talk.english(scene)
        if ours and len(hits) > 1 and hits[0].confidence >= USUAL.worth_asking:
            which = await self.faq.ask_which(hits, asked, scene)
            if which is not None:
                return replace(which, missed=missed)
        if ours and (two := self.fixed.ask_which(asked, scene)) is not None:
            return replace(two, missed=missed)
        return _missed(asked, scene, foreign=not ours, fixed=await self.fixed.out_of_scope(scene))


def _outweighs(quoted: DocumentHit, best: FaqHit | None) -> bool:
    """Whether a passage is sure, and surer than the nearest entry of the FAQ."""
    return quoted.confidence >= max(USUAL.document, best.confidence if best is not None else 0.0)


def _asks_for_facts(asked: Asked) -> bool:
    """Whether the words ask what named goods cost or whether they are there: the shop knows that, no manual."""
    return bool(asked.products) and asked.intent in _FACTS_FIRST


async def _settle(pending: Pending, *, agreed: bool, scene: Scene) -> Finding:
    if agreed and pending.intent and pending.slot:
        name: ActionName = pending.intent  # type: ignore[assignment]
        return await orders.perform(name, pending.slot, scene)
    return Finding("left_alone", "action:left", scene.wording.say("order.left_alone"))


def _missed(asked: Asked, scene: Scene, *, foreign: bool = False, fixed: Finding | None = None) -> Finding:
    if foreign and fixed is not None:
        return replace(fixed, reason="out_of_scope", key="out_of_scope", missed=True)
    return Finding(
        "not_understood",
        "rephrase",
        scene.wording.say("ask.rephrase"),
        act="clarify",
        missed=True,
        evidence=(Evidence("threshold", "threshold:confidence", asked.wish.plain, asked.confidence),),
    )


def _said(turn: Turn) -> tuple[str, ...]:
    return tuple(line.text for line in turn.history if line.origin == "bot")
