"""Work beside the caller: a database that is away is no fault of the work, everything else is."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from messaging_core.api import Core
from messaging_core.errors import StorageUnavailable


@pytest.mark.parametrize(("error", "level"), [(StorageUnavailable("away"), "warning"), (ValueError("bug"), "error")])
async def test_work_that_fails_is_logged_as_an_error_unless_the_database_is_away(
    core: Core, error: Exception, level: str
) -> None:
    async def work() -> None:
        raise error

    with capture_logs() as logs:
        core.spawn(work(), name="work")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert [entry["log_level"] for entry in logs if entry.get("task") == "work"] == [level]
