"""How a message makes itself heard on the chat page: what may sound, and what the reader has chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.chromium import chromium
from tests.browser.conftest import OpenTab
from tests.browser.server import DemoApi, DemoServer
from tests.browser.tab import Tab

pytestmark = pytest.mark.browser

# The sound is made of tones: each that starts is counted, and none is played.
COUNT_TONES = """() => {
  window.tones = 0;
  OscillatorNode.prototype.start = () => { window.tones += 1; };
  OscillatorNode.prototype.stop = () => {};
}"""
LOOK_AWAY = "() => { document.hasFocus = () => false; window.dispatchEvent(new Event('blur')); }"
LOOK_BACK = "() => { document.hasFocus = () => true; window.dispatchEvent(new Event('focus')); }"
ALL_DAY = [{"weekday": day, "start": "00:00", "end": "00:00"} for day in range(1, 8)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """One server for all tests of this file."""
    chromium()
    fold = {"KEFU_SAFETY__FOLD_MESSAGES": "10", "KEFU_SAFETY__FOLD_WINDOW_S": "300"}
    # No quiet hours: offers go out at any time at which the tests run.
    fold |= {"KEFU_MARKETING__QUIET_FROM_H": "0", "KEFU_MARKETING__QUIET_TO_H": "0"}
    demo = DemoServer(tmp_path_factory.mktemp("alerts"), settings=fold)
    demo.start()
    yield demo
    demo.stop()


def away(tab: Tab) -> Tab:
    """Have somebody press something once, as browsers want before a page may sound, and look elsewhere."""
    tab.page.locator("#self-name").click()
    tab.page.evaluate(COUNT_TONES)
    tab.page.evaluate(LOOK_AWAY)
    return tab


def test_a_message_sounds_and_flashes_in_the_title_until_it_is_looked_at(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi
) -> None:
    talk = lin.direct(qiao)
    his = away(tab(qiao))
    lin.send(talk, "在吗")
    expect(his.page).to_have_title("【林小姐发来新消息】")
    assert his.page.evaluate("tones") == 2
    expect(his.page).to_have_title(re.compile(r"^\(1\) 老乔"))
    his.page.evaluate(LOOK_BACK)
    lin.send(talk, "在的话回我")
    expect(his.row("林小姐").locator(".badge")).to_have_text("2")
    expect(his.page).to_have_title(re.compile(r"^\(2\) 老乔"))


def test_do_not_disturb_and_a_muted_conversation_are_silent_and_counted(
    tab: OpenTab, lin: DemoApi, mi: DemoApi, qiao: DemoApi
) -> None:
    talk, muted = lin.direct(mi), qiao.direct(mi)
    mi.call("PUT", "/v1/do-not-disturb", {"intervals": ALL_DAY})
    mi.call("PATCH", f"/v1/conversations/{muted}/own", {"muted": True})
    hers = away(tab(mi))
    lin.send(talk, "睡了吗")
    expect(hers.row("林小姐").locator(".badge")).to_have_text("1")
    expect(hers.page).to_have_title(re.compile(r"^\(1\) 小米"))
    mi.call("PUT", "/v1/do-not-disturb", {"intervals": []})
    qiao.send(muted, "新茶到了")
    expect(hers.row("老乔").locator(".badge")).to_have_text("1")
    expect(hers.page).to_have_title(re.compile(r"^\(1\) 小米"))
    assert hers.page.evaluate("tones") == 0
    lin.send(talk, "醒了吗")
    expect(hers.page).to_have_title("【林小姐发来新消息】")
    assert hers.page.evaluate("tones") == 2


def test_how_it_is_heard_is_chosen_in_the_panel_and_kept(tab: OpenTab, lin: DemoApi, qiao: DemoApi) -> None:
    talk = lin.direct(qiao)
    hers = tab(lin)
    panel = hers.page.locator("#own")
    for again in (False, True):
        hers.page.get_by_role("button", name="设置与隐私").click()
        panel.get_by_role("tab", name="免打扰").click()
        sound, flash = panel.get_by_label("声音"), panel.get_by_label("网页标题闪动")
        if again:
            expect(sound).not_to_be_checked()
            expect(flash).to_be_checked()
            break
        sound.uncheck()
        panel.get_by_role("button", name="关闭", exact=True).click()
        hers.page.reload()
    panel.get_by_label("桌面通知").click()
    expect(hers.page.locator(".toast")).to_have_text(re.compile("浏览器没有允许通知"))
    expect(panel.get_by_label("桌面通知")).not_to_be_checked()
    panel.get_by_role("button", name="关闭", exact=True).click()
    away(hers)
    qiao.send(talk, "货到了")
    expect(hers.page).to_have_title("【老乔发来新消息】")
    assert hers.page.evaluate("tones") == 0


def test_whoever_writes_too_fast_is_folded_away_and_says_why(tab: OpenTab, mi: DemoApi, qiao: DemoApi) -> None:
    talk, other = mi.direct(qiao), qiao.group("茶友群", mi)
    mi.send(other, "周末见")
    his = tab(qiao, width=390)
    asked: list[str] = []
    his.page.on("request", lambda request: asked.append(request.url))
    for number in range(9):
        mi.send(talk, f"在吗 {number}")
    expect(his.row("小米").locator(".badge")).to_have_text("9")
    expect(his.page.locator("#boxes")).to_be_hidden()
    mi.send(talk, "在吗 9")
    expect(his.row("小米")).to_have_count(0)
    expect(his.row("茶友群")).to_be_visible()
    his.page.get_by_role("button", name="折叠消息").click()
    expect(his.row("小米").locator(".preview")).to_have_text("[发得太快] 在吗 9")
    assert not [url for url in asked if url.endswith(f"/v1/conversations/{talk}")], "what came said it"
    his.open("小米")
    his.page.reload()
    his.page.get_by_role("button", name="返回").click()
    his.page.get_by_role("button", name="折叠消息").click()
    expect(his.row("小米")).to_be_visible()


def test_offers_come_to_who_asked_for_them_and_lie_in_the_folded_box(
    tab: OpenTab, server: DemoServer, lin: DemoApi, shots: Path
) -> None:
    staff = httpx.get(f"{server.url}/demo/staff").json()
    person = next(one["id"] for one in staff["staff"] if one["role"] == "owner")
    boss = DemoApi(server.url, "老乔", token=httpx.post(f"{server.url}/demo/staff/{person}/login").json()["token"])
    shop = {"kind": "service", "enterprise_id": staff["enterprise_id"]}
    talk = lin.call("POST", "/v1/conversations", shop)["conversation"]
    boss.call("POST", f"/v1/desk/sessions/{talk['session']['id']}/take")
    offer = {"product_id": "MT-1001", "title": "明前西湖龙井"}
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        boss.send_kind(talk["id"], "product_card", offer)
    hers = tab(lin, width=390)
    hers.open("月茶")
    hers.page.locator("#show-panel").click()
    with hers.page.expect_response("**/v1/marketing/consents/*"):
        hers.page.get_by_label("接收这家店的优惠和活动消息").check()
    expect(hers.page.locator("#panel [name=offers]")).to_be_checked()
    hers.page.locator("#panel").get_by_role("button", name="关闭").click()
    hers.page.get_by_role("button", name="返回").click()
    boss.send_kind(talk["id"], "product_card", offer)
    hers.shot(shots, "offers-main")
    hers.page.get_by_role("button", name="折叠消息").click()
    expect(hers.row("月茶").locator(".preview")).to_contain_text("明前西湖龙井")
    hers.page.get_by_role("button", name="消息", exact=True).click()
    expect(hers.row("月茶")).to_have_count(0)
    hers.shot(shots, "offers")
    hers.page.get_by_role("button", name="折叠消息").click()
    hers.open("月茶")
    expect(hers.page.locator(".offer-note")).to_contain_text("店铺优惠消息")
    hers.shot(shots, "offer-note")
    with hers.page.expect_response("**/v1/marketing/consents/*"):
        hers.page.get_by_role("button", name="不再接收").click()
    expect(hers.page.locator("#toasts")).to_contain_text("已不再接收这家店的优惠消息")
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        boss.send_kind(talk["id"], "product_card", offer)
    boss.close()
