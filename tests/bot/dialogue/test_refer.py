"""Pointing at goods that were shown together."""

from __future__ import annotations

import pytest

from bot.dialogue.refer import Referred, refer

SHOWN = ("a", "b", "c")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("第二个多少钱", Referred(("b",))),
        ("第1款有货吗", Referred(("a",))),
        ("最后一个怎么泡", Referred(("c",))),
        ("前两款有什么区别", Referred(("a", "b"))),
        ("后者呢", Referred(("c",))),
        ("这两款哪个好", Referred(("a", "b"))),
        ("这几款都有货吗", Referred(("a", "b", "c"))),
        ("最便宜的那个呢", Referred(SHOWN, "cheapest")),
        ("哪款最贵", Referred(SHOWN, "dearest")),
    ],
)
def test_the_words_say_which_of_the_goods_shown(text: str, meant: Referred) -> None:
    assert refer(text, SHOWN) == meant


@pytest.mark.parametrize(
    "text", ["第一次喝茶", "第二天能到吗", "第二件半价吗", "第四个呢", "最便宜的绿茶是哪款", "后天发货吗", "多少钱"]
)
def test_other_words_point_at_nothing(text: str) -> None:
    assert refer(text, SHOWN) is None


def test_nothing_is_pointed_at_when_one_thing_or_none_was_shown() -> None:
    assert refer("第一个", ("a",)) is None
