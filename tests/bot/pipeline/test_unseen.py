"""Turns that go wrong easily: things not sold here, English, general questions, greetings, other shops' business."""

from __future__ import annotations

import pytest

from bot.pipeline import Pipeline
from bot.turn import Line
from tests.bot.pipeline.conftest import Conversation, said
from tests.support.clock import START_US


@pytest.mark.parametrize("text", ["茅台多少钱", "咖啡呢", "茶叶蛋怎么做", "红牛有货吗", "王老吉怎么卖"])
async def test_a_thing_not_sold_here_is_never_answered_with_the_product_in_focus(
    customer: Conversation, text: str
) -> None:
    await customer.say("大红袍多少钱")
    decision = await customer.say(text)
    assert decision.reason == "not_sold"
    assert "大红袍" not in said(decision)
    assert not decision.commitments


@pytest.mark.parametrize(
    ("text", "thing"),
    [("金骏眉的农场主姓什么", "农场主"), ("盖碗的烧制温度是多少", "烧制温度"), ("大红袍含多少维生素", "维生素")],
)
async def test_what_is_not_known_of_a_product_is_said_and_nothing_else_told(
    customer: Conversation, text: str, thing: str
) -> None:
    decision = await customer.say(text)
    assert decision.reason == "not_held"
    assert thing in said(decision) and "人工" in said(decision)
    assert not decision.commitments


@pytest.mark.parametrize("text", ["大佛龙井多少钱", "大红袍产自什么地方", "浓香铁观音是什么味道", "碧螺春用多少度的水"])
async def test_what_is_known_of_a_product_is_told(customer: Conversation, text: str) -> None:
    assert (await customer.say(text)).reason == "fact"


async def test_the_product_in_focus_is_kept_for_words_that_point_at_it(customer: Conversation) -> None:
    await customer.say("大红袍多少钱")
    assert "大红袍" in said(await customer.say("怎么泡"))


async def test_how_a_tea_is_at_all_is_told_by_its_description(customer: Conversation) -> None:
    decision = await customer.say("大红袍怎么样")
    assert decision.reason == "fact"
    assert "武夷大红袍" in said(decision)


async def test_an_english_question_about_goods_is_answered_in_english(customer: Conversation) -> None:
    await customer.say("大红袍多少钱")
    text = said(await customer.say("How much is Longjing?"))
    assert "龙井: " in text
    assert "大红袍" not in text


async def test_many_of_a_kind_is_no_question_of_students(customer: Conversation) -> None:
    text = said(await customer.say("买五盒能打折吗"))
    assert "学生" not in text
    assert "满减" in text


async def test_after_the_welcome_a_greeting_is_not_welcomed_again(pipeline: Pipeline, customer: Conversation) -> None:
    customer.history.append(Line("bot", "您好，欢迎来到月茶！", START_US))
    again = said(await customer.say("你好"))
    assert "欢迎" not in again
    assert "您好" not in again


async def test_a_talk_of_yesterday_does_not_keep_from_greeting(customer: Conversation) -> None:
    customer.history.append(Line("bot", "再见", START_US - 86_400_000_000))
    assert said(await customer.say("你好")) not in ("", "在呢，您说～想挑茶、问价格还是查订单？")


@pytest.mark.parametrize("text", ["充了亮一下不行", "显示屏有条亮线", "维修师傅还没联系我"])
async def test_the_business_of_another_shop_is_not_answered_with_ours(customer: Conversation, text: str) -> None:
    decision = await customer.say(text)
    assert decision.act in ("clarify", "hand_off") or decision.reason == "out_of_scope"
