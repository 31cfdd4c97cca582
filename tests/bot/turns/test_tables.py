"""The bot's tables beside the messenger's: up, down, each branch alone."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from bot.turns.tables import metadata as bot_tables
from kefu.base.errors import ConfigError
from kefu.tables import migrate
from messaging_core.app import migrate as migrate_core_alone
from messaging_core.kernel.tables import metadata as core_tables
from messaging_core.settings import Settings
from tests.messaging_core.test_migrations import look, tables

ALL = {*core_tables.tables, *bot_tables.tables}


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), [core_tables, bot_tables]))


def test_up_gives_exactly_the_tables_of_both_packages(database_url: str) -> None:
    migrate(Settings(database=database_url))
    assert look(database_url, _differences) == []


def test_down_removes_everything_and_up_again_works(database_url: str) -> None:
    settings = Settings(database=database_url)
    migrate(settings)
    migrate(settings, revision="base", down=True)
    assert look(database_url, tables) == set()
    migrate(settings)
    assert look(database_url, tables) == ALL


def test_the_bots_branch_goes_down_alone_and_leaves_the_messengers_tables(database_url: str) -> None:
    settings = Settings(database=database_url)
    migrate(settings)
    migrate(settings, revision="bot@base", down=True)
    assert look(database_url, tables) == set(core_tables.tables)


def test_a_workspace_from_before_the_bot_is_upgraded(database_url: str) -> None:
    settings = Settings(database=database_url)
    migrate_core_alone(settings)
    migrate(settings)
    assert look(database_url, tables) == ALL


def test_a_program_without_the_bot_refuses_a_database_with_it(database_url: str) -> None:
    settings = Settings(database=database_url)
    migrate(settings)
    with pytest.raises(ConfigError, match=r"0001_bot.*does not know"):
        migrate_core_alone(settings)
