"""`python -m eval.load`: the load bench of the chat core."""

from __future__ import annotations

import resource
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace
from rich.console import Console

from eval.load import results
from eval.load.bench import OURS, TARGETS, Bench
from eval.load.disk import fsync_ms
from eval.load.ejabberd import install
from eval.load.goals import judge_all
from eval.load.keeper import Keeper
from eval.load.plan import FULL, QUICK, Plan
from eval.load.plot import draw
from eval.load.postgres import postgres
from eval.load.processes import pin_myself
from eval.load.report import print_report
from eval.load.schedule import PARTS

_TABLE_COLUMNS = 190

Quick = Annotated[bool, typer.Option("--quick", help="One short round: at most 3 minutes, for a first look.")]
Only = Annotated[
    list[str] | None, typer.Option(help=f"Servers or parts, may be repeated: {', '.join((*TARGETS, *PARTS))}.")
]
Out = Annotated[Path, typer.Option(help="Folder for the JSON log, the plot, and the servers' data meanwhile.")]
Rounds = Annotated[int | None, typer.Option(help="How often each workload runs.", min=1)]
Resume = Annotated[Path | None, typer.Option(help="The JSON log of an interrupted run, to go on where it stopped.")]
Install = Annotated[bool, typer.Option("--install-peer", help="First install Debian's ejabberd (as root, by apt-get).")]


def _choose(only: list[str]) -> tuple[list[str], list[str]]:
    """Return the servers and the parts that were named; all of a kind of which none was named."""
    unknown = [name for name in only if name not in TARGETS and name not in PARTS]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}; there are {', '.join((*TARGETS, *PARTS))}")
    targets = [name for name in TARGETS if name in only]
    parts = [name for name in PARTS if name in only]
    return targets or list(TARGETS), parts or list(PARTS)


def _read(log: Path, plan: Plan) -> results.Results:
    try:
        earlier = results.read(log)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if earlier.plan != plan:
        raise typer.BadParameter(f"{log} is of another plan; resume it with the options it was begun with")
    return earlier


def _allow_many_files() -> None:
    """Raise the soft limit of open files to the hard one; the servers inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _end_politely() -> None:
    """Let a SIGTERM unwind the run, so that the servers are stopped and the databases dropped."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def _make_console() -> Console:
    console = Console()
    # A pipe reports 80 columns, in which the tables say nothing.
    console.width = max(console.width, _TABLE_COLUMNS)
    return console


def _run(bench: Bench, keeper: Keeper, out: Path) -> None:
    """Run on the disk of the results, not in a /tmp that may be memory: durable writes are part of the measure."""
    with (
        tempfile.TemporaryDirectory(prefix="data-", dir=out, ignore_cleanup_errors=True) as folder,
        postgres() as server,
    ):
        keeper.begin(results.machine(postgresql=server.version, fsync_ms=fsync_ms(Path(folder))))
        pin_myself()
        bench.run(Path(folder).resolve(), server)


def _conclude(bench: Bench, keeper: Keeper, targets: list[str], console: Console) -> bool:
    """Judge, print, keep and draw; return whether every server of ours was measured without an error."""
    verdicts = judge_all(bench.measures, [name for name in OURS if name in targets])
    print_report(console, measures=bench.measures, growth=bench.growth, verdicts=verdicts, notes=bench.notes)
    keeper.keep(bench, verdicts)
    plot = keeper.log.with_suffix(".png")
    draw(plot, measures=bench.measures, growth=bench.growth)
    console.print(f"log {keeper.log}, plot {plot}")
    ours = [measure for measure in (*bench.measures, *bench.growth) if measure.target in OURS]
    absent = {name for name in OURS if name in targets} - {measure.target for measure in ours}
    return not absent and not any(measure.error for measure in ours)


def main(
    quick: Quick = False,
    only: Only = None,
    out: Out = Path("bench-results"),
    rounds: Rounds = None,
    resume: Resume = None,
    install_peer: Install = False,
) -> None:
    """Measure our server on SQLite and PostgreSQL against ejabberd and a bare relay, in turn, on pinned cores.

    Everything stays on loopback. PostgreSQL: KEFU_BENCH_PG, else the server at 127.0.0.1:5432, else one from a wheel.
    """
    targets, parts = _choose(only or [])
    plan = QUICK if quick else FULL
    if rounds is not None:
        plan = replace(plan, rounds=rounds)
    earlier = _read(resume, plan) if resume is not None else None
    if install_peer:
        install()
    out.mkdir(parents=True, exist_ok=True)
    console = _make_console()
    keeper = Keeper(console, out=out, resume=resume, earlier=earlier)
    _allow_many_files()
    _end_politely()
    bench = Bench(
        plan,
        targets=targets,
        parts=parts,
        say=lambda news: keeper.hear(bench, news),
        measured=earlier.measures if earlier is not None else (),
        grown=earlier.growth if earlier is not None else (),
    )
    _run(bench, keeper, out)
    if not _conclude(bench, keeper, targets, console):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
