"""The operator's page: what a subscriber could not digest is seen, tried again and given up."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import chromium
from tests.browser.server import DemoServer

pytestmark = pytest.mark.browser
ERROR = "PluginError('https://shop.example/hook answered 500')"


def park(server: DemoServer) -> None:
    values = (1, "webhook:7", None, 700, 12, 5, ERROR, 1_795_334_400_000_000)
    with closing(sqlite3.connect(server.data / "kefu.db")) as database, database:
        database.execute("INSERT INTO parked_events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)


def open_page(server: DemoServer, *, width: int) -> Page:
    page = chromium().new_page(viewport={"width": width, "height": 800}, locale="zh-CN")
    page.goto(f"{server.url}/operator")
    page.get_by_label("运营令牌").fill((server.data / "operator.token").read_text("utf-8").strip())
    page.get_by_role("button", name="查看").click()
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_a_parked_event_is_shown_with_its_error_and_can_be_given_up(server: DemoServer, width: int) -> None:
    park(server)
    page = open_page(server, width=width)
    expect(page.locator(".parked")).to_have_count(1)
    expect(page.locator(".parked")).to_contain_text(ERROR)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="重试").click()
    expect(page.get_by_role("alert")).to_contain_text("停放事件")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="放弃").click()
    expect(page.locator("#rows")).to_contain_text("没有停放的事件")
    page.close()


def test_a_wrong_token_is_told_in_chinese(server: DemoServer) -> None:
    page = chromium().new_page(locale="zh-CN")
    page.goto(f"{server.url}/operator")
    page.get_by_label("运营令牌").fill("kf_o_wrong")
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("alert")).to_contain_text("请重新登录")
    page.close()
