"""All tables for an empty database, copied from one that was migrated once: a tenth of a migration's time.

The migrations themselves are tested by tests/messaging_core/test_migrations.py and tests/bot/turns/test_tables.py.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import itertools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

import kefu.tables
import messaging_core.app
from messaging_core.settings import Settings

Migrate = Callable[[Settings], None]
_numbers = itertools.count(1)


def migrate(settings: Settings) -> None:
    """Give an empty database the messenger's tables."""
    _fill(settings.database_url, messaging_core.app.migrate)


def migrate_all(settings: Settings) -> None:
    """Give an empty database the messenger's tables and the bot's."""
    _fill(settings.database_url, kefu.tables.migrate)


def _fill(url: str, how: Migrate) -> None:
    if url.startswith("sqlite"):
        file = Path(str(make_url(url).database))
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_file(how), file)
        return
    database, admin_url = str(make_url(url).database), _beside(url, "postgres")
    template = _database(how, admin_url)
    _run(
        admin_url,
        f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)',
        f'CREATE DATABASE "{database}" TEMPLATE "{template}"',
    )


def _beside(url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    head, mark, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}{mark}{query}"


@cache
def _file(how: Migrate) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="kefu-tables-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = Settings(data=folder)
    how(made)
    file = folder / "kefu.db"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@cache
def _database(how: Migrate, admin_url: str) -> str:
    name = f"kefu_tables_{os.getpid()}_{next(_numbers)}"
    _run(admin_url, f'CREATE DATABASE "{name}"')
    how(Settings(database=_beside(admin_url, name)))
    atexit.register(_drop, admin_url, name)
    return name


def _drop(admin_url: str, name: str) -> None:
    with contextlib.suppress(OSError, asyncpg.PostgresError):  # a server of our own is gone by now
        _run(admin_url, f'DROP DATABASE IF EXISTS "{name}"')


def _run(admin_url: str, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(admin_url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
