"""Listed words are found in all their disguises, and ordinary sentences are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.base.errors import ConfigError
from messaging_core.safety.screening import Screener, Word, read_words

WORDS = ("微信", "加微信", "赌博", "骗子", "白粉", "傻瓜", "刷单", "发票代开", "sb", "法轮")
SCREENER = Screener([Word(word, "test") for word in WORDS])


def found(text: str) -> list[tuple[str, str, str]]:
    return [(hit.word.text, text[hit.start : hit.end], hit.disguise) for hit in SCREENER.screen(text)]


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("请加微信聊", ("加微信", "加微信", "plain")),
        ("買發票代開的", ("发票代开", "發票代開", "script")),
        ("有人说你ＳＢ", ("sb", "ＳＢ", "script")),
        ("加 微 信", ("加微信", "加 微 信", "spaced")),
        ("一起赌*博吧", ("赌博", "赌*博", "spaced")),
        ("刷\u200b单赚钱", ("刷单", "刷\u200b单", "spaced")),
        ("刷🍵单", ("刷单", "刷🍵单", "spaced")),
        ("jia weixin", ("加微信", "jia weixin", "pinyin")),
        ("加wei信", ("加微信", "加wei信", "pinyin")),
        ("w e i x i n 聊", ("微信", "w e i x i n", "pinyin")),
        ("ＷＥＩＸＩＮ：abc", ("微信", "ＷＥＩＸＩＮ", "pinyin")),
        ("加薇信", ("加微信", "加薇信", "homophone")),
        ("家威芯聊", ("加微信", "家威芯", "homophone")),
        ("马扁子", ("骗子", "马扁子", "split")),
        ("贝者十尃", ("赌博", "贝者十尃", "split")),
    ],
)
def test_a_disguised_word_is_found_at_its_place(text: str, hit: tuple[str, str, str]) -> None:
    assert found(text) == [hit]


@pytest.mark.parametrize(
    "text",
    [
        "蛋白粉多少钱",  # the tail of an ordinary word
        "权威信任的品牌",  # two words that meet
        "戊戌维新变法",  # an ordinary word of the same sound
        "转usb接口",  # letters inside letters
        "茶味很微。信不信由你",  # across the end of a sentence
        "made in china",
        "",
        "🍵",
        "12345",
    ],
)
def test_an_ordinary_text_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_longer_word_wins_over_one_inside_it() -> None:
    assert found("加微信") == [("加微信", "加微信", "plain")]


def test_every_hit_of_a_text_is_told_in_order() -> None:
    assert [hit[0] for hit in found("刷单的骗子，加微信")] == ["刷单", "骗子", "加微信"]


@given(st.text(max_size=60))
def test_any_text_is_screened_and_places_lie_within_it(text: str) -> None:
    for hit in SCREENER.screen(text):
        assert 0 <= hit.start < hit.end <= len(text)


@given(before=st.text(alphabet="，。 好的茶", max_size=8), word=st.sampled_from(("发票代开", "刷单", "赌博")))
def test_a_listed_word_is_found_whatever_stands_before_it(before: str, word: str) -> None:
    assert word in [hit[0] for hit in found(before + word)]


def test_an_empty_list_finds_nothing() -> None:
    assert Screener([]).screen("加微信") == ()


def test_a_word_list_is_read_with_its_categories(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("\ufeff# 联系方式\n微信\tcontact\n\n刷单\tfraud\n骗子\n", encoding="utf-8")
    assert read_words(file) == [Word("微信", "contact"), Word("刷单", "fraud"), Word("骗子", "other")]


@pytest.mark.parametrize(("content", "place"), [("好\n\tcontact\n".encode(), ":2:"), (("字" * 33).encode(), ":1:")])
def test_a_bad_line_of_a_word_list_is_named(tmp_path: Path, content: bytes, place: str) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=place):
        read_words(file)


def test_a_word_list_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes("微信".encode("gbk"))
    with pytest.raises(ConfigError, match="UTF-8"):
        read_words(file)
