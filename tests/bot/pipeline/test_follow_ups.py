"""What customers say about what the bot has just shown: the second one, cheaper ones, others; two wishes in one go."""

from __future__ import annotations

import pytest

from bot.pipeline import Pipeline
from tests.bot.pipeline.conftest import Conversation, said

# Turns of one conversation; the last must do one of these acts, and say all of these words.
STORIES = [
    (("有什么推荐的绿茶", "第二个多少钱"), "reply", ("大佛龙井", "68元")),
    (("有什么推荐的绿茶", "最便宜的那个呢"), "reply", ("日照绿茶", "58元")),
    (("有什么推荐的绿茶", "最贵的呢"), "reply", ("雨前西湖龙井", "118元")),
    (("有什么推荐的绿茶", "最后一个怎么泡"), "reply", ("日照绿茶", "℃")),
    (("有什么推荐的绿茶", "这两款哪个好"), "reply", ("雨前西湖龙井", "大佛龙井")),
    (("有什么推荐的绿茶", "第一款有货吗", "换一批"), "recommend", ()),
    (("推荐个红茶", "有没有更便宜的"), "reply", ("最实惠", "45元")),
    (("推荐个红茶", "坦洋工夫呢"), "reply", ("坦洋工夫", "缺货")),
    (("碧螺春怎么泡", "大红袍呢"), "reply", ("武夷大红袍", "100℃")),
    (("肉桂12泡的多少", "跟大红袍比哪个贵"), "reply", ("武夷肉桂", "238元")),
    (("大红袍12泡多少钱，泡的时候水温几度",), "reply", ("158元", "100℃")),
    (("碧螺春多少钱，几天能到乌鲁木齐",), "reply", ("128元", "5到8天")),
    (("老寿眉饼350克的什么价",), "reply", ("588元",)),
    (("金骏眉300块以内有吗",), "reply", ("10g 试饮装", "50g 罐装")),
    (("雨前龙井多少钱", "第二个呢"), "reply", ("100g 袋装 118元",)),
    (("雨前龙井多少钱", "第二个呢", "最后一个呢"), "reply", ("250g 罐装 278元",)),
    (("雨前龙井多少钱", "第三个规格有货吗"), "reply", ("250g 罐装", "有")),
    (("雨前龙井多少钱", "大罐的呢"), "reply", ("250g 罐装 278元",)),
    (("大红袍的第二个规格多少钱",), "reply", ("8g×12泡 罐装 158元",)),
    (("雨前龙井多少钱", "第五个规格多少钱"), "reply", ("10g 试饮装 15元", "250g 罐装 278元")),
    (("有什么推荐的绿茶", "第一个多少钱", "第二个多少钱"), "reply", ("大佛龙井", "68元")),
    (("西施壶多少钱", "适合配这个壶的茶里最便宜的多少钱"), "recommend", ("宜兴红茶（100g 罐装 98元）", "安化天尖")),
    (("配大红袍的茶具里最便宜的多少钱",), "recommend", ("玉泥白瓷盖碗（120ml 单只 68元）",)),
    (("配大红袍的茶具多少钱",), "recommend", ("玉泥白瓷盖碗", "68元", "宜兴朱泥石瓢壶", "488元")),
    (("坦洋工夫",), "reply", ("88元", "缺货")),
    (("红色的还有吗",), "reply", ("没有红的", "黛蓝", "黑色")),
    (("有没有蓝色的",), "reply", ("行旅快客杯套装", "黛蓝，暂时缺货")),
    (("白色的杯子有吗",), "reply", ("象牙白", "米白")),
    (("电陶炉多少钱", "黑色的有货吗"), "reply", ("800W 黑色", "有")),
    (("电陶炉多少钱", "红色的还有吗"), "reply", ("静音电陶炉没有红", "800W 黑色")),
    (("盖碗有红色的吗",), "reply", ("玉泥白瓷盖碗没有红",)),
    (("快客杯有蓝色的吗",), "reply", ("黛蓝", "缺货", "象牙白")),
    (("焖泡杯多少钱", "米白的呢"), "reply", ("480ml 米白 119元",)),
    (("你这个机器人真蠢，叫人来",), "hand_off", ()),
    (("客服",), "hand_off", ()),
    (("下周二到周四能送到吗",), "reply", ("16:00", "2到4天")),
    (("明天能送到吗",), "reply", ("16:00", "2到4天")),
    (("11月25号之前收得到吗",), "reply", ("16:00", "2到4天")),
    (("下周五能送到成都吗",), "reply", ("2到4天",)),
    (("雨前龙井多少钱，另外几天能到北京",), "reply", ("278元", "2到4天")),
    (("龙井多少钱，另外几天能到北京",), "clarify", ("明前西湖龙井 50g 罐装 148元", "大佛龙井", "2到4天")),
    (("银针多少钱",), "clarify", ("福鼎白毫银针 50g 罐装 128元", "君山银针 50g 罐装 228元", "茉莉银针 50g 罐装 98元")),
    (("银针多少钱", "第二个"), "reply", ("君山银针", "438元")),
    (("银针多少钱", "茉莉银针"), "reply", ("茉莉银针", "188元")),
    (("白毫银针多少钱", "银针有货吗"), "reply", ("福鼎白毫银针", "有")),
    (("水仙的产地是哪",), "clarify", ("老丛水仙", "漳平水仙茶饼")),
    (("老丛的水仙多少钱",), "reply", ("老丛水仙", "208元")),
    (("铁观音什么味道",), "clarify", ("安溪铁观音·清香型", "安溪铁观音·浓香型")),
    (("西湖龙井咖啡因高吗",), "reply", ("明前西湖龙井、雨前西湖龙井", "中等")),
    (("西湖龙井多少钱", "那它咖啡因高不高"), "reply", ("明前西湖龙井、雨前西湖龙井", "中等")),
    (("大佛龙井多少钱", "毛尖呢"), "clarify", ("信阳毛尖", "都匀毛尖")),
    (("bhyz多少钱",), "reply", ("福鼎白毫银针", "128元")),
    (("dhp用几度的水",), "reply", ("武夷大红袍", "100℃")),
    (("胎菊含咖啡因吗",), "reply", ("胎菊", "没有咖啡因")),
    (("周末能到乌鲁木齐不",), "reply", ("5到8天",)),
]


@pytest.mark.parametrize(("turns", "act", "words"), STORIES, ids=lambda value: value[-1] if value else "")
async def test_a_follow_up_is_about_what_was_shown(
    pipeline: Pipeline, turns: tuple[str, ...], act: str, words: tuple[str, ...]
) -> None:
    customer = Conversation(pipeline)
    for turn in turns:
        decision = await customer.say(turn)
    assert decision.act == act, said(decision)
    assert not [word for word in words if word not in said(decision)], said(decision)


@pytest.mark.parametrize(
    ("before", "words"),
    [(("谢谢", "没有了"), ("需要",)), (("阿巴阿巴", "不是"), ("您想问", "换个说法"))],
    ids=["nothing was asked", "the bot asked back"],
)
async def test_a_no_is_heard_as_what_it_answers(
    customer: Conversation, before: tuple[str, ...], words: tuple[str, ...]
) -> None:
    for turn in before:
        decision = await customer.say(turn)
    assert any(word in said(decision) for word in words), said(decision)


async def test_small_talk_that_may_be_none_is_not_laughed_off(customer: Conversation) -> None:
    decision = await customer.say("我今天下午可能出去")
    assert decision.reason != "intent_answer", said(decision)


@pytest.mark.parametrize("question", ["配大红袍的绿茶里最便宜的多少钱", "配大红袍的绿茶多少钱"])
async def test_where_nothing_goes_with_it_no_price_is_told(customer: Conversation, question: str) -> None:
    decision = await customer.say(question)
    assert "元" not in said(decision), said(decision)
    assert not decision.commitments


async def test_a_size_pointed_at_is_promised_alone_with_its_source(customer: Conversation) -> None:
    await customer.say("雨前龙井多少钱")
    decision = await customer.say("第二个呢")
    assert [(one.fact_id, one.said) for one in decision.commitments] == [("MT-1002-02/price", "118元")]
    sources = [(one.data or {}).get("at", "") for one in decision.evidence if one.kind == "fact"]
    assert any(source.startswith("products.csv:") for source in sources)


async def test_an_order_counted_by_the_customer_is_no_product_shown(pipeline: Pipeline) -> None:
    customer = Conversation(pipeline, customer=1)
    await customer.say("有什么推荐的绿茶")
    decision = await customer.say("我第二个订单到哪了")
    assert "YC2026" in said(decision)


async def test_one_letter_over_and_over_asks_nothing(customer: Conversation) -> None:
    decision = await customer.say("茶" * 4_990)
    assert decision.act == "reply" and decision.intent is None


@pytest.mark.parametrize("question", ["下周二能送到吗", "周四能到吗"])
async def test_who_waits_for_a_parcel_is_told_of_it_when_he_asks_for_a_day(pipeline: Pipeline, question: str) -> None:
    waiting = Conversation(pipeline, customer=4)
    assert "YC202611190026" in said(await waiting.say(question))
    assert "16:00" in said(await waiting.say(f"现在下单，{question}"))
