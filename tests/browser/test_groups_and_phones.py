"""Groups of three, and the pages on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenTab
from tests.browser.server import DemoApi

pytestmark = pytest.mark.browser

PHONE = 390


def _fits(page: Page) -> None:
    """Nothing is wider than the window."""
    widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert widths[0] <= widths[1], f"scrolls sideways: {widths}"


def test_a_group_of_three_is_made_and_everybody_hears_everybody(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi, shots: Path
) -> None:
    hers, his, friends = tab(lin), tab(qiao), tab(mi)
    hers.page.get_by_role("button", name="发起聊天").click()
    hers.page.get_by_role("radio", name="群聊").check()
    hers.page.fill("#new-title", "春茶拼单群")
    hers.page.locator(".person", has_text="老乔").click()
    hers.page.locator(".person", has_text="小米").click()
    expect(hers.page.locator("#new-count")).to_have_text("已选 2 人")
    hers.shot(shots, "new-group")
    hers.page.get_by_role("button", name="创建群聊").click()
    expect(hers.page.locator("#thread-state")).to_have_text("3 位成员")
    hers.say("拼一单龙井？")
    his.open("春茶拼单群")
    his.say("我要两罐")
    friends.open("春茶拼单群")
    friends.say("算我一个")
    for each in (hers, his, friends):
        each.says("拼一单龙井？", "我要两罐", "算我一个")
    expect(hers.page.locator(".sender")).to_have_text(["老乔", "小米"])
    expect(hers.page.locator(".notice")).to_have_text(["林小姐创建了群聊"])
    expect(hers.page.locator(".message.own .status")).to_contain_text("全部已读")
    hers.shot(shots, "group")


def test_who_joins_later_sees_what_is_said_from_then_on(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi, shots: Path
) -> None:
    group_id = lin.group("茶友", qiao)
    lin.send(group_id, "这句小米看不到")
    hers, friends = tab(lin), tab(mi)
    hers.open("茶友")
    hers.page.get_by_role("button", name="查看成员").click()
    hers.page.locator("#invite .person", has_text="小米").click()
    hers.page.get_by_role("button", name="邀请成员").click()
    expect(hers.page.locator(".member")).to_have_count(3)
    hers.shot(shots, "members")
    hers.page.keyboard.press("Escape")
    hers.say("欢迎小米")
    expect(friends.row("茶友").locator(".badge")).to_have_text("1")
    friends.open("茶友")
    friends.says("欢迎小米")
    expect(friends.page.locator(".notice")).to_have_text(["林小姐邀请小米加入了群聊"])


def test_a_rename_reaches_everybody_and_a_member_can_be_removed(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi
) -> None:
    lin.group("旧名字", qiao, mi)
    hers, his = tab(lin), tab(qiao)
    hers.open("旧名字")
    his.open("旧名字")
    hers.page.get_by_role("button", name="查看成员").click()
    hers.page.fill("#rename-title", "新名字")
    hers.page.get_by_role("button", name="保存").click()
    expect(his.page.locator("#thread-title")).to_have_text("新名字")
    hers.page.get_by_role("button", name="将老乔移出群聊").click()
    hers.page.get_by_role("button", name="确定").click()
    expect(hers.page.locator(".member")).to_have_count(2)
    expect(his.page.locator("#compose-blocked")).to_be_visible()
    expect(his.page.locator(".notice").last).to_have_text("林小姐将老乔移出了群聊")


def test_a_refused_command_is_explained_in_the_servers_words(tab: OpenTab, lin: DemoApi, qiao: DemoApi) -> None:
    lin.group("茶友", qiao)
    hers = tab(lin)
    hers.open("茶友")
    hers.page.get_by_role("button", name="查看成员").click()
    hers.page.fill("#rename-title", "   ")
    with hers.page.expect_response(lambda response: response.request.method == "PATCH") as refused:
        hers.page.get_by_role("button", name="保存").click()
    toast = hers.page.locator(".toast")
    expect(toast).to_have_text(refused.value.json()["detail"])
    toast.get_by_role("button", name="关闭提示").click()
    expect(toast).to_have_count(0)
    hers.page.keyboard.press("Escape")
    expect(hers.page.locator("#members")).to_be_hidden()
    hers.page.keyboard.press("Escape")
    expect(hers.page.locator("#thread")).to_be_hidden()
    hers.complaints.clear()  # the browser reports the refused request by itself


def test_a_list_longer_than_the_welcome_goes_on_as_one_scrolls(tab: OpenTab, lin: DemoApi, qiao: DemoApi) -> None:
    for number in range(104):
        lin.group(f"第{number}群", qiao)
    hers = tab(lin)
    expect(hers.page.locator(".conversation")).to_have_count(100)
    hers.page.locator(".conversation").last.scroll_into_view_if_needed()
    expect(hers.page.locator(".conversation")).to_have_count(104)


def test_leaving_a_group_asks_first(tab: OpenTab, lin: DemoApi, qiao: DemoApi) -> None:
    lin.group("路过", qiao)
    his = tab(qiao)
    his.open("路过")
    his.page.get_by_role("button", name="查看成员").click()
    his.page.get_by_role("button", name="退出群聊").click()
    his.page.get_by_role("button", name="取消").last.click()
    expect(his.page.locator("#members")).to_be_visible()
    his.page.get_by_role("button", name="退出群聊").click()
    his.page.get_by_role("button", name="确定").click()
    expect(his.page.locator("#compose-blocked")).to_be_visible()


def test_on_a_phone_nothing_scrolls_sideways_and_back_leads_to_the_list(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi, shots: Path
) -> None:
    lin.group("一个名字特别特别长的群聊，长到手机屏幕一行绝对放不下为止", qiao, mi)
    conversation_id = lin.direct(qiao)
    qiao.send(conversation_id, "w" * 400 + " https://example.org/" + "a" * 200)
    phone = tab(lin, width=PHONE, has_touch=True, is_mobile=True)
    _fits(phone.page)
    phone.shot(shots, "phone-list")
    phone.open("老乔")
    phone.page.get_by_role("button", name="更多", exact=True).tap()
    phone.page.get_by_role("button", name="发商品卡片").tap()
    expect(phone.page.locator(".good")).to_have_count(6)
    _fits(phone.page)
    phone.shot(shots, "phone-picker")
    phone.page.locator(".good").first.tap()
    expect(phone.page.locator("a.card")).to_be_visible()
    _fits(phone.page)
    phone.shot(shots, "phone-thread")
    phone.page.get_by_role("button", name="查看成员").tap()
    expect(phone.page.locator(".member")).to_have_count(2)
    _fits(phone.page)
    phone.page.get_by_role("button", name="关闭").last.tap()
    phone.page.get_by_role("button", name="返回列表").tap()
    expect(phone.row("老乔")).to_be_visible()
    phone.open("老乔")
    phone.page.go_back()
    expect(phone.row("老乔")).to_be_visible()
    phone.page.get_by_role("button", name="发起聊天").tap()
    expect(phone.page.locator("#new-chat")).to_be_visible()
    _fits(phone.page)
    phone.shot(shots, "phone-new")


def test_on_a_phone_the_first_page_fits_too(tab: OpenTab, lin: DemoApi, shots: Path) -> None:
    phone = tab(lin, width=PHONE, color_scheme="dark")
    phone.page.goto(phone.page.url.split("/chat")[0])
    expect(phone.page.locator(".door")).to_have_count(2)
    _fits(phone.page)
    phone.page.screenshot(path=shots / "phone-landing-dark.png", full_page=True)


def test_a_message_is_not_read_while_the_phone_shows_the_list(tab: OpenTab, lin: DemoApi, qiao: DemoApi) -> None:
    conversation_id = lin.direct(qiao)
    phone = tab(lin, width=PHONE)
    phone.open("老乔")
    phone.page.get_by_role("button", name="返回列表").click()
    qiao.send(conversation_id, "在吗")
    expect(phone.row("老乔").locator(".badge")).to_have_text("1")
