"""The track stage: what the turn says against what the session remembers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.dialogue.choice import agrees, pick
from bot.dialogue.heard import hear
from bot.dialogue.slots import SlotReader
from bot.dialogue.state import Choice, DialogueState, Pending, changed
from bot.dialogue.topics import find_topic
from bot.dialogue.unheld import KnownWords
from bot.dialogue.wish import Asked, Reading, Tracked, Wish
from bot.gather.catalogue import Catalogue
from bot.gather.shop_view import ShopView
from bot.handoff.cues import find_cues
from bot.shop import ShopUnavailable
from bot.turn import Turn
from bot.understanding.normalise import normalise

_ADDRESS = re.compile(
    "(?:省|市|区|县|镇|乡|路|街|道|巷|村|号|弄|栋|幢|室|小区|大厦|公寓|校区).*(?:\\d|路|街|号|室|村|小区|大厦|公寓|校区)"
)
_SLOTS_KEPT = ("place", "recipient", "taste", "budget")


@dataclass(frozen=True, slots=True)
class MemoryTracker:
    """Resolves answers to questions, ellipsis and focus; reads goods by the catalogue, words by the pack's lists."""

    view: ShopView
    slots: SlotReader
    words: KnownWords

    async def __call__(self, turn: Turn, reading: Reading, wishes: tuple[Wish, ...]) -> Tracked:
        """Return the turn's wishes with their topics; a shop that is down leaves products unread."""
        try:
            catalogue: Catalogue | None = await self.view.catalogue(at_us=turn.now_us)
        except ShopUnavailable:
            catalogue = None
        state = turn.state
        said = reading.plain
        choice = (
            pick(reading.utterances[-1].plain, state.pending.choices) if reading.utterances and state.pending else None
        )
        agreed = agrees(said) if state.pending and state.pending.kind == "action" else None
        heard = dict(self.slots.read(said))
        asked = self._ask_all(wishes, state=state, catalogue=catalogue, whole=said)
        if choice is not None and wishes:
            spoken = normalise(choice.say)
            heard |= self.slots.read(spoken)
            asked = (_chosen(choice, state.pending, replace(wishes[0], plain=spoken), heard),)
        elif state.pending is not None and state.pending.kind == "slot" and asked:
            whole = (
                replace(asked[0], wish=replace(wishes[0], plain=said)) if state.pending.slot == "address" else asked[0]
            )
            asked = (_answered(whole, state.pending),) if len(asked) == 1 or whole is not asked[0] else asked
        kept = {**state.slots, **{name: heard[name] for name in _SLOTS_KEPT if name in heard}}
        if groups := [group for one in asked for group in one.groups]:
            kept["group"] = groups[0]
        elif any(one.named for one in asked):
            kept.pop("group", None)
        named = next((one.products for one in asked if one.named and len(one.products) > 1), state.shown)
        products = _latest([*(p for one in asked for p in one.products), *_card(reading, catalogue)], state.products, 8)
        orders = _latest([heard["order_no"]] if "order_no" in heard else [], state.orders, 4)
        return Tracked(
            reading=reading,
            asked=asked,
            state=changed(state, slots=kept, products=products, shown=named[:8], orders=orders),
            cues=find_cues("\n".join(utterance.text for utterance in reading.utterances) or turn.text),
            choice=choice,
            agreed=agreed,
        )

    def _ask_all(
        self, wishes: tuple[Wish, ...], *, state: DialogueState, catalogue: Catalogue | None, whole: str
    ) -> tuple[Asked, ...]:
        """Read the wishes in their order: what one names is what the next speaks of (大红袍多少钱，水温几度)."""
        found: list[Asked] = []
        for wish in wishes:
            slots = dict(self.slots.read(wish.plain))
            only = whole if len(wishes) == 1 else None
            one = find_topic(hear(wish, state=state, catalogue=catalogue, slots=slots, whole=only), self.words)
            found.append(one)
            if one.named:
                state = changed(state, products=_latest(list(one.products), state.products, 8))
        return tuple(found)


def _chosen(choice: Choice, pending: Pending | None, wish: Wish, heard: dict[str, str]) -> Asked:
    intent = choice.intent or (pending.intent if pending else None) or wish.intent
    products = (choice.product,) if choice.product else ()
    return Asked(wish, intent, 1.0, products, bool(products), slots=heard, chosen=True)


def _answered(asked: Asked, pending: Pending) -> Asked:
    """Take a text that holds the value asked for as the answer, unless it clearly wishes something else."""
    if pending.slot == "address":
        if not _ADDRESS.search(asked.wish.plain) or asked.wish.plain.endswith(("吗", "?", "？")):
            return asked
        slots = {**asked.slots, "address": asked.wish.plain[:80]}
        return replace(asked, intent="change_address", confidence=1.0, slots=slots, chosen=True)
    has_value = {
        "product": bool(asked.products and asked.named),
        "order_no": "order_no" in asked.slots,
        "place": "place" in asked.slots,
        "taste": "taste" in asked.slots,
        "recipient": "recipient" in asked.slots,
    }.get(pending.slot or "", False)
    elsewhere = (
        asked.wish.understanding.decision == "answer" and asked.confidence >= 0.85 and len(asked.wish.plain) > 10
    )
    if not has_value or pending.intent is None or (elsewhere and asked.intent != pending.intent):
        return asked
    return replace(asked, intent=pending.intent, confidence=max(asked.confidence, 0.9), chosen=True)


def _card(reading: Reading, catalogue: Catalogue | None) -> list[str]:
    return [reading.card] if reading.card and catalogue and catalogue.find(reading.card) else []


def _latest(new: list[str], old: tuple[str, ...], most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*new, *old]))[:most]
