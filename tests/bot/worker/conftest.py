"""A running core with the bot's tables, and the shop in it."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio

from messaging_core.api import Core
from messaging_core.settings import Settings
from tests.bot.worker.world import Shop
from tests.messaging_core.integrations.helpers import quick
from tests.support.cast import Cast
from tests.support.tables import migrate_all


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Small pauses; the sweep runs when a test calls it."""
    made = quick(Settings(data=tmp_path / "data", database=database_url))
    migrate_all(made)
    return made


@pytest_asyncio.fixture
async def shop(core: Core, cast: Cast) -> Shop:
    """Moon Tea with its bot on."""
    return await Shop(core, cast).open()
