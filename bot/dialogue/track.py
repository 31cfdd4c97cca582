"""The track stage: what the turn says against what the session remembers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.dialogue.choice import agrees, pick
from bot.dialogue.english import name_goods, read_ask, read_service_ask
from bot.dialogue.refer import Extreme, Referred, refer, refer_to_size
from bot.dialogue.slots import SlotReader
from bot.dialogue.state import Choice, DialogueState, Pending, changed
from bot.dialogue.understand import COURTESIES
from bot.dialogue.unheld import KnownWords
from bot.dialogue.wish import Asked, Reading, Tracked, Wish
from bot.gather.catalogue import Catalogue, Found
from bot.gather.shop_view import ShopView
from bot.handoff.cues import find_cues, is_english
from bot.shop import ShopUnavailable
from bot.turn import Turn
from bot.understanding.normalise import normalise

# Wishes about a product: they take the one in focus when the words name none.
PRODUCT_INTENTS = frozenset(
    [
        "ask_price",
        "ask_stock",
        "ask_spec",
        "ask_origin",
        "ask_taste",
        "ask_caffeine",
        "ask_brewing",
        "ask_storage",
        "ask_shelf_life",
        "ask_sample",
        "compare_products",
        "how_to_order",
    ]
)
# Wishes in whose words a thing to buy or to use stands; others only sound so (保修呢).
GOODS_INTENTS = PRODUCT_INTENTS | {"ask_recommendation", "ask_suitability", "bargain"}
_LEADS_ON = re.compile(r"^(?:那|那么|要是|如果|换成|还有)?(?P<rest>.{1,16}?)(?:呢|咧|怎么样|如何)[?？。]?$")
_POINTS_BACK = re.compile("这|那|它|刚才|刚刚|上面|第[一二三]")
_ADDRESS = re.compile(
    "(?:省|市|区|县|镇|乡|路|街|道|巷|村|号|弄|栋|幢|室|小区|大厦|公寓|校区).*(?:\\d|路|街|号|室|村|小区|大厦|公寓|校区)"
)
# Short turns whose sense hangs on what was said before; a model that reads them alone guesses.
_IS_THERE = re.compile("有(?:吗|嘛|么|没有|不)|^有没有|有卖|卖吗|能买|买得到")
_COLOUR_THERE = re.compile("有.{0,8}[吗嘛么没不呢]|有没有|还有|有货|有卖|卖吗")
_ANOTHER = re.compile("(?:还有|看看)(?:别的|其他|其它)|换(?:一批|几款|一款|别的)|别的(?:呢|吗|有)")
_HOW_MUCH = re.compile("(?:多少|几块|多钱)[呀啊呢]?[?？。]?$")
_PRICE = re.compile(
    "(?:请问|你们?家?|的|这个|现在|一|盒|罐|份)*"
    "(?:多少钱|多钱|什么价格?|啥价|怎么卖|几块钱?|价格(?:多少|是多少)?)[呀啊呢]?[?？。]?"
)
_CHEAPER = re.compile("更便宜|再便宜|(?:便宜|实惠)(?:一?点|些)的|(?:价格|价位)低(?:一?点|些)")
_WHICH = re.compile("(?:哪|谁).{0,3}(?P<dear>便宜|实惠|划算|贵)")
_SELLS_AT = re.compile("(?:怎么|咋|如何)卖")
_ASKS = re.compile("几|啥|什么|怎么|咋|哪|多少|为何")
_GOES_WITH_IT = re.compile("[配搭](?:着|上)?(?:这|那|它|刚才)|(?:这|那).{1,6}[配搭]")
_SURE, _FOLLOWS, _BARE_CHARS = 0.6, 0.7, 12
_SUGGESTS = frozenset({"ask_recommendation", "ask_recommendation_gift"})
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
            one = self._ask(wish, state=state, catalogue=catalogue, whole=whole, alone=len(wishes) == 1)
            found.append(one)
            if one.named:
                state = changed(state, products=_latest(list(one.products), state.products, 8))
        return tuple(found)

    def _ask(self, wish: Wish, *, state: DialogueState, catalogue: Catalogue | None, whole: str, alone: bool) -> Asked:
        found = catalogue.link(wish.plain) if catalogue else Found()
        if not (found.products or found.groups or found.ambiguous) and catalogue and alone:
            found = catalogue.link(whole)
        english = is_english(wish.plain)
        if english and catalogue and not found.products and (names := name_goods(wish.plain)):
            found = catalogue.link(names)
        slots = dict(self.slots.read(wish.plain))
        intent, confidence = wish.intent, wish.confidence
        nothing = not (found.products or found.groups or found.ambiguous)
        if catalogue and (sized := _of_size(wish, found, state, catalogue, slots)) is not None:
            return sized
        pointed = refer(wish.plain, state.shown) if nothing and not _GOES_WITH_IT.search(wish.plain) else None
        if english and (plainly := (read_service_ask if nothing else read_ask)(wish.plain)):
            intent, confidence = plainly, max(confidence, _FOLLOWS)
        if catalogue and len(found.products) == 1 and _only_its_price(wish.plain, found.products[0], catalogue):
            intent, confidence = "ask_price", 1.0
        if not nothing and intent == "how_to_order" and _SELLS_AT.search(wish.plain):
            intent = "ask_price"
        unheld = None
        if nothing and pointed is None and catalogue and (intent in GOODS_INTENTS or "colour" in slots):
            unheld = self.words.find_unheld(wish.plain, in_scope=wish.understanding.in_scope)
        coloured = unheld is None and pointed is None and _asks_for_colour(wish, slots)
        if coloured:
            intent, confidence = "ask_stock", max(confidence, _FOLLOWS)
        unknown = None
        if catalogue and len(found.products) == 1 and intent in GOODS_INTENTS and not coloured:
            unknown = self.words.find_unheld_property(catalogue.unread(wish.plain))
        leads_on = _LEADS_ON.match(wish.plain)
        goes_on = bool(state.last_intents or found.products)
        bare = goes_on and not coloured and _is_bare(wish, found, slots, leads_on is not None)
        if bare:
            intent, confidence = next(iter(state.last_intents), "ask_price"), max(confidence, _FOLLOWS)
            if intent in _SUGGESTS and found.products:
                intent = "ask_price"  # 坦洋工夫呢, after others were recommended: what of this one
        unsure = wish.understanding.decision != "answer" or confidence < _SURE
        if found.products and unsure and len(wish.plain) <= _BARE_CHARS and _IS_THERE.search(wish.plain):
            intent, confidence = "ask_stock", _FOLLOWS
        elif found.products and "amount" in slots and unsure and _HOW_MUCH.search(wish.plain):
            intent, confidence = "ask_price", _FOLLOWS
        elif "budget" in slots and unsure and len(wish.plain) <= _BARE_CHARS and state.last_intents:
            intent, confidence = "ask_recommendation", _FOLLOWS
        elif nothing and (suggested := _suggested(state)) and _ANOTHER.search(wish.plain):
            intent, confidence, slots = suggested, _FOLLOWS, {**slots, "another": "yes"}
        elif nothing and state.shown and (suggested := _suggested(state)) and _CHEAPER.search(wish.plain):
            return Asked(wish, suggested, 1.0, slots={**slots, "cheaper": "yes"}, chosen=True)
        if pointed is not None:
            return _pointing(wish, pointed, intent, confidence, slots)
        products, named = found.products, bool(found.products)
        in_focus = nothing and unheld is None
        if in_focus and state.products and (intent in PRODUCT_INTENTS or _POINTS_BACK.search(wish.plain)):
            products = state.products[: 2 if intent == "compare_products" else 1]
        elif len(products) == 1 and state.products[:1] != products and state.products and _WHICH.search(wish.plain):
            pair = (state.products[0], *products)
            return _pointing(wish, Referred(pair, _extreme(wish.plain)), intent, confidence, slots)
        elif intent == "compare_products" and len(products) == 1 and state.products and not found.groups:
            products = tuple(dict.fromkeys([*products, state.products[0]]))
        orders = (slots["order_no"],) if "order_no" in slots else state.orders[:1]
        return Asked(
            wish, intent, confidence, products, named, found.ambiguous, found.groups, orders, slots, unheld=unheld,
            chosen=coloured or (bare and named), unknown=unknown,
        )  # fmt: skip


def _of_size(
    wish: Wish, found: Found, state: DialogueState, catalogue: Catalogue, slots: dict[str, str]
) -> Asked | None:
    """Return a wish about one size by its place in the list; None when the words point at none.

    The list is the one that was told last, else the shop's own. `size_sku` is the size, empty where the list is
    shorter.
    """
    spoken = found.products if len(found.products) == 1 else state.products[:1]
    nothing = not (found.products or found.groups or found.ambiguous)
    if not spoken or not (nothing or found.products == spoken):
        return None
    told = state.sizes if nothing and state.sizes is not None and state.sizes.product == spoken[0] else None
    # After goods that were shown together, 第二个 is the second of those.
    place = refer_to_size(wish.plain, listed=told is not None and spoken[0] not in state.shown)
    product = catalogue.find(spoken[0])
    sure = wish.understanding.decision == "answer" and wish.confidence >= _SURE and wish.intent not in COURTESIES
    if place is None or product is None or (sure and wish.intent not in PRODUCT_INTENTS):
        return None
    listed = told.skus if told is not None else tuple(variant.sku for variant in product.variants)
    sku = listed[place] if place < len(listed) else ""
    intent = wish.intent if sure and wish.intent not in ("ask_spec", "compare_products") else "ask_price"
    return Asked(wish, intent, 1.0, spoken, named=True, slots={**slots, "size_sku": sku}, chosen=True)


def _asks_for_colour(wish: Wish, slots: dict[str, str]) -> bool:
    """Whether a text asks if there is something in a colour, which is no thing that a shop may lack (红色的还有吗)."""
    elsewhere = wish.understanding.decision == "answer" and wish.confidence >= _SURE and wish.intent != "ask_stock"
    return "colour" in slots and not elsewhere and _COLOUR_THERE.search(wish.plain) is not None


def _suggested(state: DialogueState) -> str | None:
    """Return the wish for a recommendation that was lately made: 还有别的吗 goes on with it."""
    return next((intent for intent in state.last_intents if intent in _SUGGESTS), None)


def _pointing(wish: Wish, pointed: Referred, intent: str, confidence: float, slots: dict[str, str]) -> Asked:
    """Return a wish about goods that were shown: the words say which, the model what is asked of them."""
    if pointed.extreme is not None:
        return Asked(wish, "ask_price", 1.0, pointed.products, slots={**slots, "extreme": pointed.extreme}, chosen=True)
    if intent == "compare_products" and len(pointed.products) == 1:
        intent = "ask_price"
    sure = wish.understanding.decision == "answer" and confidence >= _SURE and intent not in COURTESIES
    if intent not in PRODUCT_INTENTS and not sure:
        # 第二个吧, 要最后一款: who points and asks nothing else wants to know what it costs.
        intent, confidence = ("compare_products" if len(pointed.products) > 1 else "ask_price"), _FOLLOWS
    return Asked(wish, intent, max(confidence, _FOLLOWS), pointed.products, named=True, slots=slots)


def _only_its_price(plain: str, product_id: str, catalogue: Catalogue) -> bool:
    """Whether a text is a product's name and asks its price: the words of the name are no wish of their own."""
    product = catalogue.find(product_id)
    name = normalise(product.name) if product else ""
    return bool(name) and name in plain and _PRICE.fullmatch(plain.replace(name, "", 1)) is not None


def _extreme(plain: str) -> Extreme:
    found = _WHICH.search(plain)
    return "dearest" if found and found["dear"] == "贵" else "cheapest"


def _is_bare(wish: Wish, found: Found, slots: dict[str, str], leads_on: bool) -> bool:
    """Whether the words name only a thing or place, so that the last wish goes on with it."""
    named = bool(
        found.products or found.groups or found.ambiguous or slots.keys() & {"place", "size", "amount", "colour"}
    )
    if leads_on and named and len(wish.plain) <= 14:
        return True
    sure = wish.understanding.decision == "answer" and wish.confidence >= _SURE
    alone = named and len(wish.plain) <= 8 and not _ASKS.search(wish.plain)
    return alone and not sure and wish.intent not in COURTESIES


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
