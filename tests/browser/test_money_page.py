"""Red packets between people: sent, opened by several at once, seen in the thread and in the wallet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import chromium
from tests.browser.conftest import OpenTab
from tests.browser.server import DemoApi, DemoServer
from tests.browser.tab import Tab

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """One server for all tests of this file."""
    chromium()
    demo = DemoServer(tmp_path_factory.mktemp("money"))
    demo.start()
    yield demo
    demo.stop()


def _send(who: Tab, yuan: str, *, shares: str | None = None, split: str | None = None, note: str = "") -> None:
    who.page.get_by_role("button", name="红包", exact=True).click()
    form = who.page.locator(".packet-form")
    if split is not None:
        form.locator(f"[name=split][value={split}]").check()
    form.get_by_label("总金额").fill(yuan)
    if shares is not None:
        form.get_by_label("红包个数").fill(shares)
    form.get_by_label("祝福语").fill(note)
    form.get_by_role("button", name="塞钱进红包").click()


def test_a_packet_for_a_group_is_opened_once_each_and_everybody_sees_who_got_what(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi, shots: Path
) -> None:
    lin.group("茶友群", qiao, mi)
    hers, his, mis = tab(lin), tab(qiao), tab(mi, width=390)
    for each in (hers, his, mis):
        each.open("茶友群")
    _send(hers, "10", shares="2", split="equal", note="周末喝茶")
    for each in (his, mis):
        card = each.page.locator(".packet")
        expect(card).to_contain_text("周末喝茶")
        card.click()
        each.page.get_by_role("button", name="开", exact=True).click()
        expect(each.page.locator(".packet-mine strong")).to_have_text("¥5.00")
        each.shot(shots, f"packet-{each.who.person}")
        each.page.locator(".packet-box").get_by_role("button", name="关闭").click()
        expect(card).to_contain_text("已领取")
    expect(hers.page.locator(".packet")).to_contain_text("已被领完")
    notices = hers.page.locator(".notice", has_text="红包")
    expect(notices).to_have_text(["老乔领取了您的红包", "小米领取了您的红包，红包已被领完"])
    hers.page.locator(".packet").click()
    expect(hers.page.locator(".packet-list .own-row")).to_have_count(2)
    expect(hers.page.locator(".packet-list")).to_contain_text("已领 2/2 个，共 ¥10.00")


def test_what_the_rules_or_the_balance_do_not_allow_is_told_and_nothing_is_paid(
    tab: OpenTab, lin: DemoApi, mi: DemoApi
) -> None:
    lin.direct(mi)
    hers = tab(mi)
    hers.open("林小姐")
    before = mi.call("GET", "/v1/wallet")["balance_fen"]
    _send(hers, "201")
    expect(hers.page.locator(".toast")).to_contain_text("每份 1 到 200 元")
    hers.page.locator(".packet-form").get_by_label("总金额").fill("6.6")
    hers.page.get_by_role("button", name="塞钱进红包").click()
    expect(hers.page.locator(".packet")).to_have_count(1)
    expect(hers.page.locator(".packet-foot")).to_have_text("红包")
    hers.page.locator(".packet").click()
    expect(hers.page.locator(".packet-word")).to_have_text("等待对方领取")
    hers.page.locator(".packet-box").get_by_role("button", name="关闭").click()
    hers.page.get_by_role("button", name="设置与隐私").click()
    hers.page.get_by_role("tab", name="钱包").click()
    expect(hers.page.locator(".own-number")).to_have_text(f"¥{(before - 660) / 100:.2f}")
    expect(hers.page.locator("[data-list=wallet] .own-row").first).to_contain_text("发红包")
    hers.page.set_viewport_size({"width": 390, "height": 844})
    amount = hers.page.locator(".own-number b").bounding_box()
    words = hers.page.locator(".own-score > div").bounding_box()
    assert amount is not None and words is not None
    assert amount["x"] + amount["width"] <= words["x"], "the balance lies over the words beside it"
