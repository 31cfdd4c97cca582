"""Budgets in customers' words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.amounts import Budget, find_budget


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("200元以内", (None, 20000)),
        ("两百块以内的", (None, 20000)),
        ("预算300", (18000, 36000)),
        ("一百五左右", (9000, 18000)),
        ("100到200", (10000, 20000)),
        ("100-200元", (10000, 20000)),
        ("不超过五百", (None, 50000)),
        ("一千以上", (100000, None)),
        ("500以内推荐一下", (None, 50000)),
        ("三百来块", (18000, 36000)),
    ],
)
def test_a_budget_is_read(text: str, budget: tuple[int | None, int | None]) -> None:
    assert find_budget(text) == Budget(*budget)


@pytest.mark.parametrize("text", ["3天以内能到吗", "来两罐", "7天无理由", "泡3克", "", "推荐一款绿茶"])
def test_other_numbers_are_no_budget(text: str) -> None:
    assert find_budget(text) is None


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    found = find_budget(text)
    assert found is None or Budget.from_text(found.as_text()) == found
