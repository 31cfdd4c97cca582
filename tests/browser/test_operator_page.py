"""The operator's page: enterprises are opened, people told, and what a subscriber could not digest given up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import chromium
from tests.browser.server import DemoServer

pytestmark = pytest.mark.browser
ERROR = "PluginError('https://shop.example/hook answered 500')"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """One server for all tests of this file."""
    chromium()
    demo = DemoServer(tmp_path_factory.mktemp("operator"))
    demo.start()
    yield demo
    demo.stop()


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


def owner_logs_in(server: DemoServer, login: str, path: str, *, width: int) -> Page:
    page = chromium().new_page(viewport={"width": width, "height": 800}, locale="zh-CN")
    page.goto(f"{server.url}{path}")
    page.locator("#login").fill(login)
    page.locator("#password").fill("pear-blossom-9")
    page.get_by_role("button", name="登录", exact=True).first.click()
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_an_enterprise_is_opened_with_an_owner_who_accepts_the_terms_and_is_told_a_notice(
    server: DemoServer, shots: Path, width: int
) -> None:
    name, login = f"梨花茶社{width}", f"pear.{width}"
    page = open_page(server, width=width)
    page.on("dialog", lambda dialog: dialog.accept())
    house = page.locator("#new-house")
    house.get_by_label("企业名称").fill(name)
    house.get_by_label("店主姓名").fill("梨姐")
    house.get_by_label("登录名").fill(login)
    house.get_by_label("初始密码").fill("short")
    house.get_by_role("button", name="开通企业").click()
    expect(page.get_by_role("alert")).to_contain_text("“密码”太短")
    expect(page.locator(".house", has_text=name)).to_have_count(0)
    house.get_by_label("初始密码").fill("pear-blossom-9")
    house.get_by_role("button", name="开通企业").click()
    expect(page.locator(".next-steps")).to_contain_text("绿色沟通公约")
    expect(page.locator(".next-steps")).to_contain_text(f"用登录名 {login} 登录")
    row = page.locator(".house", has_text=name)
    expect(row).to_contain_text("店主：梨姐")
    expect(row).to_contain_text("未同意现行公约")
    row.get_by_role("button", name="认证").click()
    expect(row.locator(".mark")).to_have_text("已认证")
    page.screenshot(path=shots / f"operator-{width}.png", full_page=True)

    shop = owner_logs_in(server, login, "/settings/shop", width=width)
    shop.get_by_role("button", name="我已阅读并同意").click()
    expect(shop.locator(".sheet", has_text="绿色沟通公约").locator(".chip")).to_have_text("已同意")
    page.reload()
    expect(page.locator(".house", has_text=name)).to_contain_text("已同意公约")

    chat = owner_logs_in(server, login, "/enter", width=width)
    expect(chat.locator("#self-name")).to_have_text("梨姐")
    notice = page.locator("#new-notice")
    notice.get_by_label("发给").select_option(label=f"{name}的全体员工")
    notice.get_by_label("标题").fill("今晚 22:00 停机维护")
    notice.get_by_label("正文").fill("约十分钟，期间不能收发消息。")
    notice.get_by_label("程度").select_option("warning")
    page.screenshot(path=shots / f"operator-notice-{width}.png", full_page=True)
    notice.get_by_role("button", name="发送通知").click()
    expect(page.get_by_role("alert")).to_have_text("已发出，共 1 人。")
    chat.locator(".system-banner .system-words", has_text="今晚 22:00 停机维护").click()
    expect(chat.locator("#thread-title")).to_have_text("平台运营")
    expect(chat.locator(".system-notice")).to_contain_text("约十分钟")
    expect(chat.locator("#compose-blocked")).to_have_text("这里只有系统通知，不接收回复")
    expect(chat.locator(".system-banner")).to_have_count(0)
    notice.get_by_label("发给").select_option("")
    notice.get_by_label("登录名").fill(login)
    notice.get_by_label("标题").fill("维护已完成")
    notice.get_by_role("button", name="发送通知").click()
    expect(chat.locator(".system-notice")).to_have_count(2)
    chat.screenshot(path=shots / f"notice-chat-{width}.png", animations="disabled")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for each in (page, shop, chat):
        each.context.close()


def test_a_wrong_token_is_told_in_chinese(server: DemoServer) -> None:
    page = chromium().new_page(locale="zh-CN")
    page.goto(f"{server.url}/operator")
    page.get_by_label("运营令牌").fill("kf_o_wrong")
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("alert")).to_contain_text("请重新登录")
    page.close()
