"""The guard over numbers."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from bot.replies.digits import unbacked


def test_a_number_that_a_ground_states_may_be_said() -> None:
    assert unbacked("西湖龙井 50g 罐装 148元", ["50g 罐装", "148元"]) == []


def test_a_part_of_a_number_is_not_backed_by_the_whole() -> None:
    assert unbacked("只要28元", ["128元"]) == ["28"]


def test_a_chinese_comma_between_two_numbers_parts_them() -> None:
    assert unbacked("您问的老寿眉饼2016，350g 饼装 588元", ["老寿眉饼2016", "350g 饼装", "588元"]) == []


def test_another_scripts_digits_count_as_well() -> None:
    assert unbacked("现价９９元", []) == ["99"]
    assert unbacked("现价٩٩元", []) == ["99"]
    assert unbacked("第①款", []) == ["1"]


def test_a_rounded_or_summed_number_is_stopped() -> None:
    assert unbacked("一共296元，约等于150元一罐", ["148元", "148元"]) == ["150", "296"]


def in_our_digits(text: str) -> str:
    """Superscripts, circled and foreign digits as ours: a ground that shows ¹ states a 1."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.digit(char, char)) for char in folded)


@example("", 1, ["¹"])
@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=80), st.integers(0, 10**9), st.lists(st.text(max_size=20))
)
def test_a_number_that_no_ground_states_never_passes(text: str, number: int, grounds: list[str]) -> None:
    said = f"{text}，{number}元"
    held = any(re.search(rf"(?<!\d){number}(?!\d)", in_our_digits(ground)) for ground in grounds)
    assert held or str(number) in " ".join(unbacked(said, grounds)) or text[-1:].isdecimal()
