"""Fixtures for all tests: both databases, the broker, a running core, the cast."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from messaging_core.api import Core
from messaging_core.settings import Accounts, Settings
from tests.support.cast import Cast, make_cast
from tests.support.clock import FakeClock
from tests.support.nats import TestNats
from tests.support.postgres import TestPostgres
from tests.support.tables import migrate

QUICK_PASSWORDS = Accounts(argon2_memory_kib=64, argon2_passes=1)
"""Hashes that cost next to nothing: what they cost in earnest is no business of most tests."""
_SERVICES = {"postgres", "postgres_url", "nats_server", "own_postgres", "own_nats"}
_KINDS = {"postgresql", "pgvector"}
_LOOK_DEEPER = ("test_invariants.py", "test_openapi.py", "safety/test_watching.py")
_TRAINS = "test_worsened_bots.py"
_NEED_THE_BOT = ("test_bot_flow.py", "tests/bot/pipeline/", "tests/bot/ledger/", "test_unheld.py", "test_story.py")
_LONG = (
    "tests/crash/",
    "test_invariants.py",
    "test_route_matrix.py",
    "test_openapi.py",
    "tests/eval/",
    "tests/bot/tuning/",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--on-services",
        action="store_true",
        help="only what talks to PostgreSQL or NATS, and the tests that draw their cases",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run long files first, so that no process is left alone with one at the end, and the browser tests last.

    The demo's bot is trained once, by the first that needs it; the others that do come later and need not wait.
    Playwright keeps an event loop running in this thread from its first use on.
    """
    if config.getoption("--on-services"):
        left_out = [item for item in items if not _on_services(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _on_services(item)]

    def place(item: pytest.Item) -> tuple[bool, int]:
        needs_bot = any(part in item.nodeid for part in _NEED_THE_BOT)
        long = any(part in item.nodeid for part in _LONG)
        turn = 0 if _TRAINS in item.nodeid else 2 if needs_bot else 1 if long else 3
        return item.get_closest_marker("browser") is not None, turn

    items.sort(key=place)


def _on_services(item: pytest.Item) -> bool:
    """Whether a second run, against given services and perhaps looking deeper, can tell what the first could not."""
    parameters = getattr(item, "callspec", None)
    kinds = parameters.params.values() if parameters else ()
    return (
        not _SERVICES.isdisjoint(getattr(item, "fixturenames", ()))
        or not _KINDS.isdisjoint(map(str, kinds))
        or any(part in item.nodeid for part in _LOOK_DEEPER)
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[TestPostgres]:
    """One PostgreSQL server for the whole run."""
    server = TestPostgres()
    yield server
    server.close()


@pytest.fixture(scope="session")
def nats_server() -> Iterator[TestNats]:
    """One NATS server for the whole run."""
    server = TestNats()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, on each of the two kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kefu.db'}"
        return
    server: TestPostgres = request.getfixturevalue("postgres")
    # Making an empty one first would only take a tenth of a second more.
    url = server.reserve() if "settings" in request.fixturenames else server.create()
    yield url
    server.drop(url)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings for a core on that database, with its tables made."""
    made = Settings(data=tmp_path / "data", database=database_url, accounts=QUICK_PASSWORDS)
    migrate(made)
    return made


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()


@pytest_asyncio.fixture
async def core(settings: Settings, clock: FakeClock) -> AsyncIterator[Core]:
    """A running core with the fake clock."""
    running = Core(settings, clock=clock)
    await running.start()
    yield running
    await running.close()


@pytest_asyncio.fixture
async def cast(core: Core) -> Cast:
    """The fixed cast, in the core's database."""
    return await make_cast(core)
