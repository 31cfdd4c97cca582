"""What surrounds the pages: headers, files that are not ours to give, other sites, and what is open to everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi.routing import iter_route_contexts

from kefu.app import create_app
from kefu.demo.shop.shop import DemoShop
from messaging_core.api import Core
from tests.safety.conftest import NewCore
from tests.safety.route_rows import ELSEWHERE, ROUTE_ROWS

# What the product adds to the messenger's own routes: pages and their files, the same for everybody.
# "/operator" and "/review" (the risk desk) are empty pages: what they show needs the operator's token.
PAGES = {"/", "/chat", "/enter", "/operator", "/review", "/static", "/client", "/widget"}
# The staff's log-in and the files of their pages; "" is NiceGUI, which answers under the desk's and settings' paths
# alone and shows them to nobody but staff (tests/kefu/pages/test_login.py).
PAGES |= {
    "",
    "/staff/appeal",  # of whoever holds the token of a banned account, and nobody else
    "/staff/login",
    "/staff/logout",
    *(f"/staff/static/{name}" for name in ("staff", "desk", "bot_settings", "shop")),
}
# Shown to staff behind the log-in's cookie; to others they are the way to the log-in (tests/kefu/pages).
PAGES |= {
    "/settings",
    "/settings/emoji",
    "/settings/emoji/{pack_id}",
    "/settings/leads",
    "/settings/leads.csv",
    "/settings/orders",
    "/settings/shop",
}
DEMO = {
    "/demo",
    "/demo/",
    "/demo/customers",
    "/demo/img",
    "/demo/p/{product_id}",
    "/demo/people",
    "/demo/people/{person_id}/login",
    "/demo/shop/availability",
    "/demo/shop/reload",
    "/demo/staff",
    "/demo/staff/{person_id}/login",
    "/demo/static",
}


@pytest_asyncio.fixture
async def http(new_core: NewCore) -> AsyncIterator[httpx.AsyncClient]:
    core = new_core()
    await core.start()
    transport = httpx.ASGITransport(create_app(core), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        yield client
    await core.close()


def _paths(core: Core, *, demo: bool) -> set[str]:
    app = create_app(core, demo=DemoShop(core) if demo else None)
    return {context.path or "" for context in iter_route_contexts(app.routes)}


def test_the_product_opens_nothing_but_pages_to_everybody(new_core: NewCore) -> None:
    core = new_core()
    known = {row.of.partition(" ")[2] for row in ROUTE_ROWS.values()} | ELSEWHERE
    added = _paths(core, demo=False) - known
    assert added == PAGES, "a new path: say in tests/safety who may use it (PAGES is for what everybody may see)"
    assert _paths(core, demo=True) - known == PAGES | DEMO


async def test_the_demos_log_in_exists_in_the_demo_only(http: httpx.AsyncClient) -> None:
    assert (await http.get("/demo/people")).status_code == 404
    assert (await http.post("/demo/people/1/login")).status_code == 404


@pytest.mark.parametrize("path", ["/", "/chat", "/operator", "/client/kefu.js", "/v1/me", "/static/nothing.js"])
async def test_every_answer_tells_browsers_to_run_only_what_is_ours(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] in ("'self'", "'none'")
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert policy["connect-src"] == "'self'"
    assert all("http" not in sources and "*" not in sources for sources in policy.values())
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2f..%2fapp.py",
        "/static/%252e%252e/app.py",
        "/client/../__init__.py",
        "/client/..%5c__init__.py",
        "/client//etc/passwd",
        "/client/%2fetc%2fpasswd",
        "/static/",
        "/client/kefu.js%00.html",
    ],
)
async def test_files_beside_the_pages_are_not_given(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code in (404, 422)
    assert "import" not in answer.text and "root:" not in answer.text
