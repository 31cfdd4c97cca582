"""People with accounts of their own: they sign up, come back, change their password, and log out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import chromium
from tests.browser.server import DemoServer
from tests.browser.tab import PATIENCE_MS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """One server for all tests of this file."""
    chromium()
    demo = DemoServer(tmp_path_factory.mktemp("enter"))
    demo.start()
    yield demo
    demo.stop()


def _page(server: DemoServer, path: str = "/enter", *, width: int = 1280) -> Page:
    context = chromium().new_context(viewport={"width": width, "height": 844}, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{server.url}{path}")
    return page


def _enter(page: Page, login: str, password: str, *, name: str | None = None, keep: bool = True) -> None:
    page.locator(f"[name=way][value={'up' if name else 'in'}]").check()
    if name:
        page.locator("#name").fill(name)
    page.locator("#login").fill(login)
    page.locator("#password").fill(password)
    page.get_by_label("保持登录").set_checked(keep)
    page.locator("#go").click()


@pytest.mark.parametrize("width", [1280, 390])
def test_somebody_signs_up_changes_the_password_logs_out_and_comes_back(
    server: DemoServer, shots: Path, width: int
) -> None:
    login = f"ahe.{width}"
    page = _page(server, width=width)
    _enter(page, "阿 禾", "moon-tea-88", name="阿禾")
    expect(page.get_by_role("alert")).to_contain_text("只用英文字母、数字")
    expect(page.locator("#login-rule")).to_be_visible()
    _enter(page, login, "password", name="阿禾")
    expect(page.get_by_role("alert")).to_have_text("密码太简单，请换一个。")
    _enter(page, login, "short", name="阿禾")
    expect(page.get_by_role("alert")).to_have_text("“密码”太短，至少 8。")
    page.screenshot(path=shots / f"enter-{width}.png")
    _enter(page, login, "moon-tea-88", name="阿禾")
    expect(page.locator("#self-name")).to_have_text("阿禾")
    other = _page(server, width=width)
    _enter(other, login, "moon-tea-88")
    expect(other.locator("#self-name")).to_have_text("阿禾")
    page.get_by_role("button", name="设置与隐私").click()
    panel = page.locator("#own")
    panel.get_by_role("tab", name="账号").click()
    expect(panel.locator("[data-list=devices] .own-row")).to_have_count(2)
    panel.get_by_label("密码", exact=True).fill("moon-tea-88")
    panel.get_by_label("新密码").fill("moon-tea-99")
    panel.get_by_role("button", name="修改密码").click()
    expect(panel.locator("[data-list=devices] .own-row")).to_have_count(1)
    expect(other.locator("#connection")).to_contain_text("重新进入")
    panel.get_by_label("名字", exact=True).fill("阿禾禾")
    panel.get_by_role("button", name="保存").click()
    page.screenshot(path=shots / f"account-{width}.png")
    page.locator("#own-log-out").click()
    page.locator("#question [value=yes]").click()
    expect(page.locator("#enter-form")).to_be_visible()
    _enter(page, login, "moon-tea-88")
    expect(page.get_by_role("alert")).to_have_text("账号或密码不正确。")
    _enter(page, login, "moon-tea-99")
    expect(page.locator("#self-name")).to_have_text("阿禾禾")


def test_who_wants_to_stay_logged_in_is_so_in_a_new_tab_and_who_does_not_is_not(server: DemoServer) -> None:
    lasting = _page(server)
    _enter(lasting, "an.keeps", "moon-tea-88", name="安安")
    expect(lasting.locator("#self-name")).to_have_text("安安")
    again = lasting.context.new_page()
    again.goto(f"{server.url}/chat")
    expect(again.locator("#self-name")).to_have_text("安安")
    passing = _page(server)
    _enter(passing, "an.keeps", "moon-tea-88", keep=False)
    expect(passing.locator("#self-name")).to_have_text("安安")
    new = passing.context.new_page()
    new.goto(f"{server.url}/chat")
    expect(new.locator("#enter-form")).to_be_visible()


def test_somebody_of_the_demo_gives_his_account_a_name_and_a_password(server: DemoServer) -> None:
    page = _page(server, "/")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="以林小姐的身份进入").click()
    hers = opened.value
    hers.get_by_role("button", name="设置与隐私").click()
    panel = hers.locator("#own")
    panel.get_by_role("tab", name="账号").click()
    panel.get_by_label("登录名", exact=True).fill("lin.tea")
    panel.get_by_label("密码", exact=True).fill("green-tea-77")
    panel.get_by_role("button", name="设置", exact=True).click()
    expect(panel.get_by_label("新密码")).to_be_visible()
    later = _page(server)
    _enter(later, "lin.tea", "green-tea-77")
    expect(later.locator("#self-name")).to_have_text("林小姐")
