"""Somebody on a page that embeds the widget, in the words of who uses it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.chromium import chromium
from tests.browser.tab import PATIENCE_MS

QUESTIONS = 'data-lang="zh" data-questions="什么时候发货|有什么推荐的绿茶|龙井多少钱"'


class Visitor:
    """Somebody on the shop's page, in the words of who uses the widget."""

    def __init__(
        self, origin: str, allowed: tuple[str, ...], *, width: int = 1280, stranger: bool = False, **options: object
    ) -> None:
        size = {"width": width, "height": 844 if width < 500 else 800}
        self.context: BrowserContext = chromium().new_context(viewport=size, timezone_id="Asia/Shanghai", **options)  # type: ignore[arg-type]
        self.context.set_default_timeout(PATIENCE_MS)
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        # A server that is down on purpose, and a site that is refused, make the browser complain: no fault of the page.
        self.expected = ("net::ERR", "WebSocket connection", "favicon", *(["CORS policy"] if stranger else []))
        self._allowed = (*allowed, "data:")
        self._origin = origin
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self._heard(message.type, f"{message.text} {message.location}"))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.goto(origin)

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(each in text for each in self.expected):
            self.complaints.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith(self._allowed):
            self.foreign.append(url)

    def find(self, selector: str, *, has_text: str | re.Pattern[str] | None = None) -> Locator:
        """Return what is in the widget."""
        return self.page.locator(f"kefu-widget {selector}", has_text=has_text)

    def open(self) -> Visitor:
        """Open the panel and wait until somebody can be talked to."""
        self.find(".launcher").click()
        expect(self.find(".state-bot, .state-queued, .state-agent")).to_be_visible()
        return self

    def say(self, text: str) -> None:
        """Write a message and press Enter."""
        self.find("textarea").fill(text)
        self.find("textarea").press("Enter")

    def sees(self, *texts: str) -> None:
        """Expect exactly these bubbles, in this order."""
        expect(self.find(".bubble")).to_have_text(list(texts))

    def close(self) -> None:
        """Close the window, and object to anything that went wrong in it."""
        self.context.close()
        assert self.complaints == [], self.complaints
        assert self.foreign == []


OpenVisitor = Callable[..., Visitor]
