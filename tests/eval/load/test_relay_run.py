"""The whole path of the bench against the bare relay, which needs nothing but our own wheels."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import uvloop
from msgspec.structs import replace

from eval.load.bench import Bench
from eval.load.ejabberd import config
from eval.load.measure import Measure
from eval.load.plan import QUICK
from eval.load.postgres import Postgres, url_with_database
from eval.load.server import Target, relay
from eval.load.standing import connections
from eval.load.workloads import fan_out, fan_out_lock, one_to_one, unloaded
from eval.load.world import World


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with relay(tmp_path_factory.mktemp("relay")) as running:
        yield running


def test_one_to_one_counts_every_message_and_its_cost(target: Target) -> None:
    async def inside() -> Measure:
        return await one_to_one(World(settle_s=0.05), target, users=4, messages=200, timeout_s=20)

    measure = uvloop.run(inside())
    assert measure.exact
    assert measure.wanted == 800
    assert measure.per_s is not None
    assert measure.per_s > 0
    assert measure.cpu_us_per_op is not None
    assert measure.cpu_us_per_op > 0
    assert measure.accept is not None
    assert measure.accept.p50 <= measure.accept.p99
    assert measure.dropped == 0


def test_a_group_message_counts_once_for_each_member(target: Target) -> None:
    async def saturated() -> Measure:
        return await fan_out(World(settle_s=0.05), target, room="g", members=6, messages=20, senders=2, timeout_s=20)

    async def locked() -> Measure:
        return await fan_out_lock(World(settle_s=0.05), target, room="g", members=6, messages=5, timeout_s=20)

    for measure, wanted in ((uvloop.run(saturated()), 120), (uvloop.run(locked()), 30)):
        assert measure.exact
        assert measure.wanted == wanted


def test_an_undisturbed_pair_has_a_latency(target: Target) -> None:
    async def inside() -> Measure:
        return await unloaded(World(settle_s=0.05), target, messages=10)

    measure = uvloop.run(inside())
    assert measure.delivered == 10
    assert measure.deliver is not None


def test_idle_connections_are_opened_step_by_step(target: Target) -> None:
    async def inside() -> list[Measure]:
        return await connections(World(settle_s=0.05), target, steps=(10, 40))

    few, many = uvloop.run(inside())
    assert (few.size, many.size) == (10, 40)
    assert many.memory_mb is not None
    assert many.memory_mb > 1
    assert many.dropped == 0


def test_the_peers_configuration_names_our_database() -> None:
    tcp = Postgres(url="postgresql://bench:secret@127.0.0.1:6543", version="15", postmaster=None)
    text = config(port=5999, postgres=tcp, database="kefu_bench_x")
    assert "port: 5999" in text
    assert 'sql_server: "127.0.0.1"' in text
    assert "sql_port: 6543" in text
    assert "sql_username: bench" in text
    assert "sql_database: kefu_bench_x" in text


def test_urls_of_databases_keep_server_and_options() -> None:
    server = Postgres(url="postgresql://postgres@h/postgres?sslmode=disable", version="18", postmaster=None)
    assert server.url_of("mine") == "postgresql://postgres@h/mine?sslmode=disable"
    assert url_with_database("postgresql://postgres@127.0.0.1:5432") == "postgresql://postgres@127.0.0.1:5432/postgres"
    assert url_with_database("postgresql://h/x") == "postgresql://h/x"


def test_a_run_goes_on_where_an_earlier_one_stopped(tmp_path: Path) -> None:
    plan = replace(QUICK, rounds=2, pair_messages=3)
    nowhere = Postgres(url="postgresql://nobody@127.0.0.1:1", version="none", postmaster=None)
    first = Bench(replace(plan, rounds=1), targets=["relay"], parts=["unloaded"], say=lambda _news: None)
    first.run(tmp_path, nowhere)
    failed = Measure(target="relay", workload="unloaded", round=2, error="gone")
    again = Bench(
        plan, targets=["relay"], parts=["unloaded"], say=lambda _news: None, measured=[*first.measures, failed]
    )
    again.run(tmp_path, nowhere)
    assert again.measures[0] is first.measures[0]
    assert [(measure.round, measure.error) for measure in again.measures] == [(1, None), (2, None)]
