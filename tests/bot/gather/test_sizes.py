"""Which sizes of a product are told: those that the words mean, and none that they set aside."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.dialogue.slots import SlotReader
from bot.dialogue.wish import Asked
from bot.gather.sizes import pick_variants
from bot.shop import Product, Variant
from intents.loader import load_pack

_LABELS = ("10g 试饮装", "50g 罐装", "100g 罐装", "250g 礼罐装")


def _tea() -> Product:
    variants = tuple(
        Variant(f"T-{place}", "T", label, 1_000 * place, 9, 10 * place) for place, label in enumerate(_LABELS, start=1)
    )
    return Product("T", "龙井", (), "绿茶", "", {}, (), "", "", "", variants, "products.csv:2")


@pytest.fixture(scope="module")
def reader() -> SlotReader:
    return SlotReader(load_pack(Path("intents/packs/retail_zh")))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("龙井多少钱", [1, 2, 3, 4]),
        ("龙井50g多少钱", [2]),
        ("龙井试饮装多少钱", [1]),
        ("不要试饮装的龙井多少钱", [2, 3, 4]),
        ("龙井除了50克的都多少钱", [1, 3, 4]),
        ("龙井我拍的是不是50克的", [2]),
        ("龙井要不要试饮装先尝尝", [1]),
        ("不要礼罐装，龙井最便宜的多少钱", [1]),
        ("不要试饮装，龙井最便宜的多少钱", [2]),
    ],
)
def test_the_sizes_that_are_told(reader: SlotReader, text: str, told: list[int]) -> None:
    asked = cast(Asked, cast(Any, SimpleNamespace(slots=dict(reader.read(text)))))
    variants, narrowed = pick_variants(_tea(), asked)
    assert [variant.sku for variant in variants] == [f"T-{place}" for place in told]
    assert narrowed == (len(told) < len(_LABELS))
