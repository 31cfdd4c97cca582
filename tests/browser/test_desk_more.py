"""More of the desk: capacity, phrases, product cards, labels; and the bot's settings page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import chromium
from tests.browser.desk_world import DeskTab, Shop

pytestmark = pytest.mark.browser
OpenDesk = Callable[..., DeskTab]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    chromium()
    made = Shop(tmp_path_factory.mktemp("desk"))
    yield made
    made.close()


@pytest.fixture
def desk(shop: Shop) -> Iterator[OpenDesk]:
    opened: list[DeskTab] = []

    def open_desk(agent: str, *, width: int = 1280, path: str = "/desk") -> DeskTab:
        opened.append(DeskTab(shop, agent, width=width, path=path))
        return opened[-1]

    yield open_desk
    for each in opened:
        each.close()


def test_an_agent_who_is_full_is_told_so_and_gets_nobody(shop: Shop, desk: OpenDesk) -> None:
    boss = shop.staff_token("沈姐")
    agents = shop.get("/v1/desk/agents", boss)["items"]
    shen = next(one["account_id"] for one in agents if one["name"] == "小沈")
    shop.put(f"/v1/desk/agents/{shen}", {"capacity": 0}, boss)
    shop.customer("老王", "在吗")
    tab = desk("小沈")
    tab.tab("排队")
    tab.open("老王")
    tab.act("take")
    expect(tab.page.locator(".toast.wrong")).to_contain_text("小沈的接待已满：上限 0 个会话")
    expect(tab.page.locator(".head .state")).to_have_text("排队中")


def test_phrases_cards_and_labels_are_at_hand(shop: Shop, desk: OpenDesk) -> None:
    customer = shop.customer("远行", "有龙井吗")
    tab = desk("老乔")
    tab.tab("排队")
    tab.open("远行")
    tab.act("take")
    page = tab.page
    page.locator("[data-do=phrases]").click()
    page.locator(".add input").first.fill("发货时间")
    page.locator(".add textarea").fill("16 点前付款当天发货。")
    page.locator(".add .button").click()
    expect(page.locator(".phrase-list .pick")).to_contain_text("发货时间")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.locator(".write textarea").press_sequentially("/发货")
    expect(page.locator(".phrases button")).to_have_count(1)
    page.locator(".write textarea").press("Enter")
    expect(page.locator(".write textarea")).to_have_value("16 点前付款当天发货。")
    page.locator(".write textarea").press("Enter")
    expect(tab.said("16 点前付款当天发货。")).to_be_visible()
    page.locator("[data-do=products]").click()
    page.locator(".search input").fill("明前西湖龙井")
    page.locator(".pick", has_text="明前西湖龙井").first.click()
    expect(page.locator(".msg .card", has_text="明前西湖龙井")).to_be_visible()
    assert [(one[0], one[1]) for one in customer.hears()][-2:] == [("agent", "text"), ("agent", "product_card")]
    page.locator("form[data-subject=customer] input").fill("爱喝龙井")
    page.locator("form[data-subject=customer] input").press("Enter")
    expect(page.locator(".label", has_text="爱喝龙井")).to_be_visible()
    page.locator("form.note textarea").fill("送长辈")
    page.locator("form.note .button").click()
    expect(page.locator(".notes li")).to_contain_text("送长辈")


def test_escape_wins_over_an_answer_that_is_on_its_way(shop: Shop, desk: OpenDesk) -> None:
    shop.customer("林小姐", "在吗")
    tab = desk("老乔")
    tab.tab("排队")
    tab.open("林小姐")
    tab.act("take")
    page = tab.page
    page.locator("[data-do=phrases]").click()
    page.locator(".add input").first.fill("退货地址")
    page.locator(".add textarea").fill("在订单里点退货即可看到。")
    # In one go: the press, and Escape before the server can have answered.
    page.evaluate("document.querySelector('.add .button').click(); document.querySelector('dialog').close()")
    page.evaluate(
        "document.querySelector('[data-do=products]').click();"
        "document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))"
    )
    page.locator(".write textarea").press_sequentially("/退货地址")
    expect(page.locator(".phrases button")).to_have_count(1)
    expect(page.locator("dialog")).to_have_count(0)


def test_a_half_written_note_outlives_what_happens_in_the_session(shop: Shop, desk: OpenDesk) -> None:
    shop.customer("小满", "在吗")
    tab = desk("老乔")
    tab.tab("排队")
    tab.open("小满")
    tab.act("take")
    page = tab.page
    page.locator("form.note textarea").fill("写到一半")
    page.locator("form[data-subject=session] input").fill("新客")
    page.locator("form[data-subject=session] input").press("Enter")
    expect(page.locator(".label", has_text="新客")).to_be_visible()
    expect(page.locator("form.note textarea")).to_have_value("写到一半")
    expect(page.locator("form[data-subject=session] input")).to_be_focused()


def test_a_key_pressed_while_the_panel_is_drawn_anew_goes_into_the_field_where_one_writes(
    shop: Shop, desk: OpenDesk
) -> None:
    shop.customer("小满", "在吗")
    tab = desk("老乔")
    tab.tab("全部")
    tab.open("小满")
    tab.page.locator("form[data-subject=session] input").fill("新")
    field = tab.page.evaluate(
        """async () => {
          const panel = document.querySelector(".side-pane");
          panel.innerHTML = panel.innerHTML.replaceAll('data-ready="1"', "");  // as the server does
          await Promise.resolve();
          const field = document.querySelector("form[data-subject=session] input");
          return [field.value, document.activeElement === field];
        }"""
    )
    assert field == ["新", True]
    tab.page.locator("form[data-subject=session] input").fill("")


def test_a_conversation_opened_twice_at_once_shows_each_message_once(shop: Shop, desk: OpenDesk) -> None:
    customer = shop.customer("小满", "开两次")
    tab = desk("老乔")
    tab.page.evaluate(
        """(conversation) => {
          for (let times = 0; times < 3; times++) {
            const detail = { do: "open", conversation };
            document.getElementById("desk").dispatchEvent(new CustomEvent("desk", { detail }));
          }
        }""",
        customer.conversation_id,
    )
    customer.says("开着的时候说的")
    expect(tab.said("开着的时候说的")).to_be_visible()
    expect(tab.said("开两次")).to_have_count(1)
    assert tab.page.locator(".msg").count() == len(
        {one.get_attribute("data-seq") for one in tab.page.locator(".msg").all()}
    )


def test_a_press_is_about_the_conversation_that_was_on_the_screen(shop: Shop, desk: OpenDesk) -> None:
    left, here = shop.customer("丽华", "先问一句"), shop.customer("海波", "在吗")
    tab = desk("老乔")
    for name in ("丽华", "海波"):
        tab.tab("排队")
        tab.open(name)
        tab.act("take")
        expect(tab.page.locator(".write")).to_be_visible()
    # A slow browser showed the first one still when this was pressed.
    _press(tab, {"do": "hand_back", "conversation": left.conversation_id})
    tab.answer("在的")
    expect(tab.said("在的")).to_be_visible()
    assert here.hears()[-1] == ("agent", "text", "在的")
    expect(tab.page.locator(".head .state")).to_contain_text("老乔")


def test_two_labels_at_once_both_stay(shop: Shop, desk: OpenDesk) -> None:
    customer = shop.customer("丽华", "在吗", wants_agent=False)
    tab = desk("老乔")
    tab.tab("全部")
    tab.open("丽华")
    told = {"do": "label", "subject": "customer", "conversation": customer.conversation_id}
    _press(tab, {**told, "label": "送礼"}, {**told, "label": "常客"})
    expect(tab.page.locator(".label", has_text="送礼")).to_be_visible()
    expect(tab.page.locator(".label", has_text="常客")).to_be_visible()


def test_what_is_sent_again_after_the_connection_was_lost_is_said_once(shop: Shop, desk: OpenDesk) -> None:
    customer = shop.customer("海波", "在吗", wants_agent=False)
    tab = desk("老乔")
    tab.tab("我的")
    tab.open("海波")
    box = tab.page.locator(".write textarea")
    box.fill("只说一次")
    tab.page.evaluate("socket.disconnect(); document.querySelector('form.write').requestSubmit()")
    expect(tab.page.locator(".connection-lost")).to_be_visible()
    expect(tab.page.locator(".write.sending")).to_have_count(0)
    box.press("Enter")
    tab.page.evaluate("socket.connect()")
    expect(tab.page.locator(".connection-lost")).to_be_hidden()
    expect(box).to_have_value("")
    tab.answer("然后")
    expect(tab.said("然后")).to_be_visible()
    said = [text for origin, _, text in customer.hears() if origin == "agent"]
    assert said[-2:] == ["只说一次", "然后"]
    assert said.count("只说一次") == 1


def test_a_press_counts_though_the_list_is_drawn_anew_under_it(shop: Shop, desk: OpenDesk) -> None:
    shop.customer("海波", "在吗", wants_agent=False)
    tab = desk("老乔")
    tab.tab("全部")
    place = tab.row("海波").bounding_box()
    assert place is not None
    tab.page.mouse.move(place["x"] + 20, place["y"] + 20)
    tab.page.mouse.down()
    tab.page.evaluate("const list = document.querySelector('.list'); list.innerHTML += ''")
    tab.page.mouse.up()
    expect(tab.page.locator(".head h2")).to_have_text("海波")


def _press(tab: DeskTab, *told: dict[str, str]) -> None:
    """Have buttons tell the server something, all in one go."""
    tab.page.evaluate(
        """(presses) => {
          const desk = document.getElementById("desk");
          for (const detail of presses) desk.dispatchEvent(new CustomEvent("desk", { detail }));
        }""",
        list(told),
    )


def test_who_comes_online_is_given_what_waits_where_the_shop_wants_it(shop: Shop, desk: OpenDesk) -> None:
    boss = shop.staff_token("沈姐")
    shop.put("/v1/desk/settings", {"auto_assign": True, "capacity": 8, "grace_s": 60}, boss)
    tab = desk("老乔")
    shop.customer("小满", "请转人工")
    tab.tab("我的")
    expect(tab.row("小满")).to_be_visible()
    shop.put("/v1/desk/settings", {"auto_assign": False, "capacity": 8, "grace_s": 60}, boss)


@pytest.mark.parametrize("width", [1280, 390])
def test_settings_are_saved_and_told_with_who_and_when(shop: Shop, desk: OpenDesk, width: int) -> None:
    tab = desk("沈姐", width=width, path="/settings/bot")
    page = tab.page
    name = f"小月{width}"
    switch = page.locator("[name=auto_reply]")
    if not switch.is_checked():
        page.locator(".switch").click()
    page.locator("[name=name]").fill(name)
    page.locator("[name=start0]").fill("08:30")
    page.locator("[name=day6]").uncheck()
    page.locator("[name=words]").fill("批发，发票抬头")
    page.locator(".save .button").click()
    expect(page.locator(".toast")).to_contain_text("立即生效")
    expect(page.locator(".versions li").first).to_contain_text("沈姐")
    saved = shop.get("/v1/bot/settings", shop.staff_token("沈姐"))["settings"]
    assert (saved["auto_reply"], saved["name"]) == (True, name)
    assert saved["hours"]["days"][0] == [["08:30", "24:00"]] and saved["hours"]["days"][6] == []
    assert saved["triggers"]["words"] == ["批发", "发票抬头"]


def test_a_wrong_field_is_told_beside_it_and_nothing_is_saved(shop: Shop, desk: OpenDesk) -> None:
    tab = desk("沈姐", path="/settings/bot")
    page = tab.page
    before = shop.get("/v1/bot/settings", shop.staff_token("沈姐"))
    page.locator("[name=misses]").fill("99")
    page.locator(".save .button").click()
    expect(page.locator("[data-fault=misses]")).to_have_text("不能大于 10。")
    page.locator("[name=misses]").fill("2")
    page.locator("[name=start1]").fill("半夜")
    page.locator(".save .button").click()
    expect(page.locator("[data-fault=day1]")).to_be_visible()
    assert shop.get("/v1/bot/settings", shop.staff_token("沈姐")) == before


def test_an_agent_may_look_at_the_settings_and_change_nothing(shop: Shop, desk: OpenDesk) -> None:
    tab = desk("老乔", path="/settings/bot")
    expect(tab.page.locator("[name=name]")).to_be_disabled()
    expect(tab.page.locator(".save .button")).to_have_count(0)


def test_a_burst_shows_its_end_and_gives_the_rest_on_demand_without_a_gap(shop: Shop, desk: OpenDesk) -> None:
    customer = shop.customer("琪琪爱喝茶", "第0条")
    tab = desk("老乔")
    tab.tab("排队")
    tab.open("琪琪爱喝茶")
    expect(tab.said("第0条")).to_be_visible()
    for number in range(1, 130):
        customer.says(f"第{number}条")
    expect(tab.said("第129条")).to_be_visible()
    assert tab.page.locator(".msg").count() <= 100
    while tab.page.locator(".earlier").count():
        before = tab.page.locator(".msg").count()
        tab.page.locator(".earlier").click()
        tab.page.wait_for_function("before => document.querySelectorAll('.msg').length > before", arg=before)
    # The bot may say in between that he is in the queue.
    said = [text.strip() for text in tab.page.locator(".msg.from-person .bubble").all_inner_texts()]
    assert said == [f"第{number}条" for number in range(130)]


def test_after_a_restart_of_the_server_the_desk_is_back_with_its_conversation_and_draft(
    shop: Shop, desk: OpenDesk
) -> None:
    customer = shop.customer("郑老师", "在吗")
    tab = desk("老乔")
    tab.tab("排队")
    tab.open("郑老师")
    tab.act("take")
    tab.page.locator(".write textarea").fill("还没写完的")
    tab.page.evaluate("window.before = true")
    shop.restart()
    tab.page.wait_for_function("!window.before", timeout=45_000)
    expect(tab.page.locator(".head h2")).to_have_text("郑老师", timeout=45_000)
    expect(tab.page.locator(".write textarea")).to_have_value("还没写完的")
    tab.page.locator(".write textarea").press("Enter")
    expect(tab.said("还没写完的")).to_be_visible()
    assert customer.hears()[-1] == ("agent", "text", "还没写完的")
    tab.complaints.clear()  # the browser complains about the network while the server is down


def test_a_limited_offer_and_a_form_are_sent_as_cards_and_what_is_missing_is_told(shop: Shop, desk: OpenDesk) -> None:
    customer = shop.customer("古丽", "有活动吗")
    qiao = desk("老乔")
    qiao.open("古丽")
    qiao.act("take")
    qiao.page.get_by_role("button", name="发活动卡片").click()
    form = qiao.page.locator("dialog .offer")
    form.get_by_label("标题").fill("品鉴会")
    form.get_by_label("按钮").fill("预约")
    form.get_by_label("请顾客留下手机号").check()
    form.get_by_label("同意条款").fill("")
    form.get_by_role("button", name="发送").click()
    expect(qiao.page.locator(".toast.wrong")).to_be_visible()
    form.get_by_label("同意条款").fill("仅用于本次品鉴回访")
    form.get_by_role("button", name="发送").click()
    card = qiao.said("品鉴会")
    expect(card.locator(".choices li")).to_have_text("预约")
    expect(form).to_have_count(0)
    assert ("agent", "card", "品鉴会") in customer.hears()
