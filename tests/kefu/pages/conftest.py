"""The pages that staff open, over one core and without a socket in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from kefu.app import create_app
from messaging_core.api import Core


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite is enough: nothing here is asked of the database that other tests do not ask of both."""
    return f"sqlite:///{tmp_path / 'kefu.db'}"


@pytest_asyncio.fixture
async def http(core: Core) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(core), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        yield client
