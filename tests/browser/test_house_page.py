"""The enterprise's own page: coupons that are given at the desk and redeemed, staff, standing and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import chromium
from tests.browser.desk_world import DeskTab, Shop

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One server for all tests of this file."""
    chromium()
    made = Shop(tmp_path_factory.mktemp("house"))
    yield made
    made.close()


def _enter(shop: Shop, person: str, *, width: int = 1280, path: str = "/settings/shop", title: str = "店铺") -> Page:
    page = chromium().new_page(viewport={"width": width, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{shop.url}{path}")
    page.locator(".door", has_text=person).click()
    expect(page.locator("h1")).to_have_text(title)
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_a_coupon_is_made_preloaded_given_at_the_desk_and_redeemed_once(shop: Shop, shots: Path, width: int) -> None:
    title = f"新客立减{width}"
    boss = _enter(shop, "沈姐", width=width)
    boss.get_by_text("新建优惠券").click()
    boss.get_by_label("名称").fill(title)
    boss.get_by_label("减多少元").fill("20")
    boss.get_by_label("满多少元可用").fill("100")
    boss.get_by_role("button", name="新建").first.click()
    row = boss.locator("[data-coupon]", has_text=title)
    expect(row).to_contain_text("立减 ¥20 · 满 ¥100")
    row.get_by_role("button", name="设为预置").click()
    expect(row.locator(".chip")).to_have_text("预置")
    boss.screenshot(path=shots / f"house-{width}.png", full_page=True)
    row.get_by_role("button", name="取消预置").click()
    expect(row.locator(".chip")).to_have_count(0)
    customer = shop.customer("远行" if width < 500 else "老王", "有优惠吗")
    desk = DeskTab(shop, "老乔", width=width)
    desk.open("远行" if width < 500 else "老王")
    desk.act("take")
    desk.page.get_by_role("button", name="发优惠券").click()
    desk.page.locator("dialog .pick", has_text=title).click()
    expect(desk.said(title).locator(".card-head")).to_have_text("优惠券立减 ¥20")
    grant = customer.coupons()[0]
    desk.page.get_by_role("button", name="发优惠券").click()
    expect(desk.page.locator("dialog .held li")).to_have_text(f"{title}券号 {grant} · 未使用")
    desk.close()
    boss.get_by_text("核销", exact=True).first.click()
    for order, told in (("YC1", None), ("YC2", "已")):
        boss.get_by_label("券号").fill(grant)
        boss.get_by_label("订单号").fill(order)
        boss.get_by_label("订单金额").fill("268")
        boss.get_by_role("button", name="核销").click()
        if told:
            expect(boss.locator(".said")).to_contain_text(told)
        else:
            expect(row).to_contain_text("已发 1，已用 1")
            boss.get_by_text("核销", exact=True).first.click()
    boss.context.close()


def test_the_owner_takes_people_in_changes_their_role_and_makes_a_key_that_works_until_it_is_ended(shop: Shop) -> None:
    httpx.post(f"{shop.url}/v1/sign-up", json={"login": "xiao.wu", "password": "moon tea 88", "name": "小吴"})
    boss = _enter(shop, "沈姐")
    team = boss.locator(".sheet", has_text="团队").first
    team.get_by_label("对方的登录名").fill("nobody.here")
    team.get_by_role("button", name="加入").click()
    expect(boss.locator(".said")).to_be_visible()
    team.get_by_label("对方的登录名").fill("xiao.wu")
    team.get_by_role("button", name="加入").click()
    wu = boss.locator(".rows li", has_text="小吴")
    wu.get_by_label("角色").select_option("analyst")
    wu.get_by_role("button", name="改").click()
    expect(wu.get_by_label("角色")).to_have_value("analyst")
    wu.get_by_role("button", name="移出").click()
    expect(wu).to_have_count(0)
    boss.get_by_text("新建密钥").click()
    boss.get_by_label("用途").fill("订单系统")
    boss.get_by_label("查看订单").check()
    boss.get_by_role("button", name="新建").last.click()
    key = boss.locator(".fresh code").inner_text()
    path = f"{shop.url}/v1/enterprises/{shop.enterprise_id}/orders"
    assert httpx.get(path, headers={"Authorization": f"Bearer {key}"}).status_code == 200
    boss.locator(".rows li", has_text="订单系统").get_by_role("button", name="停用").click()
    expect(boss.locator(".rows li", has_text="订单系统")).to_have_count(0)
    assert httpx.get(path, headers={"Authorization": f"Bearer {key}"}).status_code == 401
    boss.context.close()


def test_new_terms_are_asked_for_again_and_an_agent_only_looks(shop: Shop) -> None:
    headers = {"Authorization": f"Bearer {shop.operator}"}
    body = {"text_zh": "第二版：不骚扰。", "text_en": "Second: no spam."}
    httpx.post(f"{shop.url}/v1/operator/terms", json=body, headers=headers).raise_for_status()
    qiao = _enter(shop, "老乔")
    terms = qiao.locator(".sheet", has_text="绿色沟通公约")
    expect(terms.locator(".chip")).to_have_text("待同意")
    expect(qiao.get_by_role("button", name="我已阅读并同意")).to_have_count(0)
    expect(qiao.get_by_text("API 密钥")).to_have_count(0)
    qiao.context.close()
    boss = _enter(shop, "沈姐")
    boss.get_by_text("第 2 版全文").click()
    expect(boss.locator(".terms")).to_have_text("第二版：不骚扰。")
    boss.get_by_role("button", name="我已阅读并同意").click()
    expect(boss.locator(".sheet", has_text=re.compile("绿色沟通公约")).locator(".chip")).to_have_text("已同意")
    boss.context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_an_order_and_a_program_are_sent_as_cards_and_an_order_told_by_hand_shows_who_led_to_it(
    shop: Shop, shots: Path, width: int
) -> None:
    name = "古丽" if width < 500 else "林小姐"
    customer = shop.customer(name, "我的订单到哪了")
    desk = DeskTab(shop, "老乔", width=width)
    desk.open(name)
    desk.act("take")
    desk.page.get_by_role("button", name="发订单").click()
    chosen = desk.page.locator("dialog .pick").first
    title = chosen.locator("strong").inner_text()
    expect(chosen.locator("time")).not_to_be_empty()
    chosen.click()
    expect(desk.said(title).locator(".card-head")).to_contain_text("订单 YC")
    desk.page.get_by_role("button", name="发小程序卡片").click()
    form = desk.page.locator("dialog form")
    form.get_by_label("小程序名称").fill("月茶会员")
    form.get_by_label("卡片标题").fill("查看积分")
    form.get_by_label("小程序编号").fill("wx0123456789abcdef")
    form.get_by_role("button", name="发送").click()
    expect(desk.said("查看积分").locator(".card-head")).to_contain_text("小程序 · 月茶会员")
    desk.page.get_by_role("button", name="发送商品卡片").click()
    desk.page.get_by_role("button", name="邀请下单 大佛龙井").click()
    expect(desk.said("大佛龙井").locator(".card-head")).to_have_text("商品订单待下单")
    assert [kind for origin, kind, _ in customer.hears() if origin == "agent"] == [
        "order_card",
        "mini_program",
        "order_card",
    ]
    desk.close()
    boss = _enter(shop, "沈姐", width=width, path="/settings/orders", title="订单归因")
    boss.get_by_label("订单号").fill(f"YC{width}")
    boss.get_by_label("买了什么").fill("大佛龙井")
    boss.get_by_label("金额").fill("68")
    boss.get_by_label("来自哪位顾客的会话").select_option(label=name)
    boss.get_by_role("button", name="上报").click()
    row = boss.locator(f"[data-order=YC{width}]")
    expect(row).to_contain_text("老乔 客服")
    expect(boss.locator(".sums")).to_contain_text("老乔 客服")
    assert boss.evaluate("document.documentElement.scrollWidth <= innerWidth")
    boss.screenshot(path=shots / f"orders-{width}.png")
    row.get_by_role("link", name=name).click()
    expect(boss.locator(".msg", has_text="我的订单到哪了")).to_be_visible()
    boss.context.close()
