"""Tables up and down on both databases; what does not fit is refused with its cure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from kefu.base.errors import ConfigError
from messaging_core.app import hold_workspace, migrate
from messaging_core.kernel.postgres import async_url
from messaging_core.kernel.sqlite import sync_engine
from messaging_core.kernel.tables import metadata
from messaging_core.settings import Settings


def look(url: str, query: Callable[[Connection], Any]) -> Any:
    """Run a query on either database."""
    if url.startswith("sqlite"):
        engine = sync_engine(url)
        with engine.begin() as connection:
            found = query(connection)
        engine.dispose()
        return found

    async def run() -> Any:
        engine = create_async_engine(async_url(url))
        async with engine.begin() as connection:
            found = await connection.run_sync(query)
        await engine.dispose()
        return found

    return asyncio.run(run())


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_up_gives_exactly_the_tables_of_the_code(database_url: str) -> None:
    migrate(Settings(database=database_url))
    differences = look(database_url, lambda c: compare_metadata(MigrationContext.configure(c), metadata))
    assert differences == []


def test_down_removes_everything_and_up_again_works(database_url: str) -> None:
    settings = Settings(database=database_url)
    migrate(settings)
    migrate(settings, revision="base", down=True)
    assert look(database_url, tables) == set()
    migrate(settings)
    assert look(database_url, tables) == set(metadata.tables)


def test_a_database_of_a_newer_program_is_refused_by_its_revision(database_url: str) -> None:
    settings = Settings(database=database_url)
    migrate(settings)
    look(database_url, lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999_future'")))
    with pytest.raises(ConfigError, match=r"9999_future.*newer version"):
        migrate(settings)


def test_up_twice_changes_nothing(database_url: str) -> None:
    settings = Settings(database=database_url)
    migrate(settings)
    before = look(database_url, tables)
    migrate(settings)
    assert look(database_url, tables) == before


def test_a_second_server_on_one_workspace_is_told_who_has_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with (
        hold_workspace(settings, url="http://127.0.0.1:1"),
        pytest.raises(ConfigError, match=r"another server uses this database \(pid \d+, http://127.0.0.1:1\)"),
        hold_workspace(settings, url="http://127.0.0.1:2"),
    ):
        raise AssertionError("two servers hold one workspace")
    with hold_workspace(settings, url="http://127.0.0.1:3"):
        pass
