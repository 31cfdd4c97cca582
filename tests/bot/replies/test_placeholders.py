"""Placeholders: every form of the grammar, as of the turn, and nothing that does not hold."""

from __future__ import annotations

import asyncio

import pytest

from bot.replies.placeholders import ShopFacts, UnfillableError, fill, has_places
from bot.replies.render import money
from tests.bot.paper_shop import PaperShop, us

SHOP = PaperShop()
NOW = us("2026-11-22T16:00:00+08:00")


def _facts(at: str = "2026-11-22T16:00:00+08:00") -> ShopFacts:
    return ShopFacts(
        asyncio.run(SHOP.facts(at_us=us(at))), asyncio.run(SHOP.promotions(at_us=0)), us(at), "Asia/Shanghai"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{policy:shipping_fee_fen}", "8元"),
        ("{policy:return_insurance_max_fen|money}", "12元"),
        ("{policy:return_window_days}", "7天"),
        ("{policy:transit_near_min_days|number}", "1"),
        ("{policy:refund_wallet_max_workdays}", "3个工作日"),
        ("{policy:same_day_cutoff}", "16:00"),
        ("{policy:service_open}", "9:00"),
        ("{policy:level_2_price_percent}", "9.8折"),
        ("{policy:level_1_price_percent}", "不打折"),
        ("{policy:points_max_percent}", "10%"),
        ("{policy:default_carriers|list}", "中通快递、圆通速递"),
        ("{policy:fake_compensation_times}", "10倍"),
        ("{policy:aged_storage_max_celsius}", "28℃"),
        ("{promotion:year_end_2026.valid_from|datetime}", "12月8日20:00"),
        ("{promotion:warm_winter_2026.valid_from|date}", "11月18日"),
        ("{promotion:warm_winter_2026.valid_to|last_date}", "12月5日"),
        ("{promotion:double11_2026.valid_to|last_date}", "11月11日"),
        ("{policy:warm_winter_off_fen|money}", "30元"),
    ],
)
def test_a_fact_is_written_in_its_form(text: str, said: str) -> None:
    filled = fill(f"说：{text}。", _facts())
    assert filled.text == f"说：{said}。"
    assert filled.evidence and filled.promises[0].said == said


def test_what_runs_and_what_comes_go_by_the_clock() -> None:
    text = "{promotions:running}|{promotions:upcoming}"
    running, upcoming = fill(text, _facts()).text.split("|")
    assert "暖冬焙茶季" in running and "新客首单礼" in running and "双11" not in running
    assert "双12年终茶礼节”（12月8日到12月12日）" in upcoming
    later = fill(text, _facts("2027-02-01T00:00:00+08:00")).text
    assert later == "暂时没有|暂时没有"


def test_a_promotion_that_has_ended_is_not_told() -> None:
    with pytest.raises(UnfillableError) as caught:
        fill("满{policy:double11_threshold_fen}减{policy:double11_off_fen}", _facts())
    assert caught.value.over


@pytest.mark.parametrize("text", ["{policy:no_such_fact}", "{promotion:none.name}", "{promotions:past}"])
def test_an_unknown_fact_is_not_invented(text: str) -> None:
    with pytest.raises(UnfillableError):
        fill(text, _facts())


def test_every_answer_of_the_shop_can_be_filled() -> None:
    facts = _facts()
    for entry in SHOP.faq_rows:
        assert not has_places(fill(entry.answer, facts).text)


@pytest.mark.parametrize(
    ("fen", "said"), [(9900, "99元"), (1250, "12.5元"), (1205, "12.05元"), (0, "0元"), (100, "1元")]
)
def test_money_has_no_idle_zeros(fen: int, said: str) -> None:
    assert money(fen) == said
