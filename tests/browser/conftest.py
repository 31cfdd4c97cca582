"""Fixtures of the browser tests: a page with the modules alone, and the demo with its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import chromium, open_modules
from tests.browser.server import DemoApi, DemoServer
from tests.browser.tab import Tab
from tests.browser.widget_visitor import QUESTIONS, OpenVisitor, Visitor
from tests.browser.widget_world import Agent, Site, WidgetShop

OpenTab = Callable[..., Tab]


@pytest.fixture(autouse=True)
def nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what a test leaves open, above all one that fails: each window takes CPU from all that follow."""
    if request.node.get_closest_marker("browser") is None:  # those run elsewhere, where no browser may be started
        yield
        return
    browser = chromium()
    before = set(browser.contexts)
    yield
    for context in browser.contexts:
        if context not in before:
            context.close()


@pytest.fixture(scope="module")
def modules() -> Iterator[Page]:
    """A page with the client's modules and their tests at hand."""
    page = open_modules()
    yield page
    page.context.close()


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for pictures of the pages."""
    return tmp_path_factory.mktemp("screenshots")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DemoServer]:
    """A demo server of its own, with an empty workspace."""
    chromium()
    demo = DemoServer(tmp_path)
    demo.start()
    yield demo
    demo.stop()


@pytest.fixture
def cast(server: DemoServer) -> Iterator[dict[str, DemoApi]]:
    """The people of the demo, signed in over HTTP."""
    people = {name: DemoApi(server.url, name) for name in ("林小姐", "老乔", "小米")}
    yield people
    for person in people.values():
        person.close()


@pytest.fixture
def lin(cast: dict[str, DemoApi]) -> DemoApi:
    """Lin, the customer."""
    return cast["林小姐"]


@pytest.fixture
def qiao(cast: dict[str, DemoApi]) -> DemoApi:
    """Qiao, the agent."""
    return cast["老乔"]


@pytest.fixture
def mi(cast: dict[str, DemoApi]) -> DemoApi:
    """Mi, a friend of Lin's."""
    return cast["小米"]


@pytest.fixture
def tab(server: DemoServer) -> Iterator[OpenTab]:
    """Open chat windows: `tab(lin)`, `tab(qiao, width=390)`."""
    opened: list[Tab] = []

    def open_tab(who: DemoApi, **options: object) -> Tab:
        opened.append(Tab(chromium(), server.url, who, **options))  # type: ignore[arg-type]
        return opened[-1].enter()

    yield open_tab
    for each in opened:
        each.close()


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[Site, Site]]:
    """The shop's own site, and one that has nothing to do with it."""
    both = (Site(), Site())
    yield both
    for each in both:
        each.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, sites: tuple[Site, Site]) -> Iterator[WidgetShop]:
    """The shop's server, for all tests; each comes with visitors of its own."""
    chromium()
    server = WidgetShop(tmp_path_factory.mktemp("shop"), [sites[0].origin])
    yield server
    server.stop()


@pytest.fixture
def shop(running: WidgetShop, sites: tuple[Site, Site]) -> WidgetShop:
    """The server, running; its site key names the shop's own site."""
    running.start()
    for site in sites:
        site.embed(running, QUESTIONS)
    return running


@pytest.fixture
def agent(shop: WidgetShop) -> Iterator[Agent]:
    """Qiao, at the desk."""
    qiao = Agent(shop)
    yield qiao
    qiao.close()


@pytest.fixture
def visit(shop: WidgetShop, sites: tuple[Site, Site]) -> Iterator[OpenVisitor]:
    """Open the shop's page: `visit()`, `visit(width=390)`."""
    opened: list[Visitor] = []

    def open_page(site: Site = sites[0], **options: object) -> Visitor:
        opened.append(Visitor(site.origin, (site.origin, shop.url), **options))  # type: ignore[arg-type]
        return opened[-1]

    yield open_page
    for each in opened:
        each.close()
