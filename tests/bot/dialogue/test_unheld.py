"""Which words name a thing that nobody here knows."""

from __future__ import annotations

import pytest

from bot.dialogue.unheld import KnownWords
from intents.loader import load_pack
from tests.support.demo_models import PACK


@pytest.fixture(scope="module")
def words() -> KnownWords:
    return KnownWords(load_pack(PACK))


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("茅台多少钱", "茅台"),
        ("请问你们有没有五粮液", "五粮液"),
        ("咖啡呢", "咖啡"),
        ("茶叶蛋怎么做", "茶叶蛋"),
        ("茅台和五粮液哪个好", "茅台和五粮液"),
        ("红色的衣服有吗", "红色的衣服"),
        ("今天烤鸭多少钱", "烤鸭"),
        ("现在有没有五粮液", "五粮液"),
    ],
)
def test_a_thing_of_other_shops_is_found(words: KnownWords, text: str, thing: str) -> None:
    assert words.find_unheld(text, in_scope=0.9) == thing


@pytest.mark.parametrize(
    "text",
    [
        "这个多少钱",
        "多少钱一斤",
        "它怎么样",
        "礼盒有货吗",
        "运费多少钱",
        "怎么泡",
        "那包装呢",
        "发票怎么样",
        "还有吗",
        "红色的还有吗",
        "有没有黑色的",
        "米白的有货吗",
        "蓝色的多少钱",
        "今天股市怎么样",
        "最近房价如何",
    ],
)
def test_what_the_shop_speaks_of_and_what_only_points_is_left_alone(words: KnownWords, text: str) -> None:
    assert words.find_unheld(text, in_scope=0.9) is None


def test_a_thing_made_of_known_words_is_unheld_only_in_a_foreign_text(words: KnownWords) -> None:
    assert words.find_unheld("礼盒航母多少钱", in_scope=0.9) == "礼盒航母"
    assert words.find_unheld("航母礼盒多少钱", in_scope=0.9) is None
    assert words.find_unheld("航母礼盒多少钱", in_scope=0.1) == "航母礼盒"


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("\0\0的匠人是谁", "匠人"),
        ("\0\0\0的烧制温度是多少", "烧制温度"),
        ("\0\0\0一颗多少卡路里", "卡路里"),
        ("\0\0\0含多少维生素c", "维生素"),
        ("\0\0的快递费是多少", None),
        ("\0\0的保质期是多久", None),
        ("\0\0多少钱", None),
        ("泡\0\0\0\0水烧到几度", None),
        ("匠人是谁", None),
    ],
)
def test_a_property_that_nobody_here_speaks_of_is_found(words: KnownWords, text: str, thing: str | None) -> None:
    assert words.find_unheld_property(text) == thing
