"""Built-in slots: money, amounts, dates and times, phones, orders, bodies, colours and places, without any training."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone

import pytest

from bot.understanding.entities.entity import Entity
from bot.understanding.entities.reader import EntityModel, EntityReader

SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=timezone(timedelta(hours=8)))
READER = EntityReader(EntityModel())


def read(text: str) -> tuple[Entity, ...]:
    return READER.read(text, now=SUNDAY)


def values(text: str) -> list[tuple[str, str, str | int | float]]:
    return [(one.entity, one.text, one.value) for one in read(text)]


@pytest.mark.parametrize(
    ("text", "said", "fen"),
    [
        ("99元包邮吗", "99元", 9_900),
        ("￥12.50 能买吗", "￥12.50", 1_250),
        ("三百五十块以内", "三百五十块", 35_000),
        ("3块5一个", "3块5", 350),
        ("二十块五毛", "二十块五毛", 2_050),
        ("五毛钱", "五毛钱", 50),
        ("1,200元的礼盒", "1,200元", 120_000),
        ("1.2万元", "1.2万元", 1_200_000),
        ("100-200元", "100-200元", "10000-20000"),
        ("一两百块的", "一两百块", "10000-20000"),
        ("五十到八十块的", "五十到八十块", "5000-8000"),
        ("２９９元", "２９９元", 29_900),
    ],
)
def test_money_is_integer_fen(text: str, said: str, fen: int | str) -> None:
    assert values(text)[:1] == [("money", said, fen)]
    assert read(text)[0].unit == "fen"


@pytest.mark.parametrize(
    ("text", "said", "value", "unit"),
    [
        ("来一斤", "一斤", 500, "g"),
        ("两斤半龙井", "两斤半", 1250, "g"),
        ("500g多少钱", "500g", 500, "g"),
        ("半斤装", "半斤", 250, "g"),
        ("2公斤", "2公斤", 2000, "g"),
        ("250毫升的杯子", "250毫升", 250, "ml"),
        ("要三盒", "三盒", 3, "盒"),
        ("两块茶饼", "两块", 2, "块"),
        ("买了12罐", "12罐", 12, "罐"),
    ],
)
def test_amounts_have_one_unit(text: str, said: str, value: float, unit: str) -> None:
    found = read(text)[0]
    assert (found.entity, found.text, found.value, found.unit) == ("quantity", said, value, unit)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("明天下午三点能到吗", "datetime", "2026-11-23T15:00"),
        ("下周二到周四送", "date", "2026-11-24/2026-11-26"),
        ("双11买的", "date", "2026-11-11"),
        ("双十二有活动吗", "date", "2026-12-12"),
        ("12月3号前能到吗", "date", "2026-12-03"),
        ("1月3号", "date", "2027-01-03"),
        ("二零二六年十一月三十日", "date", "2026-11-30"),
        ("2026-12-05", "date", "2026-12-05"),
        ("三天后", "date", "2026-11-25"),
        ("两周内", "date", "2026-11-22/2026-12-06"),
        ("昨天", "date", "2026-11-21"),
        ("大后天", "date", "2026-11-25"),
        ("周三下午", "datetime", "2026-11-25T12:00/2026-11-25T18:00"),
        ("周末发货吗", "date", "2026-11-28/2026-11-29"),
        ("下周", "date", "2026-11-23/2026-11-29"),
        ("下个月", "date", "2026-12-01/2026-12-31"),
        ("月底", "date", "2026-11-26/2026-11-30"),
        ("10号到15号", "date", "2026-12-10/2026-12-15"),
        ("今晚八点半", "datetime", "2026-11-22T20:30"),
        ("明早9:30", "datetime", "2026-11-23T09:30"),
        ("上午10点到12点", "time", "10:00/12:00"),
        ("中午一点", "time", "13:00"),
        ("5点之前", "time", "05:00"),
        ("三点一刻", "time", "03:15"),
        ("端午节送礼", "date", "2027-06-09"),
        ("除夕前到", "date", "2027-02-05"),
        ("母亲节", "date", "2027-05-09"),
        ("国庆买的", "date", "2026-10-01"),
    ],
)
def test_dates_and_times_are_iso(text: str, kind: str, value: str) -> None:
    found = read(text)[0]
    assert (found.entity, found.value) == (kind, value)


@pytest.mark.parametrize(
    "text",
    ["便宜一点", "一点都不甜", "有一点贵", "快一点", "七天无理由", "一百二十三点五", "红茶和白茶", "大红袍",
     "第一次买", "随时都行", "三月不知肉味", "一样的", "怎么这样", "哪个好", "98号库房"],
)  # fmt: skip
def test_ways_of_speaking_are_no_slots(text: str) -> None:
    assert [
        one for one in read(text) if one.entity in ("date", "time", "datetime", "money", "colour", "quantity")
    ] == []


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("电话13812345678", "13812345678"),
        ("１３８ １２３４ ５６７８", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("座机0571-88888888", "057188888888"),
        ("打400-888-1234", "4008881234"),
    ],
)
def test_phones_are_read_as_digits(text: str, phone: str) -> None:
    assert [one.value for one in read(text) if one.entity == "phone"] == [phone]


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("订单号YC202611220001", "YC202611220001"),
        ("单号是 7788996655", "7788996655"),
        ("查下yc202611220001", "YC202611220001"),
    ],
)
def test_orders_are_read_as_capitals(text: str, order: str) -> None:
    assert [one.value for one in read(text) if one.entity == "order_number"] == [order]


@pytest.mark.parametrize(
    ("text", "height", "weight"),
    [
        ("165斤穿什么码", None, 82.5),
        ("身高175体重130斤", 175, 65),
        ("一米七五 140斤 穿多大", 175, 70),
        ("1.68米 55公斤要什么尺码", 168, 55),
        ("我175/65穿什么码", 175, 65),
        ("160cm 98斤选哪个码", 160, 49),
    ],
)
def test_a_body_is_told_from_a_parcel(text: str, height: int | None, weight: float) -> None:
    found = {one.entity: one.value for one in read(text)}
    assert found.get("height") == height and found["weight"] == weight
    assert "quantity" not in found


def test_a_weight_that_nobody_wears_is_an_amount() -> None:
    assert values("165斤茶叶运费多少") == [("quantity", "165斤", 82_500)]


def test_colours_and_places_are_named_without_their_suffix() -> None:
    assert values("酒红色的有吗 黑的呢") == [("colour", "酒红色", "酒红"), ("colour", "黑", "黑")]
    assert values("寄新疆，或者呼和浩特市") == [("place", "新疆", "新疆"), ("place", "呼和浩特市", "呼和浩特")]


def test_traditional_and_full_width_say_the_same_at_the_same_places() -> None:
    (traditional,) = read("雙１１買的")
    assert (traditional.text, traditional.value, traditional.start, traditional.end) == ("雙１１", "2026-11-11", 0, 3)


def test_several_slots_of_one_message_do_not_overlap() -> None:
    text = "明天下午三点前寄两盒到杭州，13812345678，不超过300元"
    found = read(text)
    assert [one.entity for one in found] == ["datetime", "quantity", "place", "phone", "money"]
    assert all(text[one.start : one.end] == one.text for one in found)
    assert all(one.end <= following.start for one, following in itertools.pairwise(found))
