"""Fixtures: a copy of the world for each test, and a core that runs on it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import structlog
import uvloop

from kefu.base.clock import Clock
from messaging_core.api import Core
from messaging_core.app import create_app
from messaging_core.settings import Settings
from tests.conftest import QUICK_PASSWORDS
from tests.safety.world import World, make_template
from tests.support.clock import FakeClock


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run the tests on the event loop that the product runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """Keep tracebacks short: structlog's own way shows every local variable and takes seconds for each."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
        ]
    )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """The world, made once."""
    return make_template(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def world(template: tuple[Path, World]) -> World:
    """Who and what there is."""
    return template[1]


NewCore = Callable[..., Core]
OpenCore = Callable[..., Awaitable[Core]]


@pytest.fixture(scope="session")
def new_core(template: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory) -> NewCore:
    """Make cores, each on its own copy of the world; `settings` are groups of Settings. They are not started."""

    def make(*, clock: Clock | None = None, **settings: object) -> Core:
        folder = tmp_path_factory.mktemp("copy")
        file = Path(shutil.copy(template[0], folder / "kefu.db"))
        shutil.copytree(template[0].parent / "media", folder / "media")
        tree = {"data": folder, "database": f"sqlite:///{file}", "accounts": QUICK_PASSWORDS, **settings}
        return Core(Settings.model_validate(tree), clock=clock or FakeClock())

    return make


@pytest_asyncio.fixture
async def open_core(new_core: NewCore) -> AsyncIterator[OpenCore]:
    """Start cores, for tests without a server."""
    async with AsyncExitStack() as stack:

        async def open_one(**settings: object) -> Core:
            core = new_core(**settings)
            await core.start()
            stack.push_async_callback(core.close)
            return core

        yield open_one


def http_client(core: Core, *, client: tuple[str, int] = ("127.0.0.1", 40000)) -> httpx.AsyncClient:
    """Return an HTTP client of the core's application, without a socket in between."""
    transport = httpx.ASGITransport(create_app(core), raise_app_exceptions=False, client=client)
    return httpx.AsyncClient(transport=transport, base_url="http://kefu.test")
