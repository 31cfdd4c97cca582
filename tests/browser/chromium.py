"""A headless Chromium for the tests, and a page that loads the client's modules without a server."""

from __future__ import annotations

import atexit
import mimetypes
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

# The shell is the same engine without the windows of a browser around it: half the time.
_KINDS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = Path(__file__).parents[2]
FOLDERS = {"client": ROOT / "messaging_core" / "client" / "js", "tests": ROOT / "tests" / "browser" / "client"}


def chromium() -> Browser:
    """Return the one browser of this test run; skip the test where there is none."""
    found = next((kind for kind in _KINDS if Path(kind).exists()), None)
    if found is None:
        pytest.skip(f"none of {', '.join(_KINDS)} is there")
    return _launch(found)


@cache
def _launch(executable: str) -> Browser:
    # Not a session fixture: two folders of tests share it, and a process can hold only one synchronous Playwright.
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
    atexit.register(playwright.stop)
    atexit.register(browser.close)
    return browser


def open_modules() -> Page:
    """Open a page that imports `/client/*.js` and `/tests/*.js` from the checkout; no other request is answered."""
    page = chromium().new_context().new_page()
    page.route("**/*", _serve)
    page.goto("http://modules.test/")
    return page


def _serve(route: Route) -> None:
    url = urlsplit(route.request.url)
    _, folder, name = [*url.path.split("/", 2), ""][:3]
    path = FOLDERS.get(folder, ROOT) / name
    if url.path == "/":
        route.fulfill(body="<!doctype html><title>modules</title>", content_type="text/html; charset=utf-8")
    elif folder in FOLDERS and path.is_file():
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        route.fulfill(body=path.read_bytes(), content_type=f"{kind}; charset=utf-8")
    else:
        route.fulfill(status=404, body="")
