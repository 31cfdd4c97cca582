"""Whatever happens to the network or the server: every message arrives once, in order, on both sides."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.server import DemoApi, DemoServer

pytestmark = pytest.mark.browser


def test_what_is_written_offline_waits_and_arrives_in_order_when_the_network_is_back(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, shots: Path
) -> None:
    conversation_id = lin.direct(qiao)
    hers, his = tab(lin), tab(qiao)
    hers.open("老乔")
    his.open("林小姐")
    hers.say("在线时说的")
    his.says("在线时说的")
    hers.context.set_offline(True)
    expect(hers.page.locator("#connection")).to_contain_text("网络不可用")
    for text in ("离线一", "离线二", "离线三"):
        hers.say(text)
    expect(hers.page.locator(".status-waiting")).to_have_count(3)
    expect(hers.row("老乔").locator(".preview")).to_contain_text("[待发送] 离线三")
    hers.shot(shots, "offline")
    his.say("你掉线了？")
    his.says("在线时说的", "你掉线了？")
    hers.context.set_offline(False)
    told = ["在线时说的", "你掉线了？", "离线一", "离线二", "离线三"]
    his.says(*told)
    hers.says(*told)
    expect(hers.page.locator(".status-waiting")).to_have_count(0)
    assert lin.messages(conversation_id) == told


def test_a_killed_server_loses_nothing_that_was_sent_or_written_meanwhile(
    tab: OpenTab, server: DemoServer, lin: DemoApi, qiao: DemoApi, shots: Path
) -> None:
    conversation_id = lin.direct(qiao)
    hers, his = tab(lin), tab(qiao)
    hers.open("老乔")
    his.open("林小姐")
    told = []
    for round_number in range(3):
        hers.say(f"她·{round_number}·之前")
        expect(hers.page.locator(".status-waiting, .status-sending")).to_have_count(0)
        server.kill()
        hers.say(f"她·{round_number}·期间")
        his.say(f"他·{round_number}·期间")
        if round_number == 0:
            expect(hers.page.locator("#connection")).to_contain_text("连接已断开")
            hers.shot(shots, "server-down")
        server.start()
        for each in (hers, his):
            expect(each.page.locator(".bubble")).to_have_count(3 * (round_number + 1))
            expect(each.page.locator(".status-waiting, .status-sending")).to_have_count(0)
        told = lin.messages(conversation_id)
        assert len(told) == len(set(told)) == 3 * (round_number + 1)
    hers.says(*told)
    his.says(*told)
    mine = [text for text in told if text.startswith("她")]
    assert mine == [f"她·{number}·{when}" for number in range(3) for when in ("之前", "期间")]


def test_a_server_that_stops_says_so_and_all_go_on_when_it_is_back(
    tab: OpenTab, server: DemoServer, lin: DemoApi, qiao: DemoApi
) -> None:
    lin.direct(qiao)
    hers = tab(lin)
    hers.open("老乔")
    server.stop()
    bar = hers.page.locator("#connection")
    expect(bar).to_be_visible()
    server.start()
    expect(bar).to_contain_text("已恢复连接")
    expect(bar).to_be_hidden()
    hers.say("又见面了")
    expect(hers.page.locator(".is-sent")).to_have_count(1)


def test_unsent_messages_survive_closing_the_window(tab: OpenTab, lin: DemoApi, qiao: DemoApi) -> None:
    lin.direct(qiao)
    hers, his = tab(lin), tab(qiao)
    his.open("林小姐")
    hers.open("老乔")
    hers.context.set_offline(True)
    expect(hers.page.locator("#connection")).to_contain_text("网络不可用")
    hers.say("关了窗口也要送到")
    expect(hers.page.locator(".status-waiting")).to_have_count(1)
    hers.page.close()
    hers.context.set_offline(False)
    hers.new_page()
    hers.enter()
    his.says("关了窗口也要送到")
    hers.open("老乔")
    hers.says("关了窗口也要送到")


def test_two_windows_of_one_person_show_the_same_and_send_nothing_twice(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi
) -> None:
    conversation_id = lin.direct(qiao)
    hers = tab(lin)
    hers.open("老乔")
    first = hers.page
    hers.context.set_offline(True)
    expect(first.locator("#connection")).to_contain_text("网络不可用")
    hers.say("只说一次")
    hers.context.set_offline(False)
    hers.new_page()
    hers.enter()
    hers.open("老乔")
    hers.says("只说一次")
    expect(first.locator(".bubble")).to_have_text(["只说一次"])
    expect(first.locator(".status-waiting, .status-sending")).to_have_count(0)
    assert lin.messages(conversation_id) == ["只说一次"]


def test_a_refused_message_says_why_in_the_servers_words_and_can_be_discarded(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi, shots: Path
) -> None:
    group_id = lin.group("春茶拼单", qiao, mi)
    his = tab(qiao)
    his.open("春茶拼单")
    his.context.set_offline(True)
    expect(his.page.locator("#connection")).to_contain_text("网络不可用")
    his.say("我也要一份")
    lin.remove(group_id, qiao)
    his.context.set_offline(False)
    expect(his.page.locator(".refused-why")).to_contain_text("您不在这个会话中")
    expect(his.page.locator("#compose-blocked")).to_contain_text("您已不在这个会话里")
    his.shot(shots, "refused")
    his.page.get_by_role("button", name="删除").click()
    his.says()


def test_without_websockets_people_still_chat(tab: OpenTab, lin: DemoApi, qiao: DemoApi) -> None:
    lin.direct(qiao)
    hers, his = tab(lin), tab(qiao)
    his.open("林小姐")
    blocked = (
        "window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({code: 1006})); } close() {} };"
    )
    hers.context.add_init_script(blocked)
    hers.new_page()
    hers.enter()
    hers.open("老乔")
    expect(hers.page.locator("#connection")).to_contain_text("兼容方式")
    hers.say("走普通网页也行")
    his.says("走普通网页也行")
    his.say("收到")
    hers.says("走普通网页也行", "收到")
    expect(hers.page.locator(".status-read")).to_have_count(1)
