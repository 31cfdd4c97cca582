"""What one has to oneself on the chat page, on a wide window and a phone: drafts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import chromium
from tests.browser.conftest import OpenTab
from tests.browser.server import DemoApi, DemoServer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """One server for all tests of this file."""
    chromium()
    demo = DemoServer(tmp_path_factory.mktemp("own"))
    demo.start()
    yield demo
    demo.stop()


def test_a_draft_goes_on_on_the_other_device_and_is_gone_there_once_it_is_sent(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi
) -> None:
    lin.direct(qiao)
    desk, phone = tab(lin), tab(lin, width=390)
    desk.open("老乔")
    desk.page.locator("#text").press_sequentially("想问下龙井")
    expect(phone.row("老乔").locator(".preview-draft")).to_have_text("[草稿] 想问下龙井")
    phone.open("老乔")
    box = phone.page.locator("#text")
    expect(box).to_have_value("想问下龙井")
    box.press_sequentially("的产地")
    expect(desk.page.locator("#text")).to_have_value("想问下龙井的产地")
    box.press("Enter")
    expect(desk.page.locator("#text")).to_have_value("")
    desk.says("想问下龙井的产地")
    # What is being edited is no draft, and gives the draft back when it ends.
    desk.page.locator("#text").fill("草稿留着")
    desk.page.locator(".message").hover()
    desk.page.get_by_role("button", name="更多操作").click()
    desk.page.locator(".act-menu").get_by_role("menuitem", name="编辑").click()
    desk.page.fill("#text", "想问下龙井的产地？")
    desk.page.press("#text", "Enter")
    desk.says("想问下龙井的产地？")
    expect(desk.page.locator("#text")).to_have_value("草稿留着")
    expect(box).to_have_value("草稿留着")
