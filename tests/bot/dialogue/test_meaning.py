"""Of the readers of a short turn the first that speaks wins."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogue.heard import Heard
from bot.dialogue.state import DialogueState
from bot.dialogue.topics import find_topic
from bot.dialogue.unheld import KnownWords
from bot.dialogue.wish import Asked, Wish
from bot.gather.catalogue import Found
from bot.handoff.cues import is_english
from bot.understanding.understanding import Understanding
from intents.loader import load_pack
from tests.support.demo_models import PACK

_RECOMMENDED = DialogueState(last_intents=("ask_recommendation",), shown=("a", "b"), products=("a", "b"))
_TWO_SHOWN = DialogueState(last_intents=("ask_taste",), shown=("a", "b"), products=("a",))
_NAMED = Found(products=("c",))


@pytest.fixture(scope="module")
def words() -> KnownWords:
    return KnownWords(load_pack(PACK))


def _read(
    words: KnownWords,
    plain: str,
    *,
    state: DialogueState,
    found: Found = Found(),
    slots: dict[str, str] | None = None,
    intent: str = "chitchat",
    confidence: float = 0.3,
) -> Asked:
    vector: Any = None  # nobody here looks at it
    decision = "answer" if confidence >= 0.6 else "clarify"
    wish = Wish(plain, Understanding(intent, confidence, 0.9, 0.5, decision, (), ()), vector)
    return find_topic(Heard(wish, state, None, found, slots or {}, is_english(plain)), words)


@pytest.mark.parametrize(
    ("plain", "slots", "intent", "adds"),
    [
        ("还有别的吗", {}, "ask_recommendation", {"another"}),
        ("有便宜点的吗", {}, "ask_recommendation", {"cheaper"}),
        ("还有别的便宜点的吗", {}, "ask_recommendation", {"another"}),  # others come before cheaper ones
        ("300左右有便宜点的吗", {"budget": "300"}, "ask_recommendation", set()),  # and what is paid before both
    ],
)
def test_after_a_recommendation(
    words: KnownWords, plain: str, slots: dict[str, str], intent: str, adds: set[str]
) -> None:
    asked = _read(words, plain, state=_RECOMMENDED, slots=slots)
    assert asked.intent == intent and asked.slots.keys() - slots.keys() == adds


def test_what_was_asked_last_goes_on_with_what_is_named(words: KnownWords) -> None:
    asked = _read(words, "坦洋工夫呢", state=_TWO_SHOWN, found=_NAMED)
    assert (asked.intent, asked.products, asked.chosen) == ("ask_taste", ("c",), True)
    asked = _read(words, "坦洋工夫呢", state=_RECOMMENDED, found=_NAMED)
    assert asked.intent == "ask_price"  # a recommendation is over with it


def test_short_words_win_over_what_was_asked_last_only_where_the_model_is_unsure(words: KnownWords) -> None:
    assert _read(words, "坦洋工夫有吗", state=_TWO_SHOWN, found=_NAMED).intent == "ask_stock"
    sure = _read(words, "坦洋工夫有吗", state=_TWO_SHOWN, found=_NAMED, intent="ask_origin", confidence=0.9)
    assert sure.intent == "ask_origin"


def test_words_that_point_come_before_the_goods_in_focus(words: KnownWords) -> None:
    assert _read(words, "第二个怎么样", state=_TWO_SHOWN).products == ("b",)
    assert _read(words, "它怎么样", state=_TWO_SHOWN).products == ("a",)
    dearer = _read(words, "和坦洋工夫哪个贵", state=_TWO_SHOWN, found=_NAMED)
    assert (dearer.products, dearer.slots["extreme"], dearer.intent) == (("a", "c"), "dearest", "ask_price")


def test_english_words_are_read_plainly(words: KnownWords) -> None:
    assert _read(words, "how much is this one", state=DialogueState(), found=_NAMED).intent == "ask_price"
    assert _read(words, "where is my order", state=DialogueState()).intent == "order_status"
