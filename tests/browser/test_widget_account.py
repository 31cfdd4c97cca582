"""A visitor of a shop signs up or logs in from the widget and keeps his conversation."""

from __future__ import annotations

import re

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
