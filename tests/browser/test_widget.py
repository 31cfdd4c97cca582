"""The customer's widget: what is said in it, with a real server, a bot with a script, and an agent."""

from __future__ import annotations

import re
import signal

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.widget_visitor import OpenVisitor
from tests.browser.widget_world import Agent, WidgetShop

pytestmark = pytest.mark.browser


def test_a_card_shows_the_price_in_yuan_and_opens_the_products_page(visit: OpenVisitor) -> None:
    lin = visit().open()
    lin.find(".question", has_text="有什么推荐的绿茶").click()
    card = lin.find("a.card")
    expect(card.locator(".card-title")).to_have_text("明前西湖龙井 50g 罐装")
    expect(card.locator(".card-price")).to_have_text("¥268.00")
    assert card.locator("img").evaluate("async (img) => { await img.decode(); return img.naturalWidth > 0; }")
    with lin.context.expect_page() as opened:
        card.click()
    expect(opened.value.locator("h1")).to_have_text("明前西湖龙井 50g 罐装")
    assert opened.value.evaluate("window.opener") is None


def test_a_pressed_choice_says_its_words_and_stays_marked(visit: OpenVisitor) -> None:
    lin = visit().open()
    lin.say("龙井多少钱")
    expect(lin.find(".choice")).to_have_text(["明前西湖龙井", "雨前西湖龙井", "都不是，转人工"])
    lin.find(".choice", has_text="雨前西湖龙井").click()
    lin.sees(
        "龙井多少钱",
        "龙井有两款，您想了解哪一款？",
        "雨前西湖龙井多少钱",
        "雨前西湖龙井 100g 罐装 128.00 元，现在有货。",
    )
    expect(lin.find(".choice.chosen")).to_have_text("雨前西湖龙井")


def test_a_human_is_asked_for_comes_answers_and_goes_and_the_customer_is_told_each_time(
    visit: OpenVisitor, agent: Agent
) -> None:
    lin = visit().open()
    lin.say("什么时候发货")
    expect(lin.find(".from-bot")).to_have_count(1)
    lin.find(".human").click()
    expect(lin.find(".state")).to_have_text("正在排队，下一位就是您")
    expect(lin.find(".human")).to_be_disabled()
    agent.step("take")
    expect(lin.find(".state")).to_have_text("老乔 正在为您服务")
    expect(lin.find(".human")).to_be_hidden()
    agent.say("我是老乔，您要送人吗？")
    expect(lin.find(".from-agent .sender")).to_have_text("老乔人工客服")
    lin.say("送长辈")
    expect(lin.find(".own.is-sent, .own.is-read")).to_have_count(2)
    agent.say("那就选罐装。")
    expect(lin.find(".from-agent .bubble").last).to_have_text("那就选罐装。")
    expect(lin.find(".from-bot")).to_have_count(1)
    agent.step("hand-back")
    lin.say("还在吗")
    expect(lin.find(".from-bot .bubble").last).to_have_text("您说的是“还在吗”。")
    agent.step("close")
    expect(lin.find(".notice")).to_have_text(
        [
            "正在为您转接人工客服，请稍候",
            "人工客服 老乔 已接入，为您服务",
            "人工服务已结束，智能客服继续为您服务",
            "本次服务已结束，感谢您的咨询",
        ]
    )
    lin.say("又来了")
    expect(lin.find(".from-bot .bubble").last).to_have_text("您说的是“又来了”。")


def test_what_is_written_while_the_server_is_away_arrives_once_and_is_answered(
    visit: OpenVisitor, shop: WidgetShop, agent: Agent
) -> None:
    lin = visit().open()
    lin.say("第一句")
    expect(lin.find(".from-bot")).to_have_count(1)
    shop.stop(signal.SIGKILL)
    lin.say("第二句")
    lin.say("第三句")
    expect(lin.find(".own.is-waiting")).to_have_count(2)
    expect(lin.find(".banner-lost")).to_contain_text("期间写的消息会自动补发")
    shop.start()
    lin.find(".banner .link").click()
    expect(lin.find(".banner-lost")).to_be_hidden()
    # Sent one after the other: the bot may get a word in between.
    expect(lin.find(".bubble")).to_have_count(6)
    expect(lin.find(".own .bubble")).to_have_text(["第一句", "第二句", "第三句"])
    expect(lin.find(".from-bot .bubble")).to_have_text([f"您说的是“第{n}句”。" for n in "一二三"])
    assert sorted(agent.heard()) == sorted(lin.find(".bubble").all_inner_texts())


def test_the_first_visit_waits_for_a_server_that_is_away(visit: OpenVisitor, shop: WidgetShop) -> None:
    lin = visit()
    lin.find(".launcher").hover()
    lin.page.wait_for_load_state("networkidle")
    shop.stop(signal.SIGKILL)
    lin.find(".launcher").click()
    expect(lin.find(".banner")).to_contain_text("网络不通")
    lin.find("textarea").fill("在吗")
    lin.find("textarea").press("Enter")
    expect(lin.find("textarea")).to_have_value("在吗")
    shop.start()
    lin.find(".banner .link").click()
    expect(lin.find(".state-bot")).to_be_visible()
    lin.sees("在吗", "您说的是“在吗”。")  # Enter was pressed before there was anybody to send it to
    expect(lin.find("textarea")).to_have_value("")


def test_the_badge_counts_what_came_while_the_panel_was_closed_also_over_a_reload(
    visit: OpenVisitor, agent: Agent
) -> None:
    lin = visit().open()
    lin.find(".human").click()
    expect(lin.find(".state-queued")).to_be_visible()
    agent.step("take")
    expect(lin.find(".state-agent")).to_be_visible()
    lin.page.keyboard.press("Escape")
    expect(lin.find(".panel")).to_be_hidden()
    agent.say("您好")
    agent.say("还在吗？")
    expect(lin.find(".badge")).to_have_text("2")
    expect(lin.page.get_by_role("button", name="联系客服，2 条未读消息")).to_be_visible()
    assert lin.page.evaluate("Kefu.unread") == 2
    lin.page.reload()
    expect(lin.find(".badge")).to_have_text("2")
    lin.open()
    lin.sees("您好", "还在吗？")
    expect(lin.find(".badge")).to_be_hidden()
    lin.page.keyboard.press("Escape")
    expect(lin.find(".badge")).to_be_hidden()


def test_a_rating_reaches_the_shop_can_be_taken_back_and_is_still_there_after_a_reload(
    visit: OpenVisitor, shop: WidgetShop
) -> None:
    lin = visit().open()
    lin.say("什么时候发货")
    up, down = lin.find(".thumb-up"), lin.find(".thumb-down")
    with lin.page.expect_response("**/v1/bot/feedback") as told:
        up.click()
    vote = told.value.request.post_data_json or {}
    stored = f"{shop.url}/test/votes/{vote['message_id']}"
    assert httpx.get(stored).json() == {"value": "up"}
    expect(up).to_have_attribute("aria-pressed", "true")
    with lin.page.expect_response("**/v1/bot/feedback"):
        down.click()
    expect(up).to_have_attribute("aria-pressed", "false")
    assert httpx.get(stored).json() == {"value": "down"}
    lin.page.reload()
    expect(down).to_have_attribute("aria-pressed", "true")
    with lin.page.expect_response("**/v1/bot/feedback"):
        down.click()
    expect(down).to_have_attribute("aria-pressed", "false")
    assert httpx.get(stored).json() == {"value": "none"}


def test_an_answer_can_be_rated_and_the_greeting_cannot(visit: OpenVisitor, shop: WidgetShop) -> None:
    thumbs = visit().page.evaluate(
        """async (url) => {
            const { itemElement } = await import(url + "/widget/item_view.js");
            const { translator } = await import(url + "/widget/texts.js");
            const around = { t: translator("zh"), times: { clock: () => "" }, nameOf: () => "", voteOf: () => "none" };
            const said = { type: "message", id: "5", senderId: "1", own: false, origin: "bot", kind: "text", v: 1,
                body: { text: "您好" }, at: 0, first: true, last: true, status: "sent", readers: 0, answer: null };
            return ["greeting:7", "9:1"].map((id) =>
                itemElement({ ...said, key: `msg:1:${id}` }, around).querySelectorAll(".thumb").length);
        }""",
        shop.url,
    )
    assert thumbs == [0, 2]


def test_a_refused_message_says_so_and_can_be_sent_again_or_thrown_away(visit: OpenVisitor) -> None:
    lin = visit().open()
    lin.page.evaluate("""async () => {
        const { visit } = await document.querySelector("kefu-widget")._load();
        visit.client.send(visit.conversationId, { kind: "hologram", body: {} });
    }""")
    refused = lin.find(".is-refused")
    expect(refused.locator(".status")).to_have_text("未发送")
    refused.get_by_role("button", name="重发").click()
    expect(refused.locator(".status")).to_have_text("未发送")
    refused.get_by_role("button", name="删除").click()
    expect(refused).to_have_count(0)


def test_history_comes_as_one_scrolls_up_and_a_pill_tells_of_news_below(visit: OpenVisitor, agent: Agent) -> None:
    lin = visit().open()
    lin.say("在吗")
    expect(lin.find(".from-bot")).to_have_count(1)
    agent.step("take")
    for number in range(1, 101):
        agent.say(f"第{number}条")
    lin.page.reload()
    expect(lin.find(".bubble", has_text="第100条")).to_be_in_viewport()
    assert lin.find(".bubble").count() < 60
    scroller = lin.find(".scroller")
    text = lin.find(".bubble").nth(2).inner_text()
    held = lin.find(".bubble", has_text=re.compile(f"^{text}$"))
    held.evaluate("(bubble) => bubble.scrollIntoView()")  # at once: it may be drawn anew while it is being read
    before = held.bounding_box()
    expect(lin.find(".bubble").nth(2)).not_to_have_text(text)
    after = held.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 4, "what was being read jumped away"
    agent.say("看下面")
    expect(lin.find(".to-end")).to_have_text("1 条新消息")
    lin.find(".to-end").click()
    expect(lin.find(".bubble", has_text="看下面")).to_be_in_viewport()
    expect(lin.find(".to-end")).to_be_hidden()
    handle = scroller.element_handle()
    lin.page.wait_for_function(
        "(box) => { box.scrollTop = 0; return box.querySelectorAll('.bubble').length >= 103; }", arg=handle
    )
    lin.sees("在吗", "您说的是“在吗”。", *[f"第{number}条" for number in range(1, 101)], "看下面")


def test_questions_are_offered_while_typing_and_taken_by_key_or_finger(visit: OpenVisitor, agent: Agent) -> None:
    lin = visit().open()
    field, offered = lin.find("textarea"), lin.find(".suggestions li")
    field.press_sequentially("龙井")
    expect(offered).to_have_text(["龙井多少钱", "明前西湖龙井多少钱", "雨前西湖龙井多少钱"])
    field.press("Escape")
    expect(offered).to_have_count(0)
    expect(lin.find(".panel")).to_be_visible()
    field.press_sequentially("多")
    expect(offered).to_have_count(3)
    field.press("ArrowUp")
    expect(field).to_have_attribute("aria-activedescendant", "suggestion-2")
    field.press("Enter")
    lin.sees("雨前西湖龙井多少钱", "雨前西湖龙井 100g 罐装 128.00 元，现在有货。")
    expect(field).to_have_value("")
    field.press_sequentially("发货")
    offered.click()
    expect(lin.find(".bubble", has_text="什么时候发货")).to_be_visible()
    # What is typed is what is sent, as long as nothing was marked; and a human is not talked over.
    field.press_sequentially("龙井")
    expect(offered).to_have_count(3)
    field.press("Enter")
    expect(lin.find(".bubble").last).to_have_text("您说的是“龙井”。")
    lin.find(".human").click()
    expect(lin.find(".state-queued")).to_be_visible()
    agent.step("take")
    expect(lin.find(".state-agent")).to_be_visible()
    field.press_sequentially("龙井多")
    lin.page.wait_for_timeout(600)
    expect(offered).to_have_count(0)


def test_what_the_agent_answers_edits_and_takes_back_reads_so_for_the_customer(
    visit: OpenVisitor, agent: Agent
) -> None:
    lin = visit().open()
    lin.say("想找人工")
    lin.find(".human").click()
    expect(lin.find(".state-queued")).to_be_visible()
    agent.step("take")
    lin.say("能寄到拉萨吗")
    expect(lin.find(".own.is-sent, .own.is-read", has_text="拉萨")).to_have_count(1)
    asked = agent.seq_of("能寄到拉萨吗")
    answer = agent.say("能", reply_to=asked)
    expect(lin.find(".from-agent .quoted")).to_contain_text("能寄到拉萨吗")
    agent.act("PATCH", answer, body={"kind": "text", "v": 1, "body": {"text": "能，运费二十"}})
    expect(lin.find(".from-agent .bubble")).to_have_text("能，运费二十")
    expect(lin.find(".from-agent .edited")).to_have_text("已编辑")
    agent.act("PUT", asked, "/reactions/👍")
    expect(lin.find(".own .reactions")).to_have_text("👍 1")
    agent.act("POST", answer, "/recall")
    expect(lin.find(".from-agent .bubble")).to_have_text("消息已撤回")
