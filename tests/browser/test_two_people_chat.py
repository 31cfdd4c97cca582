"""Two people chat in the browser: what one does, the other sees."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import chromium
from tests.browser.conftest import OpenTab
from tests.browser.server import DemoApi, DemoServer
from tests.browser.tab import PATIENCE_MS

pytestmark = pytest.mark.browser


def test_the_first_page_lets_two_people_in_each_in_his_own_window(server: DemoServer, shots: Path) -> None:
    context = chromium().new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(server.url)
    page.screenshot(path=shots / "landing.png", full_page=True)
    places = [place.get_attribute("href") for place in page.locator(".place:visible").all()]
    assert places == ["/demo/", "/desk", "/settings/bot", "/operator", "/review"]
    windows = []
    for name in ("林小姐", "老乔"):
        with context.expect_page() as opened:
            page.get_by_role("link", name=f"以{name}的身份进入").click()
        windows.append(opened.value)
        expect(opened.value.locator("#self-name")).to_have_text(name)
    tokens = [window.evaluate("JSON.parse(sessionStorage.getItem('kefu.session')).token") for window in windows]
    assert tokens[0] != tokens[1]
    assert all(token not in window.url for token, window in zip(tokens, windows, strict=True))
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
    context.close()


def test_the_pages_speak_english_when_asked(server: DemoServer) -> None:
    page = chromium().new_page()
    page.goto(server.url)
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="切换到英文").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("link", name="Enter as 林小姐")).to_be_visible()
    page.context.close()


def test_a_message_arrives_with_an_exact_unread_badge_and_is_marked_read_when_it_is_seen(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, shots: Path
) -> None:
    hers, his = tab(lin), tab(qiao)
    hers.page.get_by_role("button", name="发起聊天").click()
    hers.page.locator(".person", has_text="老乔").click()
    hers.page.get_by_role("button", name="开始聊天").click()
    for text in ("乔师傅，早上好！", "明前龙井还有货吗？", "想送长辈。"):
        hers.say(text)
    expect(his.row("林小姐").locator(".badge")).to_have_text("3")
    expect(his.page).to_have_title(re.compile(r"^\(3\) 老乔"))
    expect(hers.page.locator(".status-read")).to_have_count(0)
    his.shot(shots, "unread")
    his.open("林小姐")
    his.says("乔师傅，早上好！", "明前龙井还有货吗？", "想送长辈。")
    expect(his.page.locator(".badge")).to_have_count(0)
    expect(his.page).to_have_title(re.compile(r"^老乔"))
    expect(hers.page.locator(".status-read")).to_have_count(3)
    hers.shot(shots, "read")


def test_the_other_side_sees_typing_while_it_lasts_and_presence(tab: OpenTab, lin: DemoApi, qiao: DemoApi) -> None:
    lin.direct(qiao)
    hers, his = tab(lin), tab(qiao)
    hers.open("老乔")
    his.open("林小姐")
    state = his.page.locator("#thread-state")
    expect(state).to_have_text("在线")
    hers.page.locator("#text").press_sequentially("我想")
    expect(state).to_have_text("正在输入…")
    expect(his.row("林小姐").locator(".preview")).to_have_text("正在输入…")
    hers.page.fill("#text", "")
    expect(state).to_have_text("在线")
    hers.page.goto("about:blank")
    expect(state).to_have_text("离线")


def test_a_product_card_is_picked_sent_and_shown_with_its_price_and_link(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, shots: Path
) -> None:
    lin.direct(qiao)
    hers, his = tab(lin), tab(qiao)
    hers.open("老乔")
    his.open("林小姐")
    his.page.get_by_role("button", name="发商品卡片").click()
    his.page.locator("#goods-search").fill("龙井")
    his.shot(shots, "picker")
    his.page.locator(".good").click()
    card = hers.page.locator("a.card")
    expect(card.locator(".card-title")).to_have_text("明前西湖龙井 50g 罐装")
    expect(card.locator(".card-price")).to_have_text("¥268.00")
    assert card.locator("img").evaluate("async (image) => { await image.decode(); return image.naturalWidth > 0; }")
    hers.shot(shots, "card")
    with hers.context.expect_page() as opened:
        card.click()
    expect(opened.value.locator("h1")).to_have_text("明前西湖龙井 50g 罐装")


def test_what_somebody_writes_never_becomes_markup_and_a_card_never_runs_anything(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi
) -> None:
    conversation_id = lin.direct(qiao)
    attack = "<img src=x onerror=\"document.title='owned'\"><b>粗</b> https://example.org/a?b=1"
    lin.send(conversation_id, attack)
    his = tab(qiao)
    his.open("林小姐")
    his.says(attack)
    expect(his.page.locator(".bubble img, .bubble b")).to_have_count(0)
    link = his.page.locator(".bubble a")
    expect(link).to_have_attribute("href", "https://example.org/a?b=1")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    hostile = {"title": "免费", "price_fen": 1, "url": "javascript:alert(1)", "image_url": "javascript:alert(2)"}
    shown = his.page.evaluate(
        "async (body) => (await import('/static/js/message_view.js')).productCard(body).outerHTML", hostile
    )
    assert "javascript" not in shown
    assert "href" not in shown


def test_a_choice_that_is_pressed_says_its_words_and_ones_own_cannot_be_pressed(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi
) -> None:
    conversation_id = lin.direct(qiao)
    choices = [{"label": "罐装", "say": "要罐装的"}, {"label": "<b>礼盒</b>", "say": "要礼盒"}]
    lin.send_kind(conversation_id, "choices", {"text": "罐装还是礼盒？", "choices": choices})
    hers, his = tab(lin), tab(qiao)
    hers.open("老乔")
    expect(hers.page.locator(".choice")).to_have_count(2)
    expect(hers.page.locator(".choice:enabled")).to_have_count(0)
    his.open("林小姐")
    expect(his.page.locator(".choice")).to_have_text(["罐装", "<b>礼盒</b>"])
    his.page.locator(".choice", has_text="罐装").click()
    his.says("罐装还是礼盒？", "要罐装的")
    expect(his.page.locator(".choice.chosen")).to_have_text("罐装")
    hers.says("罐装还是礼盒？", "要罐装的")


def test_enter_belongs_to_the_input_method_while_it_is_composing(tab: OpenTab, lin: DemoApi, qiao: DemoApi) -> None:
    lin.direct(qiao)
    hers = tab(lin)
    hers.open("老乔")
    hers.page.fill("#text", "nihao")
    press = "(composing) => text.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: composing}))"
    hers.page.evaluate(press, True)
    expect(hers.page.locator("#text")).to_have_value("nihao")
    hers.page.evaluate(press, False)
    hers.says("nihao")
    hers.page.fill("#text", "两")
    hers.page.press("#text", "Shift+Enter")
    hers.page.locator("#text").press_sequentially("行")
    hers.page.press("#text", "Enter")
    hers.says("nihao", "两\n行")


def test_everything_can_be_done_by_keyboard(tab: OpenTab, lin: DemoApi, qiao: DemoApi, mi: DemoApi) -> None:
    lin.direct(mi)
    lin.direct(qiao)
    hers = tab(lin)
    keyboard = hers.page.keyboard
    hers.row("老乔").focus()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(hers.page.locator("#thread-title")).to_have_text("小米")
    keyboard.type("键盘也行")
    keyboard.press("Enter")
    hers.says("键盘也行")
    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    expect(hers.page.locator("#goods-search")).to_be_focused()
    keyboard.press("Escape")
    expect(hers.page.locator("#goods")).to_be_hidden()
    keyboard.press("Escape")
    expect(hers.page.locator("#thread")).to_be_hidden()


def test_every_control_has_a_name_for_screen_readers(tab: OpenTab, lin: DemoApi, qiao: DemoApi) -> None:
    lin.send(lin.direct(qiao), "在吗")
    hers = tab(lin)
    hers.open("老乔")
    hers.page.get_by_role("button", name="查看成员").click()
    expect(hers.page.locator(".member")).to_have_count(2)
    nameless = hers.page.evaluate(
        """() => [...document.querySelectorAll('button, a, input, textarea, dialog, nav')].filter((element) => {
            const titled = document.getElementById(element.getAttribute('aria-labelledby') ?? '')?.textContent;
            const name = element.getAttribute('aria-label') || titled || element.textContent;
            return element.checkVisibility() && !(name || element.labels?.[0]?.textContent)?.trim();
        }).map((element) => element.outerHTML)"""
    )
    assert nameless == []


def test_history_comes_as_one_scrolls_up_without_a_jump_a_hole_or_a_double(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi
) -> None:
    conversation_id = lin.direct(qiao)
    for number in range(1, 131):
        lin.send(conversation_id, f"第{number}条")
    his = tab(qiao)
    expect(his.row("林小姐").locator(".badge")).to_have_text("99+")
    his.open("林小姐")
    newest = his.page.locator(".bubble", has_text="第130条")
    expect(newest).to_be_in_viewport()
    expect(his.page.locator(".badge")).to_have_count(0)
    text = his.page.locator(".bubble").nth(3).inner_text()
    held = his.page.locator(".bubble", has_text=re.compile(f"^{text}$"))
    held.evaluate("(bubble) => bubble.scrollIntoView()")  # at once: it may be drawn anew while it is being read
    before = held.bounding_box()
    expect(his.page.locator(".bubble").nth(3)).not_to_have_text(text)
    after = held.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 4, "what was being read jumped away"
    his.page.wait_for_function(
        "() => { scroller.scrollTop = 0; return document.querySelectorAll('.bubble').length >= 130; }"
    )
    his.says(*[f"第{number}条" for number in range(1, 131)])
