"""Bringing a database to this version of the tables, and back."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import create_async_engine

from kefu.base.errors import ConfigError
from messaging_core.kernel.postgres import async_url
from messaging_core.kernel.sqlite import sync_engine

HEAD = "heads"
# Any constant number: nodes that start together take turns.
_LOCK = 7_310_000
# Primary result codes of SQLite that speak of the file and its disk, not of a statement.
_FILE_TROUBLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
}


def config(connection: Connection | None = None, *, branches: Sequence[str] = ()) -> Config:
    """Return Alembic's configuration for our migrations and those of `branches`: packages with `versions` inside."""
    made = Config()
    packages = ("messaging_core.kernel.migrations", *branches)
    made.set_main_option("script_location", str(resources.files(packages[0])))
    made.set_main_option("path_separator", "os")
    made.set_main_option(
        "version_locations", os.pathsep.join(str(resources.files(package) / "versions") for package in packages)
    )
    made.attributes["connection"] = connection
    return made


def upgrade(url: str, *, revision: str = HEAD, branches: Sequence[str] = ()) -> None:
    """Bring the database to `revision`; raise ConfigError when it is newer than this program."""

    def work(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        _check_known(connection, branches)
        command.upgrade(config(connection, branches=branches), revision)

    _run(url, work)


def downgrade(url: str, *, revision: str, branches: Sequence[str] = ()) -> None:
    """Take the database back to `revision` (`base`: no tables)."""
    _run(url, lambda connection: command.downgrade(config(connection, branches=branches), revision))


def _check_known(connection: Connection, branches: Sequence[str]) -> None:
    scripts = ScriptDirectory.from_config(config(branches=branches))
    known = {script.revision for script in scripts.walk_revisions()}
    for revision in MigrationContext.configure(connection).get_current_heads():
        if revision not in known:
            raise ConfigError(
                f"数据库是更新的版本建的（{revision!r}），请安装新版本或恢复备份"
                f" · the database is at revision {revision!r}, which this version does not know;"
                " install the newer version, or restore a backup"
            )


def _run(url: str, work: Callable[[Connection], Any]) -> None:
    if url.startswith("sqlite"):
        file = make_url(url).database
        if file:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
        engine = sync_engine(url)
        try:
            with engine.begin() as connection:
                work(connection)
        except DatabaseError as error:
            if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF not in _FILE_TROUBLE:
                raise
            raise ConfigError(f"{file}: 数据库用不了 · the database cannot be used: {error.orig}") from error
        finally:
            engine.dispose()
        return

    async def run() -> None:
        engine = create_async_engine(async_url(url))
        try:
            async with engine.begin() as connection:
                await connection.run_sync(work)
        finally:
            await engine.dispose()

    try:
        asyncio.run(run())
    except OSError as error:
        raise ConfigError(
            f"PostgreSQL 没有应答 · setting KEFU_DATABASE: PostgreSQL does not answer: {error}"
        ) from error
