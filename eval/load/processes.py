"""Server processes: start them on a core, watch their CPU and memory, end them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SERVER_CORE = 0
LOAD_CORE = 1


class StartError(RuntimeError):
    """A server did not come up; the text holds the end of its log."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """The processes whose cost is a server's: its own with children, and those of its database.

    Of a PostgreSQL that others use too, only the backends of our database count; of one that was started for the
    bench (`whole_postgres`) all processes do.
    """

    pid: int
    postmaster: int | None = None
    database: str | None = None
    whole_postgres: bool = False

    def _database_processes(self) -> list[psutil.Process]:
        if self.postmaster is None:
            return []
        found: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(self.postmaster)
            found = [root, *root.children()]
        return found if self.whole_postgres else [process for process in found if self._serves_us(process)]

    def _serves_us(self, process: psutil.Process) -> bool:
        # A backend's title is `postgres: user database host(port) state`, a worker's `... autovacuum worker database`.
        with contextlib.suppress(psutil.Error):
            return self.database in " ".join(process.cmdline()).split()
        return False

    def _all(self) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(self.pid)
            found += [root, *root.children(recursive=True)]
        return found + self._database_processes()

    def pin(self) -> bool:
        """Hold the database's processes that serve us on the server's core; return whether the system let us."""
        for process in self._database_processes():
            try:
                process.cpu_affinity([SERVER_CORE])
            except psutil.AccessDenied:
                return False
            except psutil.NoSuchProcess:
                continue
        return True

    def cpu_s(self) -> float:
        """Return the CPU seconds used so far, user and system."""
        total = 0.0
        for process in self._all():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def memory_mb(self) -> float:
        """Return the memory in MB, shared pages divided among their users (PSS; RSS where PSS is not to be read)."""
        total = 0
        for process in self._all():
            with contextlib.suppress(psutil.Error):
                try:
                    total += process.memory_full_info().pss
                except psutil.AccessDenied:
                    total += process.memory_info().rss
        return total / 1e6


def busy_s() -> float:
    """Return the CPU seconds that the whole machine has worked so far, on all cores."""
    times = psutil.cpu_times()
    idle: float = times.idle + getattr(times, "iowait", 0.0)
    # `guest` is contained in `user`.
    total: float = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - idle


def pin_myself() -> None:
    """Hold the load, this process, on its core."""
    if len(os.sched_getaffinity(0)) > LOAD_CORE:
        os.sched_setaffinity(0, {LOAD_CORE})


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def spawn(
    command: Sequence[str], *, log: Path, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start `command` on the server's core, its output in `log`."""
    taskset = shutil.which("taskset")
    pinned = [taskset, "-c", str(SERVER_CORE), *command] if taskset else list(command)
    with log.open("wb") as output:
        return subprocess.Popen(
            pinned,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environ or {})},
            cwd=cwd,
            start_new_session=True,
        )


def listens(port: int) -> bool:
    """Return whether somebody accepts connections on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], *, log: Path, timeout_s: float = 120.0
) -> None:
    """Wait until `ready()`; raise StartError when the process ends or the time is up."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            end = log.read_text(errors="replace")[-1500:]
            raise StartError(f"{log.stem} did not come up:\n{end}")
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes], *, timeout_s: float = 10.0) -> None:
    """End a process that we started: politely, then for good."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout_s)
