"""Questions in English."""

from __future__ import annotations

import pytest

from bot.dialogue.english import name_goods, read_ask, read_service_ask
from bot.handoff.cues import is_english


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("how much is longjing?", "龙井"),
        ("do you have da hong pao", "大红袍"),
        ("how do i brew ripe pu-erh", "熟普"),
        ("puer or tieguanyin", "铁观音 普洱茶"),
        ("where is my order", ""),
    ],
)
def test_english_names_are_read_as_ours(text: str, names: str) -> None:
    assert name_goods(text) == names


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("how much is longjing?", "ask_price"),
        ("how much tea should i use to brew it", "ask_brewing"),
        ("do you have gaiwan", "ask_stock"),
        ("hello", None),
    ],
)
def test_plain_words_tell_what_is_asked(text: str, intent: str | None) -> None:
    assert read_ask(text) == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("where is my package", "track_parcel"),
        ("what is your return policy", "return_goods"),
        ("can i get a refund?", "return_goods"),
        ("when will i get my refund", "refund_status"),
        ("when will you ship my order", "shipping_time"),
        ("i want to cancel my order", "cancel_order"),
        ("how do i reset my iphone", None),
        ("who won the game last night", None),
        ("where is my mind", None),
    ],
)
def test_plain_words_tell_what_is_asked_of_the_shop(text: str, intent: str | None) -> None:
    assert read_service_ask(text) == intent


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("can i return it?", True),
        ("https://example.com/item/1.html", False),
        ("[orderid_10362713]", False),
        ("ok", False),
        ("快递 ems 行吗", False),
    ],
)
def test_english_is_words_not_links_or_numbers(text: str, english: bool) -> None:
    assert is_english(text) is english
