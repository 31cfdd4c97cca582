"""Our server as a process of its own, with its guards on and their limits raised."""

from __future__ import annotations

import contextlib
import http.client
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from eval.load.http_client import HttpClient
from eval.load.kefu_wire import KefuWire, People
from eval.load.postgres import Postgres
from eval.load.processes import Watched, free_port, spawn, stop, wait_until
from eval.load.seed import seed
from eval.load.server import Target

# The guards run as always; a load from one address by a few accounts would meet them at once.
RAISED = {
    "KEFU_LIMITS__FRAMES_PER_S": "1000000",
    "KEFU_LIMITS__FRAMES_BURST": "1000000",
    "KEFU_LIMITS__REQUESTS_PER_S": "1000000",
    "KEFU_LIMITS__REQUESTS_BURST": "1000000",
    "KEFU_LIMITS__CONNECTIONS_PER_ADDRESS": "100000",
    "KEFU_GROUPS__ORDINARY_MEMBERS": "5000",
    "KEFU_GROUPS__ORDINARY_INVITES": "5000",
    "KEFU_SAFETY__DAILY_CAP": "1000000000",
    "KEFU_SAFETY__WINDOW_S": "0.01",
    "KEFU_SAFETY__SLOW_PACE_S": "0.001",
    "KEFU_SAFETY__GROUP_WINDOW_S": "1e-9",  # none: one sender fills the groups, and a batch has one time
    "KEFU_LOG_LEVEL": "warning",
}
# Lowered for the one row that shows what it costs to refuse a flood.
FLOODED = {**RAISED, "KEFU_LIMITS__FRAMES_PER_S": "0.01", "KEFU_LIMITS__FRAMES_BURST": "5"}
_STALL = re.compile(rb"^kefu_loop_stall_seconds_max(?:\{[^}]*\})? ([0-9.eE+-]+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """How many people and groups a server is seeded with."""

    users: int
    pairs: int
    rooms: dict[str, int]


def _command(data: Path, port: int, database: str | None) -> list[str]:
    kefu = Path(sys.executable).with_name("kefu")
    command = [str(kefu), "serve", "--data", str(data), "--port", str(port)]
    return [*command, "--database", database] if database else command


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def _serving(name: str, data: Path, *, database: str | None, environ: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Run a server over the workspace `data`; yield its port and process id."""
    port = free_port()
    log = data.parent / f"{name.replace('/', '-')}.log"
    process = spawn(_command(data, port, database), log=log, environ=environ)
    try:
        # The token is written last before the server serves; the port listens a little earlier.
        wait_until(lambda: _is_ready(port) and (data / "operator.token").exists(), process, log=log)
        yield port, process.pid
    finally:
        stop(process)


@contextmanager
def ours(
    folder: Path, *, cast: Cast, postgres: Postgres | None = None, environ: Mapping[str, str] = RAISED
) -> Iterator[Target]:
    """Run our server on SQLite FULL, or on a fresh PostgreSQL database, seeded with `cast`.

    It is seeded by one process and measured in another, so that what seeding leaves behind is not counted.
    """
    name = "ours/postgresql" if postgres else "ours/sqlite"
    data = folder / name.replace("/", "-")
    data.mkdir(parents=True)
    database = postgres.create("ours") if postgres else None
    url = postgres.url_of(database) if postgres and database else None
    with _serving(f"{name}-seed", data, database=url, environ=RAISED) as (port, _):
        token = (data / "operator.token").read_text().strip()
        people = uvloop.run(seed(port, token, users=cast.users, pairs=cast.pairs, rooms=cast.rooms))
    with _serving(name, data, database=url, environ=environ) as (port, pid):
        watched = postgres.watch(pid, database) if postgres and database else Watched(pid=pid)
        yield _target(name, port, people, watched, postgres, environ)


def _target(
    name: str, port: int, people: People, watched: Watched, postgres: Postgres | None, environ: Mapping[str, str]
) -> Target:
    wire = KefuWire(port=port, people=people)
    return Target(
        name=name,
        direct=wire,
        groups=wire,
        archive=wire,
        refusals=KefuWire(port=port, people=people, refusals=True),
        watched=watched,
        metrics_port=port,
        ours=True,
        stores=f"PostgreSQL {postgres.version}, synchronous" if postgres else "SQLite, synchronous FULL",
        settings=tuple(f"{key}={value}" for key, value in sorted(environ.items())),
    )


def stall_ms(port: int) -> float | None:
    """Return the longest time in ms that the server's event loop has stood still; None when it does not say."""

    async def ask() -> bytes:
        http = await HttpClient.open(port)
        try:
            return await http.fetch("GET", "/metrics")
        finally:
            http.close()

    with contextlib.suppress(OSError):
        found = _STALL.search(uvloop.run(ask()))
        return round(float(found[1]) * 1e3, 1) if found else None
    return None
