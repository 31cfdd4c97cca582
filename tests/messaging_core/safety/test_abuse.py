"""The learned abuse score: what a human should look at scores high, complaints and talk do not."""

from __future__ import annotations

import pytest

from messaging_core.safety.abuse import Head, shipped_head
from messaging_core.safety.fitting import fit
from messaging_core.settings import Safety

HOLD = Safety().abuse_score


@pytest.mark.parametrize("text", ["你这种人渣怎么不去死", "你们全是没人要的废物，赶紧滚", "信不信我找人堵你！"])
def test_an_abusive_text_is_held(text: str) -> None:
    assert shipped_head().score(text) >= HOLD


@pytest.mark.parametrize(
    "text",
    [
        "",
        "🍵",
        "hello",
        "龙井还有货吗",
        "物流太慢了，我要投诉你们",
        "垃圾袋怎么卖",
        "别骂人，有话好好说",
        "你好",
        "我好笨啊",
    ],
)
def test_talk_and_complaints_are_left_alone(text: str) -> None:
    assert shipped_head().score(text) < HOLD


def test_the_same_texts_give_the_same_head_and_it_scores_as_it_was_fitted() -> None:
    abusive, ordinary = ["你是坏人", "坏人滚开", "坏人走开"] * 3, ["你是好人", "好人请坐", "好人请喝茶"] * 3
    first, second = fit(abusive, ordinary), fit(abusive, ordinary)
    assert first == second
    assert Head(first).score("坏人") > 0.5 > Head(first).score("好人")
