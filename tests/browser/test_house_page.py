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


def test_new_terms_are_published_asked_for_again_and_an_agent_only_looks(shop: Shop, shots: Path) -> None:
    operator = chromium().new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
    operator.on("dialog", lambda dialog: dialog.accept())
    operator.goto(f"{shop.url}/operator")
    operator.get_by_label("运营令牌").fill(shop.operator)
    operator.get_by_role("button", name="查看").click()
    operator.get_by_label("中文").fill("第二版：不骚扰。")
    operator.get_by_label("英文").fill("Second: no spam.")
    operator.screenshot(path=shots / "terms-390.png", full_page=True)
    operator.get_by_role("button", name="发布第 2 版").click()
    expect(operator.get_by_role("alert")).to_have_text("第 2 版已生效。")
    assert operator.evaluate("document.documentElement.scrollWidth <= innerWidth")
    operator.context.close()
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
    boss.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    boss.screenshot(path=shots / f"orders-{width}.png")
    row.get_by_role("link", name=name).click()
    expect(boss.locator(".msg", has_text="我的订单到哪了")).to_be_visible()
    boss.context.close()


def test_an_enterprise_asks_for_the_mark_is_refused_with_a_reason_and_then_verified(shop: Shop, shots: Path) -> None:
    made = shop.post("/v1/enterprises", {"name": "山茶铺"}, shop.operator)["account"]["id"]
    owner = shop.post("/v1/accounts", {"name": "许老板"}, shop.operator)["account"]["id"]
    shop.put(f"/v1/enterprises/{made}/members/{owner}", {"role": "owner"}, shop.operator)
    token = shop.post("/v1/tokens", {"account_id": owner, "enterprise_id": made}, shop.operator)["token"]
    boss = chromium().new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
    boss.goto(f"{shop.url}/settings/shop")
    boss.get_by_text("用店主发的令牌登录").click()
    boss.get_by_label("客服令牌").fill(token)
    boss.get_by_role("button", name="登录").last.click()
    mark = boss.locator(".sheet", has_text="企业认证")
    review = chromium().new_page(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    review.goto(f"{shop.url}/review")
    review.get_by_label("运营令牌").fill(shop.operator)
    review.get_by_role("button", name="查看").click()
    for verdict, answer, state in (("不通过", "执照不清楚", "未通过"), ("通过", "", "已通过")):
        mark.get_by_label("证明材料").fill("营业执照、商标注册证")
        mark.get_by_role("button", name="申请认证").click()
        expect(mark.locator(".rows .chip").first).to_have_text("审核中")
        expect(mark.get_by_role("button", name="申请认证")).to_have_count(0)
        review.get_by_role("button", name="企业认证").click()
        sheet = review.locator(".sheet", has_text="山茶铺")
        expect(sheet.locator("li")).to_have_text(["营业执照", "商标注册证"])
        sheet.get_by_role("textbox").fill(answer)
        review.screenshot(path=shots / "marks.png")
        sheet.get_by_role("button", name=verdict, exact=True).click()
        expect(review.get_by_role("alert")).to_contain_text("已处理")
        boss.goto(f"{shop.url}/settings/shop")
        expect(mark.locator(".rows li").first).to_contain_text(answer)
        expect(mark.locator(".rows .chip").first).to_have_text(state)
    expect(mark.locator("h2 .chip")).to_have_text("已认证")
    for page in (boss, review):
        page.context.close()


def test_a_community_is_made_lets_people_in_says_who_has_read_and_is_handed_over(shop: Shop, shots: Path) -> None:
    boss = _enter(shop, "沈姐")
    boss.get_by_label("新社群的名字").fill("月茶品鉴社")
    boss.get_by_role("button", name="建社群").click()
    row = boss.locator("[data-community]", has_text="月茶品鉴社")
    expect(row).to_contain_text("群主 沈姐 · 1 / 500 人")
    with boss.context.expect_page() as opened:
        row.get_by_role("link", name="打开").click()
    hers = opened.value
    expect(hers.locator("#thread-title")).to_have_text("月茶品鉴社")
    hers.locator("#show-panel").click()
    bots = hers.get_by_role("region", name="机器人")
    bots.get_by_role("button", name="加入本群").click()
    expect(bots).to_contain_text("小月（在群里）")
    bots.get_by_label("提问无人回答多久后可以开口").select_option(label="30秒钟")
    expect(bots.locator("[name=bot_wait_s]")).to_have_value("30")
    bots.evaluate("section => section.scrollIntoView()")
    hers.screenshot(path=shots / "group-bots.png")
    bots.get_by_role("button", name="移出").click()
    expect(bots.get_by_role("button", name="加入本群")).to_be_visible()
    for rule in ("仅群主和管理员发言", "入群需要批准"):
        hers.get_by_label(rule).check()
    hers.locator("[data-act=link]").click()
    expect(hers.locator("#panel output")).to_contain_text("#join=")
    code = hers.locator("#panel output").inner_text().partition("#")[2]
    hers.locator("#panel").get_by_role("button", name="关闭").click()
    lin = chromium().new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
    person = shop.friend("林小姐")
    lin.goto(f"{shop.url}/chat?person={person}#{code}")
    lin.get_by_label("写给管理员的话").fill("我是老顾客")
    lin.get_by_role("button", name="申请加入").click()
    expect(lin.locator(".toast")).to_contain_text("等管理员同意")
    hers.get_by_role("button", name="1 人等待批准入群").click()
    expect(hers.locator("#panel")).to_contain_text("林小姐 · 我是老顾客")
    hers.locator("#panel").get_by_role("button", name="同意").click()
    lin.locator(".conversation", has_text="月茶品鉴社").click()
    expect(lin.locator("#compose-blocked")).to_have_text("现在只有群主和管理员可以发言")
    hers.locator("#panel").get_by_role("button", name="关闭").click()
    expect(hers.locator("#group-waiting")).to_be_hidden()
    hers.fill("#text", "周六下午三点品新茶")
    hers.press("#text", "Enter")
    expect(lin.locator(".bubble")).to_contain_text("周六下午三点品新茶")
    expect(hers.locator(".status-read")).to_be_visible()
    said = hers.locator(".message", has_text="周六下午三点品新茶")
    said.hover()
    said.locator(".act-open").click()
    hers.get_by_role("menuitem", name="谁读过").click()
    expect(hers.locator("#readers h3")).to_have_text(["1 人已读", "0 人未读"])
    expect(hers.locator("#readers li")).to_have_text("林林小姐")
    hers.screenshot(path=shots / "readers.png")
    hers.keyboard.press("Escape")
    hers.locator("#show-panel").click()
    hers.get_by_role("button", name="转让群主").click()
    expect(hers.locator("#question")).to_contain_text("把群主转让给林小姐")
    hers.locator("#question button[value=yes]").click()
    expect(lin.locator("#composer")).to_be_visible()
    boss.goto(f"{shop.url}/settings/shop")
    expect(row).to_contain_text("群主 林小姐 · 2 / 500 人")
    for page in (boss, lin):
        page.context.close()
