"""Texts that mean the same are spelled the same."""

from __future__ import annotations

import pytest

from bot.understanding.ngrams import character_grams, words
from bot.understanding.normalise import MAX_CHARS, normalise


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("我想退貨！！！", "我想退货!"),
        ("好好好好好的", "好好的"),
        ("订单1000000", "订单1000000"),
        ("在吗😀😀", "在吗"),
        ("😀", "😀"),
        ("在\u200b吗\ufeff", "在 吗"),
        ("  a \n\t b ", "a b"),
        ("", ""),
        ("\u3000", ""),
    ],
)
def test_a_text_gets_its_plain_spelling(text: str, plain: str) -> None:
    assert normalise(text) == plain


def test_normalising_twice_changes_nothing_more() -> None:
    once = normalise("請問！！這個ＴＥＡ怎麼賣???😀")
    assert normalise(once) == once


def test_a_pasted_novel_is_cut_short() -> None:
    assert len(normalise("茶" * 20 + "水和" * 500_000)) <= MAX_CHARS


def test_words_of_both_scripts_are_split() -> None:
    assert words("我要买green tea 2盒") == ["我要", "买", "green", "tea", "2", "盒"]


def test_character_runs_stay_within_a_word_of_letters() -> None:
    grams = set(character_grams("tea 茶"))
    assert "^te" in grams and "茶" in grams and not any("a 茶" in gram for gram in grams)
