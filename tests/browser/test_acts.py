"""What people do to messages and groups, by hand: two people and a group talking at once, a wide window and a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import OpenTab
from tests.browser.server import DemoApi
from tests.browser.tab import Tab

pytestmark = pytest.mark.browser


def _message(tab: Tab, text: str) -> Locator:
    return tab.page.locator(".message", has=tab.page.locator(".bubble", has_text=text)).last


def _act(tab: Tab, text: str, name: str) -> None:
    """Choose something from a message's menu."""
    message = _message(tab, text)
    message.hover()
    message.get_by_role("button", name="更多操作").click()
    tab.page.locator(".act-menu").get_by_role("menuitem", name=name).or_(
        tab.page.locator(".act-menu").get_by_role("button", name=name, exact=True)
    ).click()


def test_two_people_and_a_group_act_on_messages_at_once(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi, shots: Path
) -> None:
    group = lin.group("春茶群", qiao, mi)
    hers, his = tab(lin), tab(qiao, width=390)
    hers.open("春茶群")
    his.open("春茶群")
    hers.say("周五品茶")
    mi.send(group, "我也在说")
    _act(his, "周五品茶", "回复")
    his.say("@林小姐 几点？")
    expect(hers.page.locator(".act-quote")).to_have_text("林小姐: 周五品茶")
    _act(hers, "周五品茶", "编辑")
    hers.page.fill("#text", "周六品茶")
    hers.page.press("#text", "Enter")
    expect(his.page.locator(".act-quote")).to_have_text("林小姐: 周六品茶")
    _act(hers, "几点", "👍")
    expect(his.page.locator(".act-reactions")).to_have_text("👍 1")
    hers.shot(shots, "acts-wide")
    his.shot(shots, "acts-phone")
    _act(hers, "周六品茶", "撤回")
    expect(his.page.locator(".act-gone")).to_have_text("林小姐撤回了一条消息")
    expect(his.page.locator(".act-quote")).to_have_text("林小姐: 原消息已不可见")
    mi.send(group, "我还在说")
    _act(his, "我还在说", "仅对我删除")
    expect(his.page.locator(".act-gone").last).to_have_text("您删除了这条消息")
    expect(_message(hers, "我还在说")).to_be_visible()


def test_who_is_called_before_it_is_known_who_is_here_is_called_all_the_same(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi
) -> None:
    group = lin.group("春茶群", qiao, mi)
    his = tab(qiao)
    held: list[Route] = []
    his.page.route("**/members*", lambda route: held.append(route), times=2)
    his.open("春茶群")
    his.say("@林小姐 几点？")
    expect(his.page.locator("#text")).to_have_value("@林小姐 几点？")
    while len(held) < 2:  # the thread asks when it opens, and so does the text
        his.page.wait_for_timeout(20)
    his.page.locator("#text").press_sequentially(" 我带茶点")
    expect(his.page.locator(".message .bubble")).to_have_count(0)
    for route in held:
        route.continue_()
    expect(_message(his, "几点")).to_contain_text("已送达")
    expect(his.page.locator("#text")).to_have_value("我带茶点")
    (said,) = [one for one in lin.call("GET", f"/v1/conversations/{group}/messages")["items"] if one["kind"] == "text"]
    assert said["mentions"] == [lin.person]


def test_an_edit_that_did_not_arrive_is_still_there_and_what_is_chosen_stays_chosen(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi
) -> None:
    chat = lin.direct(qiao)
    hers = tab(lin)
    hers.open("老乔")
    hers.say("周五品茶")
    expect(_message(hers, "周五品茶")).to_contain_text("已送达")
    hers.page.route(f"**/conversations/{chat}/messages/*", lambda route: route.abort(), times=1)
    _act(hers, "周五品茶", "编辑")
    hers.say("周六品茶")
    expect(hers.page.locator(".toast")).to_be_visible()
    expect(hers.page.locator("#text")).to_have_value("周六品茶")
    hers.page.press("#text", "Enter")
    expect(_message(hers, "周六品茶")).to_be_visible()
    expect(hers.page.locator("#text")).to_have_value("")
    _act(hers, "周六品茶", "多选")
    box = _message(hers, "周六品茶").locator(".act-pick")
    expect(box).to_be_checked()
    (said,) = lin.call("GET", f"/v1/conversations/{chat}/messages")["items"]
    qiao.call("PUT", f"/v1/conversations/{chat}/messages/{said['seq']}/reactions/👍")
    expect(hers.page.locator(".act-reactions")).to_have_text("👍 1")
    expect(box).to_be_checked()


def test_what_an_answer_quotes_is_shown_as_soon_as_it_has_come(tab: OpenTab, lin: DemoApi, qiao: DemoApi) -> None:
    chat = lin.direct(qiao)
    for number in range(70):
        lin.send(chat, f"第{number}条")
    oldest = lin.call("GET", f"/v1/conversations/{chat}/messages?limit=100")["items"][-1]
    answer = {"client_msg_id": "answers-the-first", "kind": "text", "v": 1, "body": {"text": "说的是这条"}}
    qiao.call("POST", f"/v1/conversations/{chat}/messages", {**answer, "reply_to": oldest["seq"]})
    hers = tab(lin)
    held: list[Route] = []
    hers.page.route(f"**/conversations/{chat}/messages/{oldest['seq']}*", lambda route: held.append(route))
    hers.open("老乔")
    expect(hers.page.locator(".act-quote")).to_have_text("林小姐: 原消息已不可见")
    while not held:
        hers.page.wait_for_timeout(20)
    hers.page.wait_for_timeout(500)  # nothing else is to be drawn any more
    for route in held:
        route.continue_()
    expect(hers.page.locator(".act-quote")).to_have_text("林小姐: 第0条")


def test_an_owner_runs_the_group_from_its_panel_and_everybody_sees_it(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi, shots: Path
) -> None:
    lin.group("秋茶群", qiao)
    hers, his = tab(lin), tab(qiao)
    his.open("秋茶群")
    hers.open("秋茶群")
    hers.page.locator("#show-panel").click()
    hers.page.fill("#panel input[name=notice]", "周日开仓")
    hers.page.locator("[data-save=notice]").click()
    expect(his.page.locator("#group-notice")).to_have_text("公告：周日开仓")
    hers.page.fill("#panel input[name=nickname]", "小林")
    hers.page.locator("[data-act^='member.silence:']").click()
    expect(his.page.locator("#compose-blocked")).to_have_text(re.compile(r"^您已被禁言，.+ \d\d:\d\d 解除$"))
    expect(hers.page.locator("[data-act^='member.speak:']")).to_be_visible()
    expect(hers.page.locator("#panel input[name=nickname]")).to_have_value("小林")  # half written, and not lost
    hers.shot(shots, "panel-wide")
    hers.page.locator("[data-act=link]").click()
    expect(hers.page.locator("#panel output")).to_contain_text("#join=")
    link = hers.page.locator("#panel output").text_content() or ""
    hers.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hers.page.locator("[data-act=copy-link]").click()
    expect(hers.page.locator(".toast")).to_contain_text("链接已复制")
    assert hers.page.evaluate("navigator.clipboard.readText()") == link
    hers.shot(shots, "panel-link")
    hers.page.locator("#panel select").select_option(label="1 小时有效")
    hers.page.locator("[data-act=link]").click()
    expect(hers.page.locator("#panel output")).not_to_have_text(link)
    hers.page.locator("#panel").get_by_role("button", name="关闭", exact=True).click()
    hers.page.locator("#show-panel").click()
    expect(hers.page.locator("#panel")).to_contain_text("林小姐 禁言 · 老乔")
    expect(hers.page.locator("#panel .act-member", has_text="用过 0 次")).to_have_count(2)
    hers.page.locator("#panel .act-member", has_text="用过 0 次").first.get_by_role("button", name="作废").click()
    expect(hers.page.locator("#panel .act-member", has_text="用过 0 次")).to_have_count(1)
    friend = tab(mi, width=390)
    friend.page.evaluate("code => { location.hash = code; }", link.partition("#")[2])
    friend.page.get_by_role("button", name="加入", exact=True).click()
    expect(friend.page.locator("#thread-title")).to_have_text("秋茶群")
    friend.page.locator("#show-panel").click()
    friend.page.locator("#panel input[name=pin]").check()
    friend.shot(shots, "panel-phone")
    expect(friend.page.locator(".conversation.is-pinned")).to_have_count(1)


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_pinned_and_announced_can_be_read_whole_and_people_go_by_their_names_in_the_group(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi, shots: Path, width: int
) -> None:
    group = lin.group("夏茶群", qiao)
    lin.send(group, "周五下午三点开仓，先到先得")
    lin.send(group, "自提地址在群文件里")
    lin.add(group, mi)
    notice = "每人限购两罐，" * 12
    lin.call("PATCH", f"/v1/conversations/{group}/group", {"notice": notice})
    lin.call("PUT", f"/v1/conversations/{group}/members/{lin.person}/nickname", {"nickname": "掌柜"})
    hers, his, late = tab(lin, width=width), tab(qiao, width=width), tab(mi, width=width)
    for each in (hers, his, late):
        each.open("夏茶群")
    expect(his.page.locator(".sender").first).to_have_text("掌柜")
    for said, pinned in (("周五下午", "置顶：掌柜: 周五下午"), ("自提地址", "置顶 2 条：掌柜: 自提地址")):
        _act(hers, said, "置顶到群")
        expect(hers.page.locator("#group-pins")).to_contain_text(pinned)
    expect(his.page.locator("#group-pins")).to_have_text("置顶 2 条：掌柜: 自提地址在群文件里")
    # Who came later may not see what was said before.
    expect(late.page.locator("#group-pins")).to_have_text("置顶 2 条：您入群前的消息")
    shown = his.page.locator("#group-notice")
    assert shown.evaluate("notice => notice.scrollWidth <= notice.clientWidth")
    his.shot(shots, f"pins-{width}")
    his.page.locator("#group-pins").click()
    expect(his.page.locator("#pins .act-whole")).to_have_text(
        ["掌柜: 自提地址在群文件里", "掌柜: 周五下午三点开仓，先到先得"]
    )
    expect(his.page.locator("#pins").get_by_role("button", name="取消置顶")).to_have_count(0)
    hers.page.locator("#group-pins").click()
    hers.page.locator("#pins").get_by_role("button", name="取消置顶").first.click()
    expect(his.page.locator("#group-pins")).to_have_text("置顶：掌柜: 周五下午三点开仓，先到先得")
    _act(hers, "周五下午", "取消置顶")
    expect(his.page.locator("#group-pins")).to_be_hidden()
    late.complaints.clear()  # the browser reports the message that is not there for her


def test_several_messages_go_on_as_one_card_and_a_bad_one_is_reported(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi, shots: Path
) -> None:
    talk, other = lin.direct(qiao), lin.direct(mi)
    for text in ("明天几点", "来店里"):
        lin.send(talk, text)
    qiao.send(talk, "十点，给我转账五百")
    lin.send(other, "在吗")
    hers = tab(lin, width=390)
    hers.open("老乔")
    _act(hers, "明天几点", "多选")
    _message(hers, "十点").locator(".act-pick").check()
    hers.shot(shots, "choosing")
    hers.page.locator(".act-bar").get_by_role("button", name="转发").click()
    hers.page.locator(".act-panel").get_by_role("button", name="小米").click()
    hers.page.get_by_role("button", name="返回").click()
    hers.open("小米")
    card = hers.page.locator(".act-merged")
    expect(card.locator("summary")).to_have_text("林小姐、老乔的聊天记录 · 2 条")
    card.locator("summary").click()
    expect(card.locator("p")).to_have_text(["林小姐: 明天几点", "老乔: 十点，给我转账五百"])
    hers.page.get_by_role("button", name="返回").click()
    hers.open("老乔")
    _act(hers, "十点", "举报")
    sheet = hers.page.get_by_role("dialog", name="举报老乔")
    sheet.get_by_label("欺诈").check()
    sheet.get_by_label("补充说明").fill("要我转账")
    sheet.get_by_role("button", name="提交举报").click()
    expect(hers.page.locator(".toast")).to_contain_text("已举报")
