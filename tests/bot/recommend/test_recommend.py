"""Recommendations: what was asked for, in stock, different from each other, with reasons that the shop wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.recommend.recommend import Want, recommend
from bot.shop import Product
from tests.bot.paper_shop import PaperShop

PRODUCTS: list[Product] = PaperShop().product_rows


def _words(product: Product) -> str:
    return str(product.attributes)


def test_a_budget_is_kept_to() -> None:
    found = recommend(PRODUCTS, Want("两百以内的茶", {"budget": "-20000"}))
    assert len(found) == 3
    assert all(one.variant.price_fen <= 20_000 for one in found)


def test_nothing_sold_out_is_suggested() -> None:
    for text in ("送长辈", "清淡的", "新手", "冬天煮"):
        assert all(one.variant.stock > 0 for one in recommend(PRODUCTS, Want(text, {})))


def test_three_suggestions_are_of_different_kinds() -> None:
    found = recommend(PRODUCTS, Want("推荐几款适合办公室的", {}))
    assert len({one.product.category for one in found}) == 3


def test_every_reason_is_the_shops_own_word() -> None:
    for text in ("送长辈的", "香甜好入口的", "办公室喝的", "花香的"):
        for one in recommend(PRODUCTS, Want(text, {})):
            for reason in one.reasons:
                for word in reason.removeprefix("适合").split("、"):
                    assert word in _words(one.product) or word in ("咖啡因低", "不含咖啡因")


def test_who_cannot_sleep_gets_little_caffeine() -> None:
    found = recommend(PRODUCTS, Want("晚上喝睡不着", {}))
    assert found and all(one.product.attributes["caffeine"] in ("none", "low") for one in found)


def test_who_wants_no_caffeine_gets_none() -> None:
    found = recommend(PRODUCTS, Want("有没有不含咖啡因的", {}))
    assert {one.product.attributes["caffeine"] for one in found} == {"none"}


def test_a_gift_is_fit_to_be_given() -> None:
    found = recommend(PRODUCTS, Want("送长辈", {"recipient": "长辈", "budget": "30000-60000"}, gift=True))
    assert found and all("送礼" in one.product.attributes["fits"] for one in found)


def test_an_impossible_wish_gives_nothing() -> None:
    assert recommend(PRODUCTS, Want("一块钱以内", {"budget": "-100"})) == []


@given(st.text(max_size=40), st.sampled_from(["", "-20000", "10000-", "5000-9000"]), st.booleans())
def test_any_wish_gives_at_most_three(text: str, budget: str, gift: bool) -> None:
    found = recommend(PRODUCTS, Want(text, {"budget": budget} if budget else {}, gift=gift))
    assert len(found) <= 3


@pytest.mark.parametrize("taste", ["清淡", "浓", "花香", "果香", "甜"])
def test_a_taste_is_found(taste: str) -> None:
    assert any(one.reasons for one in recommend(PRODUCTS, Want(f"喜欢{taste}的", {})))
