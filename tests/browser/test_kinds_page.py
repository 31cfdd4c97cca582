"""Pictures, links and emoji in the browser: one sends them, the other sees them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from tests.browser.chromium import chromium
from tests.browser.conftest import OpenTab
from tests.browser.server import DemoApi, DemoServer
from tests.support.videos import make_mp4

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """One server for all tests of this file; each has a conversation of its own."""
    chromium()
    demo = DemoServer(tmp_path_factory.mktemp("kinds"))
    demo.start()
    yield demo
    demo.stop()


def _picture() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((640, 400), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def test_a_picture_is_looked_at_sent_with_a_note_and_seen_large_by_the_other_side(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, shots: Path
) -> None:
    lin.direct(qiao)
    hers, his = tab(lin), tab(qiao, width=390)
    hers.open("老乔")
    his.open("林小姐")
    files = [{"name": "茶.jpg", "mimeType": "image/jpeg", "buffer": _picture()}]
    hers.page.locator("#composer input[type=file]").set_input_files(files)
    expect(hers.page.locator(".look img")).to_be_visible()
    hers.page.get_by_role("textbox", name="说点什么").fill("新茶到了")
    hers.page.get_by_role("button", name="发送", exact=True).last.click()
    shown = his.page.locator(".picture.is-there img")
    expect(shown).to_be_visible()
    assert shown.evaluate("(image) => image.naturalWidth") == 480
    his.says("新茶到了")
    his.shot(shots, "picture")
    his.page.get_by_role("button", name="查看大图").click()
    large = his.page.locator(".lightbox img")
    expect(large).to_be_visible()
    assert large.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") == 640


def test_a_file_that_only_calls_itself_a_picture_is_refused_in_words(tab: OpenTab, lin: DemoApi, mi: DemoApi) -> None:
    lin.direct(mi)
    hers = tab(lin)
    hers.open("小米")
    evil = b"<svg xmlns='http://www.w3.org/2000/svg' onload='document.title=1'/>"
    hers.page.locator("#composer input[type=file]").set_input_files(
        [{"name": "x.png", "mimeType": "image/png", "buffer": evil}]
    )
    hers.page.get_by_role("button", name="发送", exact=True).last.click()
    expect(hers.page.locator(".upload-wrong")).to_contain_text("文件内容不是支持的类型")
    expect(hers.page.locator(".message")).to_have_count(0)
    hers.complaints.clear()


def test_one_emoji_is_shown_large_and_an_address_becomes_a_card_with_its_true_host(
    tab: OpenTab, mi: DemoApi, qiao: DemoApi
) -> None:
    mi.direct(qiao)
    hers, his = tab(mi), tab(qiao)
    hers.open("老乔")
    his.open("小米")
    hers.say("👍")
    expect(his.page.locator(".big-emoji")).to_have_text("👍")
    held: list[Route] = []
    hers.page.route("**/v1/link-previews", lambda route: held.append(route))
    hers.say("https://moontea.example/longjing?a=b")
    hers.say("看看这个")  # before the preview is there: it still comes after the link
    expect(his.page.locator("a.link-card .card-foot")).to_contain_text("moontea.example")
    expect(his.page.locator(".message").last).to_contain_text("看看这个")
    for route in held:
        route.fulfill(json={"preview": None})
    hers.complaints.clear()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_video_becomes_a_template_that_the_other_side_films_again(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi, shots: Path, width: int
) -> None:
    title = f"拍同款{width}"
    lin.group(title, qiao)
    hers, his = tab(lin, width=width), tab(qiao, width=width)
    hers.open(title)
    his.open(title)
    film = {"name": "茶.mp4", "mimeType": "video/mp4", "buffer": make_mp4(6000)}
    hers.page.locator("#composer input[type=file]").set_input_files([film])  # type: ignore[list-item]
    hers.page.get_by_text("做成模板").click()
    hers.page.get_by_label("模板名称").fill("一分钟泡好龙井")
    hers.page.get_by_label("每一步拍什么").fill("开盖闻香 2\n冲泡出汤 4秒")
    hers.shot(shots, f"template-{width}")
    hers.page.locator(".look").get_by_role("button", name="发送", exact=True).click()
    card = his.page.locator(".template", has_text="一分钟泡好龙井")
    expect(card.locator("li")).to_have_text(["第 1 步 · 开盖闻香 · 2 秒", "第 2 步 · 冲泡出汤 · 4 秒"])
    expect(hers.page.locator(".template").get_by_role("button", name="拍同款")).to_have_count(0)
    his.shot(shots, f"template-seen-{width}")
    with his.page.expect_file_chooser() as chooser:
        card.get_by_role("button", name="拍同款").click()
    chooser.value.set_files([{**film, "buffer": make_mp4(5000)}])  # type: ignore[list-item]
    his.page.locator(".look").get_by_role("button", name="发送", exact=True).click()
    expect(hers.page.locator(".template .card-title").last).to_have_text("一分钟泡好龙井 · 和对方同款")
    hers.shot(shots, f"template-same-{width}")
    for window in (hers, his):
        window.complaints.clear()  # the browser cannot decode a film without pictures in it
