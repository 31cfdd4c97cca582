"""What a wish asks: small readers in two lists, of which the first that speaks wins.

`BY_ITSELF` reads the words alone, before the model's own word is taken. `IN_THE_TALK` then looks at short turns whose
sense hangs on what was said before; where none of them speaks, what the words ask by themselves stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.dialogue.english import read_ask, read_service_ask
from bot.dialogue.heard import Heard
from bot.dialogue.refer import Referred, refer
from bot.dialogue.state import DialogueState
from bot.dialogue.understand import COURTESIES
from bot.dialogue.unheld import KnownWords
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
SURE = 0.6
"""From this confidence on the model's word is taken, where its bands agree."""
FOLLOWS = 0.7
"""How sure is what plain words or the talk lead to."""
_BARE_CHARS = 12
_SUGGESTS = frozenset({"ask_recommendation", "ask_recommendation_gift"})

_LEADS_ON = re.compile(r"^(?:那|那么|要是|如果|换成|还有)?(?P<rest>.{1,16}?)(?:呢|咧|怎么样|如何)[?？。]?$")
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
_SELLS_AT = re.compile("(?:怎么|咋|如何)卖")
_ASKS = re.compile("几|啥|什么|怎么|咋|哪|多少|为何")
_GOES_WITH_IT = re.compile("[配搭](?:着|上)?(?:这|那|它|刚才)|(?:这|那).{1,6}[配搭]")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reader makes of a wish; `adds` are slots that stand in no word of it."""

    intent: str
    confidence: float
    adds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clues:
    """How a wish hangs on the talk and on what the shop holds: found once, and what the readers decide by."""

    itself: Meaning
    """What the words ask by themselves."""
    pointed: Referred | None
    """Which of the goods shown before they point at."""
    unheld: str | None
    """See Asked."""
    unknown: str | None
    """See Asked."""
    coloured: bool
    """They ask whether there is something in a colour."""
    bare: bool
    """They name only a thing or a place, so that the last wish goes on with it."""
    unsure: bool
    """Neither the model nor plain words tell what is asked."""


def find_clues(heard: Heard, words: KnownWords) -> Clues:
    """Look at a wish once for all readers; `words` are the shop's own."""
    itself = _read_by_itself(heard)
    goes_elsewhere = _GOES_WITH_IT.search(heard.plain)
    pointed = refer(heard.plain, heard.state.shown) if heard.nothing and not goes_elsewhere else None
    of_goods = itself.intent in GOODS_INTENTS
    unheld = None
    if heard.catalogue and heard.nothing and pointed is None and (of_goods or "colour" in heard.slots):
        unheld = words.find_unheld(heard.plain, in_scope=heard.wish.understanding.in_scope)
    coloured = unheld is None and pointed is None and _asks_for_colour(heard)
    unknown = None
    one_name = len(heard.found.products) == 1 or (heard.named and not heard.found.products)
    if heard.catalogue and one_name and of_goods and not coloured:
        unknown = words.find_unheld_property(heard.catalogue.unread(heard.plain))
    bare = not coloured and bool(heard.state.last_intents or heard.named) and _is_bare(heard)
    clear = itself.confidence >= SURE or coloured or bare
    return Clues(itself, pointed, unheld, unknown, coloured, bare, unsure=not (heard.understood and clear))


def read_meaning(heard: Heard, clues: Clues) -> Meaning:
    """Return what a wish asks, read in the talk."""
    for reader in IN_THE_TALK:
        if (meaning := reader(heard, clues)) is not None:
            return meaning
    return clues.itself


def _only_its_price(heard: Heard) -> Meaning | None:
    """碧螺春多少钱: a product's name and its price. The words of the name are no wish of their own."""
    if heard.catalogue is None or len(heard.found.products) != 1:
        return None
    product = heard.catalogue.find(heard.found.products[0])
    name = normalise(product.name) if product else ""
    if name and name in heard.plain and _PRICE.fullmatch(heard.plain.replace(name, "", 1)):
        return Meaning("ask_price", 1.0)
    return None


def _plain_english(heard: Heard) -> Meaning | None:
    """How much is the Longjing: the model has learned Chinese, the words say it plainly."""
    read = read_service_ask if heard.nothing else read_ask
    intent = read(heard.plain) if heard.english else None
    return Meaning(intent, max(heard.wish.confidence, FOLLOWS)) if intent else None


def _sells_at(heard: Heard) -> Meaning | None:
    """龙井怎么卖: not how to order, but at what price."""
    if heard.nothing or heard.wish.intent != "how_to_order" or not _SELLS_AT.search(heard.plain):
        return None
    return Meaning("ask_price", heard.wish.confidence)


def _is_there(heard: Heard, clues: Clues) -> Meaning | None:
    """龙井有吗."""
    short = len(heard.plain) <= _BARE_CHARS
    if heard.named and clues.unsure and short and _IS_THERE.search(heard.plain):
        return Meaning("ask_stock", FOLLOWS)
    return None


def _how_much(heard: Heard, clues: Clues) -> Meaning | None:
    """龙井200克多少."""
    if heard.named and "amount" in heard.slots and clues.unsure and _HOW_MUCH.search(heard.plain):
        return Meaning("ask_price", FOLLOWS)
    return None


def _for_a_budget(heard: Heard, clues: Clues) -> Meaning | None:
    """300左右, after something was asked."""
    short = len(heard.plain) <= _BARE_CHARS
    if "budget" in heard.slots and clues.unsure and short and heard.state.last_intents:
        return Meaning("ask_recommendation", FOLLOWS)
    return None


def _another(heard: Heard, clues: Clues) -> Meaning | None:
    """还有别的吗, after a recommendation."""
    suggested = _suggested(heard.state)
    if suggested and heard.nothing and _ANOTHER.search(heard.plain):
        return Meaning(suggested, FOLLOWS, {"another": "yes"})
    return None


def _cheaper(heard: Heard, clues: Clues) -> Meaning | None:
    """有便宜点的吗, after a recommendation."""
    suggested = _suggested(heard.state)
    if suggested and heard.nothing and heard.state.shown and _CHEAPER.search(heard.plain):
        return Meaning(suggested, 1.0, {"cheaper": "yes"})
    return None


def _goes_on(heard: Heard, clues: Clues) -> Meaning | None:
    """坦洋工夫呢: what was asked last, of this one; after others were recommended, what it costs."""
    if not clues.bare:
        return None
    intent = next(iter(heard.state.last_intents), "ask_price")
    if intent in _SUGGESTS and heard.named:
        intent = "ask_price"
    return Meaning(intent, max(clues.itself.confidence, FOLLOWS))


def _in_a_colour(heard: Heard, clues: Clues) -> Meaning | None:
    """红色的还有吗."""
    return Meaning("ask_stock", max(clues.itself.confidence, FOLLOWS)) if clues.coloured else None


BY_ITSELF: tuple[Callable[[Heard], Meaning | None], ...] = (_only_its_price, _plain_english, _sells_at)
"""In this order: a bare name with its price is certain; English is read before the model's guess is corrected."""
IN_THE_TALK: tuple[Callable[[Heard, Clues], Meaning | None], ...] = (
    _is_there,
    _how_much,
    _for_a_budget,
    _another,
    _cheaper,
    _goes_on,
    _in_a_colour,
)
"""In this order: what short words say where nobody was sure, what goes on with a recommendation, then what goes on with
any wish. 还有别的便宜点的吗 asks for others first."""


def _read_by_itself(heard: Heard) -> Meaning:
    for reader in BY_ITSELF:
        if (meaning := reader(heard)) is not None:
            return meaning
    return Meaning(heard.wish.intent, heard.wish.confidence)


def _asks_for_colour(heard: Heard) -> bool:
    """Whether a text asks if there is something in a colour, which is no thing that a shop may lack (红色的还有吗)."""
    elsewhere = heard.understood and heard.wish.confidence >= SURE and heard.wish.intent != "ask_stock"
    return "colour" in heard.slots and not elsewhere and _COLOUR_THERE.search(heard.plain) is not None


def _is_bare(heard: Heard) -> bool:
    """Whether the words name only a thing or place, so that the last wish goes on with it."""
    named = not heard.nothing or bool(heard.slots.keys() & {"place", "size", "amount", "colour"})
    if _LEADS_ON.match(heard.plain) and named and len(heard.plain) <= 14:
        return True
    sure = heard.understood and heard.wish.confidence >= SURE
    alone = named and len(heard.plain) <= 8 and not _ASKS.search(heard.plain)
    return alone and not sure and heard.wish.intent not in COURTESIES


def _suggested(state: DialogueState) -> str | None:
    """Return the wish for a recommendation that was lately made: 还有别的吗 goes on with it."""
    return next((intent for intent in state.last_intents if intent in _SUGGESTS), None)
