"""The unit tests of the JavaScript client: each `test(...)` of `client/*.test.js`, run in the browser, is one here."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

CASES = [
    (path.name, name)
    for path in sorted((Path(__file__).parent / "client").glob("*.test.js"))
    for name in re.findall(r'^test\("([^"]+)"', path.read_text("utf-8"), re.MULTILINE)
]


@pytest.mark.browser
@pytest.mark.parametrize(("file", "name"), CASES)
def test_client(modules: Page, file: str, name: str) -> None:
    results = _run(modules, file)
    assert name in results, f"{file} has no test of this name"
    assert results[name] is None, results[name]


@pytest.mark.browser
def test_every_test_of_the_files_is_listed_here(modules: Page) -> None:
    found = {(file, name) for file in {file for file, _ in CASES} for name in _run(modules, file)}
    assert found == set(CASES)


@cache
def _run(page: Page, file: str) -> dict[str, str | None]:
    """Run one file once; return the error of each of its tests, None where it passed."""
    results = page.evaluate("async (url) => (await import('/tests/harness.js')).runFile(url)", f"/tests/{file}")
    return {result["name"]: result["error"] for result in results}
