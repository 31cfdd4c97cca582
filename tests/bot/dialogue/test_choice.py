"""Answers to what the bot asked."""

from __future__ import annotations

import pytest

from bot.dialogue.choice import agrees, pick
from bot.dialogue.state import Choice

TEAS = (
    Choice("凤凰单丛·鸭屎香", "凤凰单丛·鸭屎香"),
    Choice("凤凰单丛·蜜兰香", "凤凰单丛·蜜兰香"),
    Choice("漳平水仙茶饼", "水仙"),
)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1", 0),
        ("第一个", 0),
        ("第2个", 1),
        ("要第三款", 2),
        ("２", 1),
        ("前者", 0),
        ("后者", 2),
        ("鸭屎香", 0),
        ("水仙", 2),
        ("凤凰单丛·蜜兰香", 1),
        ("选蜜兰香吧", None),
        ("第二款吧", 1),
    ],
)
def test_a_choice_is_made_by_press_number_or_words(text: str, place: int | None) -> None:
    if place is not None:
        assert pick(text, TEAS) == TEAS[place]


@pytest.mark.parametrize("text", ["单丛", "龙井多少钱", "", "4", "都不是"])
def test_words_that_name_none_or_several_choose_nothing(text: str) -> None:
    assert pick(text, TEAS) is None


@pytest.mark.parametrize("text", ["好的", "嗯", "是的，麻烦了", "可以", "确认", "行吧", "对", "OK"])
def test_a_yes_is_heard(text: str) -> None:
    assert agrees(text) is True


@pytest.mark.parametrize("text", ["不用了", "算了", "先不用", "不要", "别取消"])
def test_a_no_is_heard(text: str) -> None:
    assert agrees(text) is False


@pytest.mark.parametrize("text", ["龙井多少钱", "我再问问我老婆的意见然后决定", "取消要多久退款"])
def test_something_else_is_neither(text: str) -> None:
    assert agrees(text) is None
