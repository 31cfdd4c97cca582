"""The desk: a customer waits, an agent takes over, answers, gives back; two agents see each other at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import chromium
from tests.browser.desk_world import Customer, DeskTab, Shop

pytestmark = pytest.mark.browser
OpenDesk = Callable[..., DeskTab]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    chromium()
    made = Shop(tmp_path_factory.mktemp("desk"))
    yield made
    made.close()


@pytest.fixture
def desk(shop: Shop) -> Iterator[OpenDesk]:
    opened: list[DeskTab] = []

    def open_desk(agent: str, *, width: int = 1280) -> DeskTab:
        opened.append(DeskTab(shop, agent, width=width))
        return opened[-1]

    yield open_desk
    for each in opened:
        each.close()


def until_heard(customer: Customer, desk: DeskTab, said: tuple[str, str, str]) -> None:
    """Wait until the customer has a message; the page's own loop goes on meanwhile."""
    for _ in range(100):
        if said in customer.hears():
            return
        desk.page.wait_for_timeout(50)
    raise AssertionError(f"{said} never came; there is {customer.hears()}")


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_queue_to_an_answer_and_back_to_the_bot(shop: Shop, desk: OpenDesk, width: int) -> None:
    name = {1280: "老王", 390: "古丽"}[width]
    qiao = desk("老乔", width=width)
    expect(qiao.row(name)).to_have_count(0)
    customer = shop.customer(name, "我要找人工")
    expect(qiao.row(name).locator(".chip")).to_have_text("顾客要求人工")
    qiao.open(name)
    expect(qiao.said("我要找人工")).to_be_visible()
    qiao.act("take")
    qiao.answer("您好，我是老乔，马上帮您看。")
    until_heard(customer, qiao, ("agent", "text", "您好，我是老乔，马上帮您看。"))
    customer.says("谢谢，茶叶什么时候到？")
    expect(qiao.said("谢谢，茶叶什么时候到？")).to_be_visible()
    expect(qiao.page.get_by_role("button", name="转接")).to_be_visible()
    if width < 500:
        qiao.page.get_by_role("button", name="顾客资料").click()
        qiao.page.get_by_role("button", name="回到会话").click()
    qiao.act("hand_back")
    expect(qiao.page.locator(".head .state")).to_have_text("机器人接待")
    expect(qiao.page.locator(".write")).to_have_count(0)


def test_two_agents_see_each_others_takes(shop: Shop, desk: OpenDesk) -> None:
    qiao, shen = desk("老乔"), desk("小沈")
    shop.customer("海波", "在吗")
    for each in (qiao, shen):
        expect(each.row("海波")).to_be_visible()
    shen.open("海波")
    qiao.open("海波")
    qiao.act("take")
    expect(shen.page.locator(".head .state")).to_have_text("人工接待 · 老乔")
    expect(shen.page.locator(".locked")).to_contain_text("老乔 正在接待")
    shen.tab("排队")
    expect(shen.row("海波")).to_have_count(0)


def test_a_session_goes_to_a_colleague(shop: Shop, desk: OpenDesk) -> None:
    qiao, shen = desk("老乔"), desk("小沈")
    customer = shop.customer("丽华", "想换货")
    qiao.tab("排队")
    qiao.open("丽华")
    qiao.act("take")
    expect(qiao.page.locator(".write")).to_be_visible()
    qiao.act("transfer")
    qiao.page.locator(".pick", has_text="小沈").click()
    expect(qiao.page.locator(".head .state")).to_have_text("人工接待 · 小沈")
    shen.tab("我的")
    shen.open("丽华")
    shen.answer("我是小沈，接着帮您换。")
    until_heard(customer, shen, ("agent", "text", "我是小沈，接着帮您换。"))


def test_what_is_edited_recalled_or_reacted_to_changes_where_it_stands(shop: Shop, desk: OpenDesk) -> None:
    customer = shop.customer("小满", "龙井多少钱", "写错了")
    qiao = desk("老乔")
    qiao.open("小满")
    expect(qiao.said("写错了")).to_be_visible()
    customer.changes("PATCH", "龙井多少钱", body={"kind": "text", "v": 1, "body": {"text": "明前龙井多少钱"}})
    edited = qiao.said("明前龙井多少钱")
    expect(edited.locator(".edited")).to_have_text("已编辑")
    customer.changes("PUT", "明前龙井多少钱", "/reactions/👍")
    expect(edited.locator(".reactions")).to_have_text("👍1")
    customer.changes("POST", "写错了", "/recall")
    expect(qiao.said("消息已撤回")).to_be_visible()
    expect(qiao.said("写错了")).to_have_count(0)
    expect(qiao.row("小满")).to_contain_text("[已撤回]")


def test_an_agent_answers_one_message_and_takes_back_what_was_wrong(shop: Shop, desk: OpenDesk) -> None:
    customer = shop.customer("郑老师", "龙井多少钱", "能寄到拉萨吗")
    qiao = desk("老乔")
    qiao.open("郑老师")
    asked = qiao.said("能寄到拉萨吗")
    asked.hover()
    asked.get_by_role("button", name="引用").click()
    expect(qiao.page.get_by_role("alert")).to_have_text("接管会话后即可引用回复")
    qiao.act("take")
    expect(qiao.page.locator(".quoting span")).to_have_text("郑老师：能寄到拉萨吗")
    qiao.answer("能，运费二十")
    expect(qiao.page.locator(".quoting")).to_be_hidden()
    answer = qiao.said("能，运费二十")
    expect(answer.locator(".quoted")).to_have_text("郑老师 能寄到拉萨吗")
    customer.changes("POST", "能寄到拉萨吗", "/recall")
    expect(answer.locator(".quoted")).to_have_text("原消息已不可见")
    answer.hover()
    answer.get_by_role("button", name="撤回").click()
    expect(qiao.said("能，运费二十")).to_have_count(0)
    until_heard(customer, qiao, ("agent", "recalled", "None"))
