"""What one has to oneself on the chat page, on a wide window and a phone: drafts, settings, appeals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

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


def test_privacy_do_not_disturb_contacts_and_devices_are_set_from_one_panel(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi, shots: Path
) -> None:
    talk = lin.direct(mi)
    hers = tab(lin)
    panel = hers.page.locator("#own")
    hers.page.get_by_role("button", name="设置与隐私").click()
    panel.get_by_label("互相关注的人").check()
    panel.get_by_label("添加：白名单").select_option("老乔")
    panel.get_by_label("添加：黑名单").select_option("小米")
    expect(panel.locator("[data-list=blacklist] .own-row")).to_have_text(re.compile("小米"))
    assert mi.refusal(talk, "在吗") is not None
    panel.get_by_role("button", name="移除小米").click()
    expect(panel.locator("[data-list=blacklist]")).to_have_count(0)
    hers.shot(shots, "own-privacy")
    panel.get_by_role("tab", name="免打扰").click()
    panel.get_by_role("button", name="给周二添加时段").click()
    panel.locator("[data-day='2'] input[name=from]").fill("12:00")
    panel.locator("[data-day='2'] input[name=to]").fill("13:30")
    panel.locator("[data-day='2']").get_by_role("button", name="保存").click()
    panel.locator("[data-day='2']").get_by_role("button", name="用于每天").click()
    expect(panel.locator(".own-chip")).to_have_text(["12:00 – 13:30"] * 7)
    panel.get_by_role("button", name="删除周日").click()
    expect(panel.locator(".own-chip")).to_have_count(6)
    panel.get_by_role("tab", name="联系人").click()
    panel.get_by_label("新分组的名字").fill("茶友")
    panel.get_by_role("button", name="新建").click()
    panel.locator("[data-list=known] .own-row", has_text="小米").get_by_role("button", name="关注").click()
    panel.get_by_role("button", name="特别关注小米").click()
    panel.get_by_role("button", name="给小米分组").click()
    panel.locator("[data-list=follows]").get_by_label("茶友").check()
    expect(panel.locator("[data-list=follows] .about")).to_have_text("特别关注 · 茶友")
    # Drawing the tab anew does not close what was opened in it.
    expect(panel.locator("[data-list=follows]").get_by_label("茶友")).to_be_checked()
    expect(panel.get_by_role("button", name="给小米分组")).to_have_attribute("aria-expanded", "true")
    expect(panel.locator("[data-list=follows]").get_by_label("茶友")).to_be_visible()
    assert mi.refusal(talk, "还不行") is not None
    follower = mi.call("PUT", f"/v1/follows/{lin.person}", {"special": False})
    assert follower["relation"]["mutual"]
    assert mi.refusal(talk, "互相关注了") is None
    hers.shot(shots, "own-contacts")
    # The phone sees the same; ending it there shows here, and the other window has to log in again.
    phone = tab(lin, width=390)
    phone.page.get_by_role("button", name="设置与隐私").click()
    phone.page.get_by_role("tab", name="账号").click()
    expect(phone.page.locator(".own-tag")).to_have_text("本机")
    phone.shot(shots, "own-devices-phone")
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.page.get_by_role("button", name="退出其他全部设备").click()
    phone.page.get_by_role("button", name="确定").click()
    expect(phone.page.locator("[data-list=devices] .own-row")).to_have_count(1)
    expect(hers.page.locator("#connection")).to_contain_text("重新进入")
    phone.page.get_by_role("tab", name="联系人").click()
    phone.page.get_by_role("button", name="取消关注").click()
    phone.page.get_by_role("button", name="确定").click()
    expect(phone.page.locator("[data-list=followers]").get_by_role("button", name="回关")).to_be_visible()
    hers.complaints.clear()


def test_a_refused_message_says_why_and_is_appealed_from_its_own_words(
    tab: OpenTab, server: DemoServer, lin: DemoApi, qiao: DemoApi, shots: Path
) -> None:
    lin.direct(qiao)
    operator = DemoApi(server.url, "林小姐", token=(server.data / "operator.token").read_text("utf-8").strip())
    hers = tab(lin)
    hers.open("老乔")
    hers.say("不如去网*络*赌*场玩")
    expect(hers.page.locator(".status-held")).to_have_text("审核中")
    (case,) = operator.call("GET", "/v1/review/cases")["items"]
    operator.call("POST", f"/v1/review/cases/{case['id']}/decision", {"verdict": "confirm"})
    expect(hers.page.locator(".refused-why")).to_have_text("审核未通过：敏感词")
    hers.page.locator(".refused").get_by_role("button", name="申诉").click()
    expect(hers.page.locator("#appeal .own-about")).to_have_text("针对：不如去网*络*赌*场玩")
    hers.page.fill("#appeal-text", "说的是一部电影")
    hers.shot(shots, "own-appeal")
    hers.page.get_by_role("button", name="提交申诉").dblclick()
    row = hers.page.locator("[data-list=appeals] .own-row")
    expect(row).to_contain_text("说的是一部电影")
    expect(row).to_contain_text("复核中")
    (appeal,) = operator.call("GET", "/v1/review/cases?kind=appeal")["items"]
    operator.call("POST", f"/v1/review/cases/{appeal['id']}/decision", {"verdict": "grant"})
    # The address that every refusal names leads to the same place.
    hers.page.keyboard.press("Escape")
    hers.page.evaluate("location.hash = 'appeal'")
    expect(row).to_contain_text("申诉通过")
    expect(hers.page.locator("[data-list=kept]")).to_have_count(0)


def test_what_is_set_before_the_last_answer_is_there_takes_nothing_back(tab: OpenTab, mi: DemoApi) -> None:
    hers = tab(mi)
    panel = hers.page.locator("#own")
    hers.page.get_by_role("button", name="设置与隐私").click()
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "PUT":
            held.append(route)
        else:
            route.continue_()

    def release() -> None:
        while len(held) < 2:
            hers.page.wait_for_timeout(20)
        for route in held:
            with hers.page.expect_response(lambda answer: answer.request.method == "PUT"):
                route.continue_()
        held.clear()

    hers.page.route(re.compile("/v1/(privacy|do-not-disturb)"), hold)
    panel.get_by_label("互相关注的人").check()
    panel.locator("[data-key=findable]").uncheck()
    release()
    privacy = mi.call("GET", "/v1/privacy")
    assert (privacy["who"], privacy["findable"]) == ("mutual", False)
    panel.get_by_role("tab", name="免打扰").click()
    for day in ("周二", "周五"):
        panel.get_by_role("button", name=f"给{day}添加时段").click()
        panel.locator(".own-day", has_text=day).get_by_role("button", name="保存").click()
    release()
    expect(panel.locator(".own-chip")).to_have_count(2)


def test_who_is_banned_hears_so_and_can_still_appeal(
    tab: OpenTab, server: DemoServer, mi: DemoApi, qiao: DemoApi
) -> None:
    mi.direct(qiao)
    operator = DemoApi(server.url, "小米", token=(server.data / "operator.token").read_text("utf-8").strip())
    hers = tab(mi, width=390)
    hers.open("老乔")
    hers.say("不如去网*络*赌*场玩")
    expect(hers.page.locator(".status-held")).to_have_text("审核中")
    (case,) = operator.call("GET", "/v1/review/cases?kind=held")["items"]
    operator.call("POST", f"/v1/review/cases/{case['id']}/decision", {"verdict": "ban"})
    hers.page.locator("#connection").get_by_role("button", name="申诉").click()
    expect(hers.page.locator(".own-score")).to_contain_text("账号已被平台封禁")
    ban = hers.page.locator("[data-list=sanctions] .own-row", has_text="三级：封禁")
    ban.get_by_role("button", name="申诉").click()
    hers.page.fill("#appeal-text", "说的是一部电影")
    hers.page.get_by_role("button", name="提交申诉").click()
    expect(hers.page.locator("[data-list=appeals] .own-row")).to_contain_text("复核中")
    operator.close()
    hers.complaints.clear()
