"""What a wish is about: readers of which the first that speaks wins, in the order of `TOPICS`; the last always does."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.dialogue.heard import Heard
from bot.dialogue.meaning import FOLLOWS, PRODUCT_INTENTS, SURE, Clues, Meaning, find_clues, read_meaning
from bot.dialogue.refer import Extreme, Referred, refer_to_size
from bot.dialogue.state import DialogueState
from bot.dialogue.understand import COURTESIES
from bot.dialogue.unheld import KnownWords
from bot.dialogue.wish import Asked

_POINTS_BACK = re.compile("这|那|它|刚才|刚刚|上面|第[一二三]")
_WHICH = re.compile("(?:哪|谁).{0,3}(?P<dear>便宜|实惠|划算|贵)")


def find_topic(heard: Heard, words: KnownWords) -> Asked:
    """Return what a wish asks and of what."""
    if (sized := _of_size(heard)) is not None:
        return sized
    clues = find_clues(heard, words)
    meaning = read_meaning(heard, clues)
    for reader in TOPICS:
        if (asked := reader(heard, clues, meaning)) is not None:
            return asked
    return _of_what_is_named(heard, clues, meaning)


def _of_size(heard: Heard) -> Asked | None:
    """Return a wish about one size by its place in the list; None when the words point at none.

    The list is the one that was told last, else the shop's own. `size_sku` is the size, empty where the list is
    shorter.
    """
    wish, state, found = heard.wish, heard.state, heard.found
    spoken = found.products if len(found.products) == 1 else state.products[:1]
    if heard.catalogue is None or not spoken or not (heard.nothing or found.products == spoken):
        return None
    told = state.sizes if heard.nothing and state.sizes is not None and state.sizes.product == spoken[0] else None
    # After goods that were shown together, 第二个 is the second of those.
    place = refer_to_size(wish.plain, listed=told is not None and spoken[0] not in state.shown)
    product = heard.catalogue.find(spoken[0])
    sure = heard.understood and wish.confidence >= SURE and wish.intent not in COURTESIES
    if place is None or product is None or (sure and wish.intent not in PRODUCT_INTENTS):
        return None
    listed = told.skus if told is not None else tuple(variant.sku for variant in product.variants)
    sku = listed[place] if place < len(listed) else ""
    intent = wish.intent if sure and wish.intent not in ("ask_spec", "compare_products") else "ask_price"
    return Asked(wish, intent, 1.0, spoken, named=True, slots={**heard.slots, "size_sku": sku}, chosen=True)


def _of_cheaper_ones(heard: Heard, clues: Clues, meaning: Meaning) -> Asked | None:
    """Cheaper ones than those that were recommended: nothing else in the words counts."""
    if "cheaper" not in meaning.adds:
        return None
    return Asked(heard.wish, meaning.intent, meaning.confidence, slots={**heard.slots, **meaning.adds}, chosen=True)


def _of_those_shown(heard: Heard, clues: Clues, meaning: Meaning) -> Asked | None:
    """第二个, 最便宜的那款: some of the goods that were shown together."""
    return _pointing(heard, clues.pointed, meaning) if clues.pointed is not None else None


def _of_this_or_the_last(heard: Heard, clues: Clues, meaning: Meaning) -> Asked | None:
    """和大红袍比哪个便宜: the one that is named, against the one spoken of before."""
    named, before = heard.found.products, heard.state.products[:1]
    if len(named) != 1 or not before or before == named or not _WHICH.search(heard.plain):
        return None
    return _pointing(heard, Referred((*before, *named), _extreme(heard.plain)), meaning)


def _of_what_is_named(heard: Heard, clues: Clues, meaning: Meaning) -> Asked:
    """The goods that the words name, else those in focus, where the wish is about goods or points back."""
    found, state, slots = heard.found, heard.state, {**heard.slots, **meaning.adds}
    products, compares = found.products, meaning.intent == "compare_products"
    ambiguous = found.ambiguous
    if heard.nothing and clues.unheld is None:
        if meaning.intent in PRODUCT_INTENTS and (offered := _offered(state)):
            ambiguous = offered
        elif meaning.intent in PRODUCT_INTENTS or _POINTS_BACK.search(heard.plain):
            products = state.products[: 2 if compares else 1]
    elif compares and len(products) == 1 and not found.groups:
        products = tuple(dict.fromkeys([*products, *state.products[:1]]))
    named = bool(found.products or ambiguous)
    return Asked(
        heard.wish,
        meaning.intent,
        meaning.confidence,
        products,
        named,
        ambiguous,
        found.groups,
        orders=(slots["order_no"],) if "order_no" in slots else state.orders[:1],
        slots=slots,
        chosen=clues.coloured or (clues.bare and named),
        unheld=clues.unheld,
        unknown=clues.unknown,
    )


def _offered(state: DialogueState) -> tuple[str, ...]:
    """The goods of which the bot has just asked which one is meant: 那有货吗 speaks of these."""
    asked = state.pending.choices if state.pending and state.pending.kind == "product" else ()
    return tuple(choice.product for choice in asked if choice.product)


TOPICS: tuple[Callable[[Heard, Clues, Meaning], Asked | None], ...] = (
    _of_cheaper_ones,
    _of_those_shown,
    _of_this_or_the_last,
)
"""Before what is named: what was recommended, what was shown, what is weighed against the goods spoken of before."""


def _pointing(heard: Heard, pointed: Referred, meaning: Meaning) -> Asked:
    """Return a wish about goods that were shown: the words say which, the model what is asked of them."""
    wish, intent, confidence, slots = heard.wish, meaning.intent, meaning.confidence, {**heard.slots, **meaning.adds}
    if pointed.extreme is not None:
        return Asked(wish, "ask_price", 1.0, pointed.products, slots={**slots, "extreme": pointed.extreme}, chosen=True)
    if intent == "compare_products" and len(pointed.products) == 1:
        intent = "ask_price"
    sure = heard.understood and confidence >= SURE and intent not in COURTESIES
    if intent not in PRODUCT_INTENTS and not sure:
        # 第二个吧, 要最后一款: who points and asks nothing else wants to know what it costs.
        intent, confidence = ("compare_products" if len(pointed.products) > 1 else "ask_price"), FOLLOWS
    return Asked(wish, intent, max(confidence, FOLLOWS), pointed.products, named=True, slots=slots)


def _extreme(plain: str) -> Extreme:
    found = _WHICH.search(plain)
    return "dearest" if found and found["dear"] == "贵" else "cheapest"
