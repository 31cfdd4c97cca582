"""A visitor of a shop signs up or logs in from the widget, keeps his conversation, and says whether he wants offers."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.widget_visitor import OpenVisitor, Visitor
from tests.browser.widget_world import Agent

pytestmark = pytest.mark.browser


def enter(who: Visitor, button: str, *, password: str = "lin-and-her-tea") -> None:
    """Fill in the form and press one of its buttons."""
    if not who.find(".account-form").is_visible():
        who.find(".account-ask").click()
    who.find("input[name=login]").fill("lin@example.com")
    who.find("input[name=password]").fill(password)
    who.find(button).click()


def test_a_visitor_signs_up_and_logs_in_elsewhere_and_keeps_his_conversations(visit: OpenVisitor, agent: Agent) -> None:
    lin = visit().open()
    lin.say("什么时候发货")
    expect(lin.find(".own.is-sent, .own.is-read")).to_have_count(1)
    enter(lin, ".account-up")
    expect(lin.find(".account-known")).to_have_text(re.compile("已登录：lin"))
    expect(lin.find(".own .bubble")).to_have_text(["什么时候发货"])
    lin.say("再问一句")
    expect(lin.find(".own.is-sent, .own.is-read")).to_have_count(2)
    lin.page.reload()  # the panel was open, so it opens again
    expect(lin.find(".own .bubble")).to_have_text(["什么时候发货", "再问一句"])

    phone = visit(width=390).open()
    phone.say("我在手机上")
    expect(phone.find(".own.is-sent, .own.is-read")).to_have_count(1)
    phone.expected = (*phone.expected, "401")  # the browser tells of the wrong password
    enter(phone, ".account-in", password="not-her-tea")
    expect(phone.find(".account-problem")).to_have_text("账号或密码不正确。")
    enter(phone, ".account-in")
    expect(phone.find(".account-known")).to_have_text(re.compile("已登录：lin"))
    expect(phone.find(".own .bubble")).to_have_text(["我在手机上"])
    phone.say("还是我")
    expect(phone.find(".own.is-sent, .own.is-read")).to_have_count(2)
    assert [text for text in agent.heard() if text in ("我在手机上", "还是我")] == ["我在手机上", "还是我"]
    phone.find(".account-leave").click()
    expect(phone.find(".account-ask")).to_be_visible()
    expect(phone.find(".own .bubble")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_offers_come_to_who_turned_them_on_and_say_how_to_get_no_more(
    visit: OpenVisitor, agent: Agent, shots: Path, width: int
) -> None:
    lin = visit(width=width).open()
    agent.step("take")
    expect(lin.find(".state-agent")).to_be_visible()
    offer = {"product_id": "MT-1001", "title": "明前西湖龙井 50g 罐装", "price_fen": 26800}
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        agent.say("offer", kind="product_card", body=offer, key="o1")
    ask, box, sheet = lin.find(".offers-ask"), lin.find("[name=offers]"), lin.find(".offers-sheet")
    ask.focus()
    lin.page.keyboard.press("Enter")
    expect(sheet).to_contain_text("默认不收")
    expect(box).to_be_enabled()
    expect(box).not_to_be_checked()
    lin.page.keyboard.press("Tab")
    with lin.page.expect_response("**/v1/marketing/consents/*"):
        lin.page.keyboard.press("Space")
    expect(box).to_be_checked()
    lin.page.screenshot(path=shots / f"widget-offers-on-{width}.png")
    ask.click()
    expect(sheet).to_be_hidden()
    agent.say("offer", kind="product_card", body=offer, key="o2")
    note = lin.find(".offer-note")
    expect(note).to_have_text("店铺优惠消息不再接收")
    lin.page.screenshot(path=shots / f"widget-offer-{width}.png")
    note.get_by_role("button", name="不再接收").click()
    expect(note).to_have_text("已不再接收优惠消息重新接收")
    expect(note.get_by_role("button")).to_be_focused()
    lin.page.reload()
    if width < 500:  # where there is room the panel opens again by itself
        lin.open()
    expect(note).to_have_text("已不再接收优惠消息重新接收")
    ask.click()
    expect(box).not_to_be_checked()
    lin.page.screenshot(path=shots / f"widget-offers-off-{width}.png")
