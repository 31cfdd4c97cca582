"""The main job in the browser, whole: questions, a card, a wish for a human, an agent, a restart, the bot again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from bot.encoding.use import UseEncoder
from tests.browser.chromium import chromium
from tests.browser.desk_world import DeskTab
from tests.browser.widget_visitor import Visitor
from tests.support.demo_bot import MoonTea

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def moon_tea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoonTea]:
    """The demo with its trained bot."""
    chromium()
    place: Path = tmp_path_factory.mktemp("story")
    running = MoonTea(place / "data", UseEncoder())
    yield running
    running.server.stop()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_customer_is_served_by_bot_and_agent_and_a_restart_is_but_a_reconnect(moon_tea: MoonTea, width: int) -> None:
    lin = Visitor(f"{moon_tea.url}/demo/", (moon_tea.url,), width=width)
    lin.open()
    last = lin.find(".from-bot .bubble").last

    lin.say("今天下单什么时候发货")
    expect(last).to_contain_text("16:00")
    lin.say("明前西湖龙井多少钱")
    expect(last).to_contain_text("268元")
    expect(lin.find("a.card").last).to_contain_text("明前西湖龙井")
    lin.say("有什么推荐的绿茶")
    expect(lin.find("a.card")).to_have_count(4)
    with lin.context.expect_page() as opened:
        lin.find("a.card").last.click()
    expect(opened.value.locator("h1")).to_have_text(lin.find("a.card .card-title").last.inner_text())
    opened.value.close()

    said = lin.find(".bubble").count()
    moon_tea.server.kill()
    lin.say("人工客服在吗，我要找人")
    expect(lin.find(".own.is-waiting")).to_have_count(1)
    moon_tea.server.start()
    expect(lin.find(".state")).to_contain_text("正在排队", timeout=90_000)
    expect(lin.find(".own.is-waiting")).to_have_count(0)
    assert lin.find(".bubble").count() == said + 2  # the wish and the bot's notice, nothing doubled

    desk = DeskTab(moon_tea, "老乔", width=width)  # type: ignore[arg-type]
    waiting = desk.page.locator(".entry").first
    expect(waiting).to_contain_text("顾客要求人工")
    waiting.click()
    expect(desk.said("明前西湖龙井多少钱")).to_be_visible()
    desk.act("take")
    desk.answer("您好，我是老乔，您说。")
    expect(lin.find(".from-agent .bubble").last).to_have_text("您好，我是老乔，您说。")
    by_bot = lin.find(".from-bot .bubble").count()
    lin.say("包邮吗")
    expect(desk.said("包邮吗")).to_be_visible()
    desk.answer("满99元包邮的。")
    expect(lin.find(".from-agent .bubble").last).to_have_text("满99元包邮的。")
    assert lin.find(".from-bot .bubble").count() == by_bot  # the bot kept silent

    desk.act("hand_back")
    expect(lin.find(".state-bot")).to_be_visible()
    lin.say("你们用什么快递")
    expect(last).to_contain_text("中通")
    desk.close()
    lin.close()


def test_in_a_community_the_bot_answers_who_calls_it_and_what_nobody_does_but_no_private_matter(
    moon_tea: MoonTea, shots: Path
) -> None:
    with httpx.Client(base_url=moon_tea.url, headers={"Authorization": f"Bearer {moon_tea.agent('qiao')}"}) as qiao:
        lin = next(one for one in qiao.get("/demo/people").json()["people"] if one["name"] == "林小姐")["id"]
        new = {"kind": "group", "title": "品茶社", "enterprise_id": moon_tea.enterprise_id, "member_ids": [lin]}
        place = f"/v1/conversations/{qiao.post('/v1/conversations', json=new).json()['conversation']['id']}"
        (bot,) = qiao.get(f"{place}/bots").json()["items"]
        qiao.post(f"{place}/members", json={"account_ids": [bot["account_id"]]}).raise_for_status()
        qiao.patch(f"{place}/group", json={"bot_wait_s": 1}).raise_for_status()
        page = chromium().new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
        page.goto(f"{moon_tea.url}/chat?person={lin}")
        page.locator(".conversation", has_text="品茶社").click()
        answers = page.locator(".message:not(.own) .bubble")
        for asked, told in (("@小月 明前西湖龙井多少钱", "268"), ("@小月 我的订单到哪了", "单独会话")):
            page.fill("#text", asked)
            page.press("#text", "Enter")
            expect(answers.last).to_contain_text(told)
        expect(page.locator(".act-quote").last).to_be_visible()
        page.screenshot(path=shots / "community-bot-390.png")
        said = {"client_msg_id": "q1", "kind": "text", "body": {"text": "你们用什么快递？"}}
        qiao.post(f"{place}/messages", json=said).raise_for_status()
        expect(answers.last).to_contain_text("中通")
        page.context.close()
