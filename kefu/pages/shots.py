"""Takes the README's screenshots: starts the demo, lets its people talk, and photographs the pages (`make shots`)."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console

from messaging_core.client import KefuClient

console = Console()
OUT = Path("docs/images")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
_DESKTOP = {"width": 1280, "height": 800}
_PHONE = {"width": 390, "height": 844}

_TALK = (
    ("lin", "老乔，今年的明前龙井到了吗？"),
    ("qiao", "到了，前天刚上架，我自己先喝了一杯，豆香很足。"),
    ("lin", "送长辈的话，罐装还是礼盒好？"),
    ("qiao", "长辈自己喝就罐装，走亲戚选礼盒，月茶这款包装挺体面。"),
)
_CARD = {
    "product_id": "MT-1001",
    "title": "明前西湖龙井",
    "price_fen": 26800,
    "image_url": "/demo/img/green.svg",
    "url": "/demo/p/MT-1001",
    "note": "豆香足，豆绿汤清",
}
_QUESTIONS = (("明前西湖龙井多少钱", 1), ("有什么推荐的绿茶", 4))
"""What the customer asks, and how many cards there are then."""


@contextmanager
def _demo() -> Iterator[str]:
    """Serve the demo from a fresh workspace and yield its address."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "kefu", "serve", "--demo", "--port", "0", "--data", data]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(10)


async def _talk(url: str) -> None:
    """Let the demo's people write what the pictures show."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        people = {person["key"]: person for person in (await http.get("/demo/people")).json()["people"]}
        tokens = {
            key: (await http.post(f"/demo/people/{person['id']}/login")).json()["token"]
            for key, person in people.items()
        }
    async with KefuClient(url, tokens["lin"]) as lin, KefuClient(url, tokens["qiao"]) as qiao:
        direct = await lin.http.create_direct(people["qiao"]["id"])
        by_name = {"lin": lin, "qiao": qiao}
        for who, text in _TALK:
            await by_name[who].send_text(direct.id, text)
        await qiao.send(direct.id, kind="product_card", body=_CARD)
        group = await qiao.http.create_group("周末茶会", [people["lin"]["id"], people["mi"]["id"]])
        await qiao.send_text(group.id, "周六下午三点，老地方，我带一饼老白茶。")
        async with KefuClient(url, tokens["mi"]) as mi:
            await mi.send_text(group.id, "我第一次来，需要带杯子吗？")


def _open(browser: Browser, url: str, path: str, size: dict[str, int]) -> Page:
    context = browser.new_context(viewport=size, device_scale_factor=2, locale="zh-CN", reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url + path)
    page.wait_for_load_state("networkidle")
    return page


def _shoot(page: Page, name: str) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"{name}.png", animations="disabled")
    console.print(f"[green]{OUT / name}.png[/green]")
    page.context.close()


def main() -> None:
    """Take all pictures."""
    with _demo() as url:
        asyncio.run(_talk(url))
        _take_all(url)


def _take_all(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        _shoot(_open(browser, url, "/", _DESKTOP), "landing")
        _take_chat(browser, url)
        customers = [_ask(browser, url, size) for size in (_DESKTOP, _PHONE)]
        for page, name in zip(customers, ("widget", "widget-phone"), strict=True):
            page.screenshot(path=OUT / f"{name}.png", animations="disabled")
            console.print(f"[green]{OUT / name}.png[/green]")
        _take_staff(browser, url, customers)
        browser.close()


def _take_chat(browser: Browser, url: str) -> None:
    people = httpx.get(f"{url}/demo/people", trust_env=False).json()["people"]
    ids = {person["key"]: person["id"] for person in people}
    qiao = _open(browser, url, f"/chat?person={ids['qiao']}", _DESKTOP)  # so that he is seen online
    for size, name in ((_DESKTOP, "chat"), (_PHONE, "chat-phone")):
        page = _open(browser, url, f"/chat?person={ids['lin']}", size)
        page.get_by_text("老乔").first.click()
        page.get_by_text("明前西湖龙井").last.wait_for()
        _shoot(page, name)
    qiao.context.close()


def _ask(browser: Browser, url: str, size: dict[str, int]) -> Page:
    """Ask what a customer asks, and return the page with the answers."""
    page = _open(browser, url, "/demo/", size)
    page.locator("kefu-widget .launcher").click()
    page.locator("kefu-widget .state-bot").wait_for()
    box = page.locator("kefu-widget textarea")
    for question, cards in _QUESTIONS:
        box.fill(question)
        box.press("Enter")
        page.locator("kefu-widget a.card").nth(cards - 1).wait_for()
    page.wait_for_timeout(600)  # the last card slides into view
    return page


def _take_staff(browser: Browser, url: str, customers: list[Page]) -> None:
    """Let the customers ask for a human, and photograph the desk that serves them, and the bot's settings."""
    for page in customers:
        page.locator("kefu-widget .human").click()
        page.locator("kefu-widget .state-queued").wait_for()
    for size, name in ((_DESKTOP, "desk"), (_PHONE, "desk-phone")):
        page = _open(browser, url, "/desk", size)
        page.locator(".door", has_text="老乔").click()
        page.locator(".entry").first.click()
        page.locator(".msg").last.wait_for()
        page.wait_for_timeout(600)
        _shoot(page, name)
    settings = _open(browser, url, "/settings/bot", _DESKTOP)
    settings.locator(".door", has_text="沈姐").click()
    settings.wait_for_load_state("networkidle")
    settings.wait_for_timeout(600)
    _shoot(settings, "settings")


if __name__ == "__main__":
    main()
