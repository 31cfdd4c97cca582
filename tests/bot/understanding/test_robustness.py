"""The same wish in other clothes gets the same answer: scripts, width, emoji, punctuation, pinyin, slips of typing."""

from __future__ import annotations

from importlib import resources

import opencc
import pytest

from bot.training.typed_words import typed_words
from bot.understanding.hybrid import Understander
from bot.understanding.normalise import normalise
from bot.understanding.typed_pinyin import read_typed_pinyin, split_pinyin
from tests.bot.conftest import SENTENCES

TEXTS = [text for name, texts in SENTENCES.items() if name is not None for text in texts]


def wide(text: str) -> str:
    """Half-width signs as full-width ones."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


@pytest.mark.parametrize(
    "clothe",
    [
        opencc.OpenCC("s2t").convert,
        wide,
        lambda text: f"{text}😊🙏",
        lambda text: f"  {text}！！！",
        lambda text: f"{text}\u200b\ufeff",
        str.upper,
    ],
    ids=["traditional", "full-width", "emoji", "marks", "invisible", "capitals"],
)
def test_other_clothes_change_no_answer(clothe: object, understander: Understander) -> None:
    assert callable(clothe)
    plain = understander.understand_many(TEXTS)
    clothed = understander.understand_many([clothe(text) for text in TEXTS])
    assert [one.intent for one in plain] == [one.intent for one in clothed]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tuihuo", "退货"),
        ("shenme shihou fahuo", "什么时候发货"),
        ("zhuan rengong", "转人工"),
        ("转rengong", "转人工"),
        ("duo shao qian", "多少钱"),
        ("woyaotuihuo", "我要退货"),
        ("shen me shi hou fa huo", "什么时候发货"),
        ("zhuan ren gong", "转人工"),
    ],
)
def test_typed_pinyin_is_read_as_characters(typed: str, meant: str, understander: Understander) -> None:
    assert normalise(typed) == meant
    assert understander.understand(typed).intent == understander.understand(meant).intent


@pytest.mark.parametrize(
    "text",
    [
        "where is my order",
        "can i return this",
        "hello",
        "ok",
        "用ems发",
        "iphone壳",
        "vip",
        "how much",
        "a",
        "xl码",
        "can he do",
        "the men ran",
    ],
)
def test_english_and_names_stay(text: str) -> None:
    assert read_typed_pinyin(text) == text


def test_syllables_are_split_the_fewest_way() -> None:
    assert split_pinyin("tuihuo") == ("tui", "huo")
    assert split_pinyin("xi'an") in (("xi", "an"), None)
    assert split_pinyin("hello") is None


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("我想退或", "我想退货"),
        ("什麼時侯发货", "什么时候发货"),
        ("转人公", "转人工"),
        ("多少前一斤", "多少钱一斤"),
        ("怎么申情退货", "怎么申请退货"),
        ("几天能道", "几天能到"),
    ],
)
def test_a_slip_of_typing_changes_no_answer(slip: str, meant: str, understander: Understander) -> None:
    assert understander.understand(slip).intent == understander.understand(meant).intent


def test_the_shipped_words_are_those_of_our_pack() -> None:
    """Up to what the pack gained since they were made."""
    shipped = resources.files("bot.understanding").joinpath("typed_words.txt").read_text("utf-8").splitlines()
    ours = {(syllables, word) for syllables, word, _ in typed_words()}
    kept = [tuple(line.split("\t")[:2]) in ours for line in shipped if not line.startswith("#")]
    assert sum(kept) / len(kept) >= 0.97


@pytest.mark.parametrize("nothing", ["", "   ", "\u3000\n", "\u200b"])
def test_of_no_words_nothing_is_answered(nothing: str, understander: Understander) -> None:
    alone, beside = understander.understand(nothing), understander.understand_many(["转人工", nothing])
    assert (alone.decision, alone.in_scope) == (beside[1].decision, beside[1].in_scope) == ("decline", 0.0)
    assert beside[0].decision == "answer"
