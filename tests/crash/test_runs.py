"""Short runs of every crash scenario against the real server; `python -m eval.crash all` runs the long ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.crash.own_nats import OwnNats
from eval.crash.own_postgres import OwnPostgres
from eval.crash.plan import Plan
from eval.crash.report import Report
from eval.crash.scenarios.disk import disk
from eval.crash.scenarios.kill import kill
from eval.crash.scenarios.nodes import nodes
from eval.crash.scenarios.pgstop import pgstop
from tests.support.postgres import TestPostgres

SHORT = Plan(clients=12, kills=2, messages=240, seed=11, per_second=90.0, drops_per_s=3.0, settle_s=30.0)


@pytest.fixture
def own_postgres() -> Iterator[OwnPostgres]:
    """A PostgreSQL that may be stopped."""
    server = OwnPostgres()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def own_nats() -> Iterator[OwnNats]:
    """A NATS that may be stopped."""
    server = OwnNats()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def postgres_url(postgres: TestPostgres) -> Iterator[str]:
    """An empty database on the shared server."""
    url = postgres.create()
    yield url
    postgres.drop(url)


def check(report: Report, *broken: str) -> None:
    """Check that everything went on under trouble, and that nothing is wrong in the end."""
    assert report.is_clean, report.examples
    assert report.facts["messages acknowledged"] == report.facts["messages stored"] >= SHORT.messages
    assert report.facts["events seen by live clients"] > report.facts["events stored"]
    for what in broken:
        assert report.facts[what] > 0, report.facts


async def test_kill_9_under_load_on_sqlite_loses_nothing(tmp_path: Path) -> None:
    check(await kill(SHORT, database=None, folder=tmp_path, say=print), "kills")


async def test_kill_9_under_load_on_postgresql_loses_nothing(tmp_path: Path, postgres_url: str) -> None:
    check(await kill(SHORT, database=postgres_url, folder=tmp_path, say=print), "kills")


async def test_a_full_disk_refuses_and_recovers_and_loses_nothing(tmp_path: Path) -> None:
    report = await disk(SHORT, folder=tmp_path, say=print, mount=False)
    check(report, "disk filled", "refused for now: storage_unavailable")


async def test_a_postgresql_that_stops_and_comes_back_loses_nothing(tmp_path: Path, own_postgres: OwnPostgres) -> None:
    url = await asyncio.to_thread(own_postgres.create)
    report = await pgstop(SHORT, postgres=own_postgres, database=url, folder=tmp_path, say=print)
    check(report, "PostgreSQL: fast", "PostgreSQL: freeze", "refused for now: storage_unavailable")


async def test_two_nodes_killed_in_turn_and_a_broker_that_goes_away_lose_nothing(
    tmp_path: Path, postgres_url: str, own_nats: OwnNats
) -> None:
    report = await nodes(SHORT, database=postgres_url, broker=own_nats, folder=tmp_path, say=print)
    check(report, "kills", "NATS away")
