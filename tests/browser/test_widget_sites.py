"""The widget on pages of other sites: which may have it, and who the visitor is to the shop."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from playwright.sync_api import Route, expect

from tests.browser.widget_visitor import OpenVisitor
from tests.browser.widget_world import Agent, Site, WidgetShop

pytestmark = pytest.mark.browser

SENTENCE = "每天 16:00 之前付款的现货当天发出"


def test_one_tag_on_a_strict_page_of_another_origin_brings_answers_of_the_bot(visit: OpenVisitor) -> None:
    lin = visit()
    expect(lin.find(".panel")).to_have_count(0)
    lin.open()
    expect(lin.find("h2")).to_have_text("月茶客服")
    lin.say("什么时候发货")
    answer = lin.find(".from-bot")
    expect(answer.locator(".bubble")).to_contain_text(SENTENCE)
    expect(answer.locator(".sender")).to_have_text("小月AI 生成")
    expect(lin.find(".own .status")).to_have_text("已送达")


def test_until_it_is_opened_a_page_loads_little_and_then_all_modules_are_asked_for_at_once(
    visit: OpenVisitor, shop: WidgetShop
) -> None:
    lin = visit()
    expect(lin.find(".launcher")).to_be_visible()
    names = "performance.getEntriesByType('resource').map((each) => each.name).filter((name) => name.endsWith('.js'))"
    before = set(lin.page.evaluate(names))
    assert len(before) <= 8
    lin.open()
    opened = set(lin.page.evaluate(names)) - before
    listed = lin.page.evaluate("async (url) => (await import(url)).MODULES", f"{shop.url}/widget/modules.js")
    assert {urljoin(f"{shop.url}/widget/", name) for name in listed} == opened


def test_a_site_that_no_key_names_gets_no_widget_and_no_answer(
    visit: OpenVisitor, shop: WidgetShop, sites: tuple[Site, Site]
) -> None:
    stranger = visit(sites[1], stranger=True)
    asked = """async ([url, key]) => {
        try { return (await fetch(url + "/v1/visitors", {method: "POST", body: "{}",
            headers: {Authorization: "Bearer " + key, "Content-Type": "application/json"}})).status; }
        catch (error) { return error.name; }
    }"""
    assert stranger.page.evaluate(asked, [shop.url, shop.keys["site_key"]]) == "TypeError"
    assert stranger.page.evaluate("customElements.get('kefu-widget') === undefined")
    expect(stranger.page.locator("kefu-widget")).to_have_count(0)


def test_a_visitors_token_that_another_site_got_hold_of_opens_no_connection(
    visit: OpenVisitor, shop: WidgetShop, sites: tuple[Site, Site]
) -> None:
    lin = visit().open()
    token = lin.page.evaluate("Object.entries(localStorage).find(([name]) => name.startsWith('kefu.visitor.'))[1]")
    connect = """([url, token]) => new Promise((done) => {
        const socket = new WebSocket(url.replace("http", "ws") + "/v1/ws");
        socket.onopen = () => socket.send(JSON.stringify({type: "hello", protocol: 1, token}));
        socket.onmessage = ({data}) => done(JSON.parse(data));
    })"""
    stranger = visit(sites[1], stranger=True)
    refused = stranger.page.evaluate(connect, [shop.url, token])
    assert (refused["type"], refused["code"], refused["data"]["reason"]) == ("error", "forbidden", "origin")
    assert lin.page.evaluate(connect, [shop.url, token])["type"] == "welcome"


def test_a_token_that_serves_no_more_makes_a_new_visitor(visit: OpenVisitor, shop: WidgetShop, agent: Agent) -> None:
    lin = visit().open()
    lin.say("在吗")
    expect(lin.find(".from-bot")).to_have_count(1)
    lin.page.evaluate("""() => {
        const name = Object.keys(localStorage).find((each) => each.startsWith("kefu.visitor."));
        localStorage.setItem(name, "kf_v_gone");
    }""")
    lin.page.reload()
    expect(lin.find(".state-bot")).to_be_visible()
    lin.say("换了浏览器")
    lin.sees("换了浏览器", "您说的是“换了浏览器”。")
    newest, before = agent.sessions()[:2]
    assert newest["customer_id"] != before["customer_id"]
    assert newest["customer_name"] == before["customer_name"] == "访客"


def test_a_customer_whom_the_page_signs_in_is_known_to_the_desk_and_out_again_is_the_visitor(
    visit: OpenVisitor, shop: WidgetShop, agent: Agent
) -> None:
    lin = visit().open()
    lin.say("还没登录")
    expect(lin.find(".from-bot")).to_have_count(1)
    lin.page.evaluate("(token) => Kefu.signIn(token)", shop.keys["customer"])
    expect(lin.find(".bubble")).to_have_count(0)
    expect(lin.find(".state-bot")).to_be_visible()
    lin.say("我登录了")
    lin.sees("我登录了", "您说的是“我登录了”。")
    assert [each["customer_name"] for each in agent.sessions()[:2]] == ["林小姐", "访客"]
    assert shop.keys["customer"] not in lin.page.evaluate("JSON.stringify(localStorage)")
    lin.page.evaluate("Kefu.signOut()")
    lin.sees("还没登录", "您说的是“还没登录”。")


def test_who_is_signed_in_while_the_panel_is_being_fetched_finds_it_open(
    visit: OpenVisitor, shop: WidgetShop, agent: Agent
) -> None:
    lin = visit()
    held: list[Route] = []
    lin.page.route("**/widget/panel.js*", lambda route: held.append(route), times=1)
    lin.find(".launcher").click()
    while not held:
        lin.page.wait_for_timeout(20)
    lin.page.evaluate("(token) => void Kefu.signIn(token)", shop.keys["customer"])
    for route in held:
        route.continue_()
    expect(lin.find(".state-bot")).to_be_visible()
    lin.say("等了一会儿")
    expect(lin.find(".from-bot").last).to_contain_text("等了一会儿")
    assert agent.sessions()[0]["customer_name"] == "林小姐"


def test_the_panel_is_open_again_on_the_shops_next_page_with_what_was_half_written(visit: OpenVisitor) -> None:
    lin = visit().open()
    lin.find("textarea").fill("写到一半")
    lin.page.goto(f"{lin.page.url.split('?')[0]}?next")
    expect(lin.find("textarea")).to_have_value("写到一半")
    expect(lin.find(".state-bot")).to_be_visible()
