"""One chat page in one window, in the words of its user."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.server import DemoApi

# A restarted server, a reconnect and a slow machine fit into this; an assertion that holds returns at once.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


class Tab:
    """A window in which somebody chats; everything that went wrong in it is in `complaints`."""

    def __init__(self, browser: Browser, url: str, who: DemoApi, *, width: int = 1280, **options: object) -> None:
        size = {"width": width, "height": 844 if width < 500 else 800}
        self.context = browser.new_context(viewport=size, timezone_id="Asia/Shanghai", **options)  # type: ignore[arg-type]
        self.context.set_default_timeout(PATIENCE_MS)
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self._url = url
        self.who = who
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Open one more page of the same browser profile."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("request", lambda request: self._asked(request.url))
        self.page = page
        return page

    def _heard(self, kind: str, text: str) -> None:
        # A server that is down on purpose makes the browser complain about the network; that is no fault of the page.
        if kind in ("error", "warning") and "net::ERR" not in text and "WebSocket connection" not in text:
            self.complaints.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self._url, "data:", "blob:")):
            self.foreign.append(url)

    def enter(self) -> Tab:
        """Open the chat page and wait until it is connected."""
        self.page.goto(f"{self._url}/chat?person={self.who.person}")
        expect(self.page.locator("#list-empty:visible, .conversation").first).to_be_visible()
        return self

    def open(self, title: str) -> None:
        """Choose a conversation from the list."""
        self.row(title).click()
        expect(self.page.locator("#thread-title")).to_have_text(title)

    def row(self, title: str) -> Locator:
        """Return a conversation's line in the list."""
        return self.page.locator(".conversation", has=self.page.locator(".title", has_text=title))

    def say(self, text: str) -> None:
        """Write a message and press Enter."""
        self.page.fill("#text", text)
        self.page.press("#text", "Enter")

    def says(self, *texts: str) -> None:
        """Expect exactly these texts in the open thread, in this order."""
        expect(self.page.locator(".bubble")).to_have_text(list(texts))

    def shot(self, folder: Path, name: str) -> None:
        """Keep a picture of the window for whoever wants to look."""
        self.page.screenshot(path=folder / f"{name}.png")

    def close(self) -> None:
        """Close the window, and object to anything that went wrong in it."""
        self.context.close()
        assert self.complaints == [], self.complaints
        assert self.foreign == []
