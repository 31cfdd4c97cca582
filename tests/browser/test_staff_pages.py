"""The staff's other pages, by hand: log-in with a password, emoji packs until they are approved, leads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.chromium import chromium
from tests.browser.desk_world import Shop

pytestmark = pytest.mark.browser
CONSENT = "月茶仅用您的电话安排试饮，您可随时要求删除。"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One server for all tests of this file."""
    chromium()
    made = Shop(tmp_path_factory.mktemp("staff"))
    yield made
    made.close()


def _enter(shop: Shop, *, width: int, path: str) -> Page:
    """Sign somebody up, let the owner make him an admin, and log in with the password."""
    login = f"admin.{width}"
    signed = httpx.post(
        f"{shop.url}/v1/sign-up", json={"login": login, "password": "moon tea 88", "name": "小吴"}
    ).json()
    account_id = signed["account"]["id"]
    boss = shop.staff_token("沈姐")
    shop.put(f"/v1/enterprises/{shop.enterprise_id}/members/{account_id}", {"role": "admin"}, boss)
    page = chromium().new_page(viewport={"width": width, "height": 844}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page.goto(f"{shop.url}{path}")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("账号或密码不正确。")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill("moon tea 88")
    page.get_by_role("button", name="登录", exact=True).click()
    return page


def _review(shop: Shop) -> Page:
    """Open the packs that wait at the risk desk."""
    page = chromium().new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page.goto(f"{shop.url}/review")
    page.locator("#token").fill(shop.operator)
    page.locator("#sign-in button").click()
    page.get_by_role("button", name="表情包").click()
    return page


def _picture(path: Path, colour: str) -> Path:
    Image.new("RGBA", (96, 96), colour).save(path)
    return path


def test_a_pack_goes_from_upload_through_a_refusal_to_approval(shop: Shop, tmp_path: Path, shots: Path) -> None:
    page = _enter(shop, width=1280, path="/settings/emoji")
    page.get_by_label("新表情包的名字").fill("小月日常")
    page.get_by_role("button", name="新建").click()
    sheet = page.locator(".sheet")
    expect(sheet.locator(".chip")).to_have_text("草稿")
    expect(sheet.get_by_role("button", name="提交审核")).to_be_disabled()
    (tmp_path / "不是图片.png").write_text("no picture")
    files = [
        _picture(tmp_path / "喝茶.png", "#0d8463"),
        _picture(tmp_path / "晚安.png", "#2c6bc9"),
        tmp_path / "不是图片.png",
    ]
    sheet.locator("input[type=file]").set_input_files(files)
    expect(sheet.locator(".pictures img")).to_have_count(2)
    expect(page.get_by_role("alert")).to_contain_text("不是图片.png：")
    assert (
        sheet.locator("img").first.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }")
        == 96
    )
    sheet.get_by_role("button", name="移除 晚安").click()
    expect(sheet.locator(".pictures img")).to_have_count(1)
    sheet.get_by_role("button", name="提交审核").click()
    expect(sheet.locator(".chip")).to_have_text("审核中")
    expect(sheet.locator("input[type=file]")).to_have_count(0)
    pack = sheet.get_attribute("data-pack")
    desk = _review(shop)
    waiting = desk.locator(f".sheet[data-pack='{pack}']")
    decode = "async (image) => { await image.decode(); return image.naturalWidth; }"
    assert waiting.locator("img[src]").evaluate(decode) == 96
    waiting.get_by_label("不通过的原因").fill("背景不透明")
    desk.screenshot(path=shots / "review-packs.png")
    waiting.get_by_role("button", name="不通过").click()
    expect(waiting).to_have_count(0)
    page.reload()
    expect(sheet.locator(".reason")).to_have_text("未通过的原因：背景不透明")
    page.screenshot(path=shots / "packs.png")
    sheet.get_by_role("button", name="重新提交审核").click()
    desk.get_by_role("button", name="表情包").click()
    waiting.get_by_role("button", name="通过", exact=True).click()
    expect(desk.get_by_role("alert")).to_have_text("已处理：通过")
    page.reload()
    expect(sheet.locator(".chip")).to_have_text("已上线")
    page.context.close()
    desk.context.close()


def test_leads_are_listed_with_the_words_agreed_to_exported_and_forgotten(shop: Shop, shots: Path) -> None:
    customer = shop.customer("琪琪爱喝茶", "想试饮")
    fields = [{"key": "phone", "label": "电话", "kind": "phone"}, {"key": "wish", "label": "想喝什么"}]
    button = {"key": "go", "label": "预约", "act": "form", "form": {"fields": fields, "consent": CONSENT}}
    card = {"title": "到店试饮", "buttons": [button]}
    qiao = shop.staff_token("老乔")
    shop.post(f"/v1/desk/sessions/{customer.session_id}/take", {}, qiao)
    seq = customer.gets(qiao, "card", card)
    answers = {"phone": "13800138000", "wish": "=1+1"}
    customer.leaves(seq, {"button": "go", "answers": answers, "consent": True})
    page = _enter(shop, width=390, path="/settings/leads")
    row = page.locator(".lead-row")
    expect(row.locator("dd")).to_have_text(["13800138000", "=1+1"])
    expect(row.locator("dt")).to_have_text(["电话", "想喝什么"])
    expect(row.locator(".consent")).to_have_text(f"已同意：{CONSENT}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=shots / "leads-phone.png")
    with page.expect_download() as loaded:
        page.get_by_role("link", name="导出 CSV").click()
    rows = list(csv.reader(io.StringIO(Path(loaded.value.path()).read_text("utf-8-sig"))))
    assert [line[1:] for line in rows[1:]] == [
        ["琪琪爱喝茶", "到店试饮", CONSENT, "电话", "13800138000"],
        ["琪琪爱喝茶", "到店试饮", CONSENT, "想喝什么", "'=1+1"],
    ]
    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="删除").click()
    expect(page.locator(".empty")).to_contain_text("还没有留资")
    page.context.close()
