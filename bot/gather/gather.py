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
from bot.gather.documents import DocumentAnswers
from bot.gather.faq import FaqAnswers
from bot.gather.finding import Finding
from bot.gather.fixed import FixedAnswers
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

# Calibrated confidences of FAQ entries. They are learned on wordings that were hidden from the index, which is harder
# than what customers write: with a sure intent, a clear lead over the next entry tells more than the number itself.
_FAQ_SURE = 0.7
_FAQ_LIKELY = 0.25
_FAQ_LEAD = 1.4
# How likely the text is ours and meant so (the product of both), before what goes by the intent alone is said: the
# intent's own answer, or an entry that is unsure by itself. It is as right as that product, and a question back is
# better than a fluent answer to another question: in another shop's talk most of what lies below is beside the point.
_MEANT = 0.85
# Once the bot has called a human because it could not help, what the customer is about is likely not its business, even
# where single words look like it: in another shop's talk nearly half of what it answered then was beside the point.
_MEANT_AFTER_CALL = 0.95
_FAQ_SURE_AFTER_CALL = 0.8
_RECOMMENDED_BY = 0.3
# An entry beside which all others vanish needs no support from the intent; a less likely one, where the text is ours.
_FAQ_RULES, _FAQ_RULES_OURS, _FAQ_OURS, _FAQ_FAR = 0.5, 0.35, 0.75, 5.0
_FAQ_AGREES = 0.08
# So short a text asks for the whole of its subject, not for one entry of it.
_SHORT = 4
_SCRAP = 2
_FAQ_CERTAIN = 0.97
_WORTH_ASKING = 0.1
_FACTS_SURE = 0.7
_INTENT_SURE = 0.45
# A text that the model would decline is still ours when the intent is likely and it is not foreign through and through.
_FOREIGN_BELOW = 0.15
_NAMED_FOREIGN_BELOW = 0.05
_NEVER_OURS_BELOW = 0.1
_ENGLISH_ANSWER = 0.45
_OURS_FROM = 0.6
# How something is at all is told by what it is, not by an entry on one side of it.
_IN_GENERAL = re.compile("(?:怎么样|咋样|如何|怎样|好不好|好喝[吗不么])[呀啊呢]?[?？。]?$")
# A passage so sure is said before what the intent alone would say; less sure ones only when nothing else answers.
_DOCUMENT_SURE = 0.6
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
        forced = how == "always" and asked.confidence >= _INTENT_SURE and not finding.missed
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
        ours = _is_ours(asked)
        sure = asked.chosen or (ours and asked.confidence >= _INTENT_SURE)
        called = scene.tracked.state.called > 0
        bound = _MEANT_AFTER_CALL if called else _MEANT
        # A follow-up on what the bot did not understand is no question by itself.
        leans = (called or scene.turn.state.misses > 0) and not asked.chosen and follows_on(asked.wish.plain)
        own = ours and not leans and _says_own(asked, bound, english="english" in scene.tracked.cues)
        short = len(asked.wish.plain) <= (_SHORT if own else _SCRAP)
        entry_sure = best is not None and not leans and best.confidence >= _entry_bound(short=short, called=called)
        if asked.intent in COURTESIES and "displeased" in scene.tracked.cues and not entry_sure:
            return talk.displeased(scene)
        quoted = None if asked.intent in COURTESIES or asked.chosen else self.documents.find(asked)
        await let_messages_through()
        if quoted is not None and _outweighs(quoted, best) and not _asks_for_facts(asked):
            return self.documents.quote(quoted, scene)
        if asked.unheld is not None and not entry_sure:
            return goods.not_sold(asked.unheld, scene)
        if asked.unknown is not None and not entry_sure and (not_held := await goods.not_held(asked, scene)):
            return not_held
        # A nod can hardly be misplaced; a joke, a farewell or thanks beside the point sound like mockery.
        if asked.intent in COURTESIES and not entry_sure and own:
            if asked.intent == "greet" and talk.was_greeted(scene):
                return talk.greet_again(scene)
            return await self.fixed.answer(asked, scene) or _missed(asked, scene)
        if sure or (asked.named and ours):
            found = await self._particular(asked, scene, best)
            if found is not None:
                return found
        elif ours and (listed := await survey.answer(asked, scene)) is not None:
            return listed
        about = await self._is_about(best, asked, scene)
        leads = sure and not short and not leans and _leads(hits, asked, bound, called=called)
        if best is not None and (entry_sure or about or leads):
            told = await self.faq.answer(best, scene)
            if told is not None:
                return told
        if own:
            fixed = await self.fixed.answer(asked, scene)
            if fixed is not None:
                return fixed
        if quoted is not None and not entry_sure:
            return self.documents.quote(quoted, scene)
        return await self._unsure(asked, scene, hits, ours=ours, missed=not leans or called)

    async def _particular(self, asked: Asked, scene: Scene, best: FaqHit | None) -> Finding | None:
        """Return what only this customer, this place or these goods make the answer."""
        found = await orders.answer(asked, scene) or await self.fixed.answer(asked, scene, cued=True)
        if found is None and arrival.HOW_LONG in asked.slots:
            found = await self.fixed.answer(asked, scene)
        found = found or await account.answer(asked, scene) or await survey.answer(asked, scene)
        if found is None and asked.intent in suggest.INTENTS and (asked.groups or _meant(asked) >= _RECOMMENDED_BY):
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
        if best is None or best.confidence < _FAQ_LIKELY or not asked.products or best.agreement < _FAQ_AGREES / 2:
            return False
        if asked.intent in _FACTS_FIRST and asked.confidence >= _FACTS_SURE:
            return False
        if asked.intent == "ask_taste" and _IN_GENERAL.search(asked.wish.plain):
            return False
        entry = await scene.view.answer(best.entry_id, at_us=scene.turn.now_us)
        if entry is None:
            return False
        catalogue = await scene.catalogue()
        named = {
            product
            for text in (entry.question, *entry.variants)
            for product in catalogue.link(normalise(text)).products
        }
        return set(asked.products) <= named

    async def _guide(self, asked: Asked, scene: Scene, best: FaqHit | None) -> Finding | None:
        """Return the shop's own advice for an occasion, with cards of the goods that it names."""
        if best is None or asked.groups or asked.chosen or asked.slots.keys() & {"budget", "another"}:
            return None
        if best.confidence < _FAQ_SURE and (best.confidence < _FAQ_LIKELY or best.agreement < _FAQ_AGREES):
            return None
        told = await self.faq.answer(best, scene)
        return await suggest.with_cards(told, scene) if told is not None else None

    async def _unsure(self, asked: Asked, scene: Scene, hits: list[FaqHit], *, ours: bool, missed: bool) -> Finding:
        if "english" in scene.tracked.cues:
            return talk.english(scene)
        if ours and len(hits) > 1 and hits[0].confidence >= _WORTH_ASKING:
            which = await self.faq.ask_which(hits, asked, scene)
            if which is not None:
                return replace(which, missed=missed)
        if ours and (two := self.fixed.ask_which(asked, scene)) is not None:
            return replace(two, missed=missed)
        return _missed(asked, scene, foreign=not ours, fixed=await self.fixed.out_of_scope(scene))


def _outweighs(quoted: DocumentHit, best: FaqHit | None) -> bool:
    """Whether a passage is sure, and surer than the nearest entry of the FAQ."""
    return quoted.confidence >= max(_DOCUMENT_SURE, best.confidence if best is not None else 0.0)


def _asks_for_facts(asked: Asked) -> bool:
    """Whether the words ask what named goods cost or whether they are there: the shop knows that, no manual."""
    return bool(asked.products) and asked.intent in _FACTS_FIRST


def _is_ours(asked: Asked) -> bool:
    read = asked.wish.understanding
    if asked.chosen or (read.decision != "decline" and read.in_scope >= _NEVER_OURS_BELOW):
        return True
    likely = asked.confidence >= _OURS_FROM or asked.named
    return likely and read.in_scope >= (_NAMED_FOREIGN_BELOW if asked.named else _FOREIGN_BELOW)


def _entry_bound(*, short: bool, called: bool) -> float:
    """Return how likely an entry must be to answer by itself."""
    return _FAQ_CERTAIN if short else _FAQ_SURE_AFTER_CALL if called else _FAQ_SURE


def _says_own(asked: Asked, bound: float, *, english: bool) -> bool:
    """Whether the intent is sure enough to say its own answer; one that the talk leads to is."""
    read = asked.wish.understanding
    if asked.chosen or asked.confidence > read.confidence or (english and asked.confidence >= _ENGLISH_ANSWER):
        return True
    return _meant(asked) >= bound


def _meant(asked: Asked) -> float:
    """Return how likely the text is the shop's business and its intent understood."""
    return 1.0 if asked.chosen else asked.confidence * asked.wish.understanding.in_scope


def _leads(hits: list[FaqHit], asked: Asked, bound: float, *, called: bool) -> bool:
    """Whether the first entry is likely, stands out and fits the intent; or rules alone where the intent is unsure."""
    ours = _meant(asked)
    if not hits or hits[0].agreement < _FAQ_AGREES:
        return False
    second = hits[1].confidence if len(hits) > 1 else 0.0
    if ours < bound:
        least = _FAQ_RULES_OURS if asked.wish.understanding.in_scope >= _FAQ_OURS else _FAQ_RULES
        return not called and hits[0].confidence >= max(least, _FAQ_FAR * second)
    return hits[0].confidence >= max(_FAQ_LIKELY, _FAQ_LEAD * second)


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
