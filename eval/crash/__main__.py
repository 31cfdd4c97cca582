"""`python -m eval.crash`: breaks the messenger under load and counts what was lost."""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from eval.crash.own_nats import OwnNats
from eval.crash.own_postgres import OwnPostgres
from eval.crash.plan import Plan
from eval.crash.report import Report, print_totals
from eval.crash.scenarios.bot import bot
from eval.crash.scenarios.disk import disk
from eval.crash.scenarios.kill import kill
from eval.crash.scenarios.nodes import nodes
from eval.crash.scenarios.pgstop import pgstop


class Scenario(StrEnum):
    """What is broken."""

    KILL = "kill"
    DISK = "disk"
    PGSTOP = "pgstop"
    NODES = "nodes"
    BOT = "bot"
    ALL = "all"


class Database(StrEnum):
    """Where messages are stored."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


# What a scenario is run with when nothing else is said: clients, times something is broken, messages.
_SIZES = {
    Scenario.KILL: (100, 20, 10_000),
    Scenario.DISK: (50, 6, 4_000),
    Scenario.PGSTOP: (50, 6, 4_000),
    Scenario.NODES: (20, 6, 3_000),
    Scenario.BOT: (20, 20, 1_000),
}
_ALL = (
    (Scenario.KILL, Database.SQLITE),
    (Scenario.KILL, Database.POSTGRESQL),
    (Scenario.DISK, Database.SQLITE),
    (Scenario.PGSTOP, Database.POSTGRESQL),
    (Scenario.NODES, Database.POSTGRESQL),
    (Scenario.BOT, Database.SQLITE),
)
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    scenario: Annotated[
        Scenario,
        typer.Argument(
            help="kill: kill -9 of the server; disk: its disk fills up (SQLite); pgstop: its PostgreSQL stops, "
            "crashes, freezes; nodes: kill -9 of two servers on one PostgreSQL, and NATS goes away; bot: kill -9 of "
            "the demo in the middle of bot turns; all: each in turn, "
            "kill on both databases."
        ),
    ] = Scenario.KILL,
    database: Annotated[Database, typer.Option(help="Where messages are stored; for `kill`.")] = Database.SQLITE,
    clients: Annotated[int | None, typer.Option(help="Clients under load; `kill`: 100.", min=4)] = None,
    kills: Annotated[int | None, typer.Option(help="How often something is broken; `kill`: 20.", min=0)] = None,
    messages: Annotated[int | None, typer.Option(help="Messages in all; `kill`: 10,000.", min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="Draws everything random; by default from the clock.")] = None,
    per_second: Annotated[float, typer.Option(help="Messages a second, all clients together.", min=0.1)] = 110.0,
    out: Annotated[Path, typer.Option(help="Folder for the JSON summaries.")] = Path("bench-results"),
) -> None:
    """Break the real server under load over the real wire, and compare what was sent, acknowledged, seen and stored.

    Everything stays on loopback; PostgreSQL and NATS are our own, out of wheels. Exit status 1: a fault was found.
    """
    # A SIGTERM unwinds the run, so that all servers are stopped.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    out.mkdir(parents=True, exist_ok=True)
    console = Console()
    reports = []
    for chosen, where in _ALL if scenario is Scenario.ALL else ((scenario, database),):
        sizes = _SIZES[chosen]
        plan = Plan(
            clients=clients if clients is not None else sizes[0],
            kills=kills if kills is not None else sizes[1],
            messages=messages if messages is not None else sizes[2],
            seed=int(time.time()) % 1_000_000 if seed is None else seed,
            per_second=per_second,
        )
        report = _play(chosen, plan, where, out, console)
        report.print(console)
        console.print(f"log {report.write(out)}")
        reports.append(report)
    if len(reports) > 1:
        print_totals(console, reports)
    if not all(report.is_clean for report in reports):
        raise typer.Exit(1)


def _play(scenario: Scenario, plan: Plan, database: Database, out: Path, console: Console) -> Report:
    """Start what the scenario needs besides the servers, run it, and stop it all."""
    began_s = time.monotonic()

    def say(news: str) -> None:
        console.print(f"{time.monotonic() - began_s:6.1f} s  {news}", highlight=False)

    with contextlib.ExitStack() as stack:
        temporary = tempfile.TemporaryDirectory(prefix="crash-", dir=out, ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(temporary)).resolve()
        if scenario is Scenario.DISK:
            return uvloop.run(disk(plan, folder=folder, say=say))
        if scenario is Scenario.BOT:
            return uvloop.run(bot(plan, folder=folder, say=say))
        if scenario is Scenario.KILL and database is Database.SQLITE:
            return uvloop.run(kill(plan, database=None, folder=folder, say=say))
        postgres = OwnPostgres()
        stack.callback(postgres.close)
        postgres.start()
        url = postgres.create()
        if scenario is Scenario.KILL:
            return uvloop.run(kill(plan, database=url, folder=folder, say=say))
        if scenario is Scenario.PGSTOP:
            return uvloop.run(pgstop(plan, postgres=postgres, database=url, folder=folder, say=say))
        broker = OwnNats()
        stack.callback(broker.kill)
        broker.start()
        return uvloop.run(nodes(plan, database=url, broker=broker, folder=folder, say=say))


if __name__ == "__main__":
    app()
