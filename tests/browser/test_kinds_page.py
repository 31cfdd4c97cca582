"""Pictures, links and emoji in the browser: one sends them, the other sees them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.server import DemoApi

pytestmark = pytest.mark.browser


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


def test_a_file_that_only_calls_itself_a_picture_is_refused_in_words(tab: OpenTab, lin: DemoApi, qiao: DemoApi) -> None:
    lin.direct(qiao)
    hers = tab(lin)
    hers.open("老乔")
    evil = b"<svg xmlns='http://www.w3.org/2000/svg' onload='document.title=1'/>"
    hers.page.locator("#composer input[type=file]").set_input_files(
        [{"name": "x.png", "mimeType": "image/png", "buffer": evil}]
    )
    hers.page.get_by_role("button", name="发送", exact=True).last.click()
    expect(hers.page.locator(".upload-wrong")).to_contain_text("文件内容不是支持的类型")
    expect(hers.page.locator(".message")).to_have_count(0)
    hers.complaints.clear()


def test_one_emoji_is_shown_large_and_an_address_becomes_a_card_with_its_true_host(
    tab: OpenTab, lin: DemoApi, qiao: DemoApi
) -> None:
    lin.direct(qiao)
    hers, his = tab(lin), tab(qiao)
    hers.open("老乔")
    his.open("林小姐")
    hers.say("👍")
    expect(his.page.locator(".big-emoji")).to_have_text("👍")
    hers.say("https://moontea.example/longjing?a=b")
    expect(his.page.locator("a.link-card .card-foot")).to_contain_text("moontea.example")
    hers.complaints.clear()
