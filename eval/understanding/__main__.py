"""`python -m eval.understanding`: what no suite of understanding can say; each part in its own process, resumable."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.understanding import goals
from eval.understanding.goals import DEFAULT, QUALITY, TIERS, Figure, named
from eval.understanding.http import measure_http
from eval.understanding.labels import measure_labels
from eval.understanding.messages import measure_messages
from eval.understanding.risk import measure_risk
from eval.understanding.satisfaction import measure_satisfaction
from eval.understanding.sets import Place
from eval.understanding.table import read_results, result_file, tell, write_result, write_table
from eval.understanding.training import measure_training
from kefu.base.errors import ConfigError, KefuError

PARTS: dict[str, Callable[[Place], Iterator[Figure]]] = {
    "training": measure_training,
    "messages": measure_messages,
    "risk": measure_risk,
    "http": measure_http,
    "labels": measure_labels,
    "satisfaction": measure_satisfaction,
}
# What does not feel the tier is measured once.
_ONCE = ("labels",)


def main(
    data: Annotated[Path, typer.Option("--data", help="Folder of the sets.", envvar="KEFU_BENCH_DATA")],
    only: Annotated[list[str] | None, typer.Option("--part", help=f"Of {', '.join(PARTS)}; may repeat.")] = None,
    tiers: Annotated[list[str] | None, typer.Option("--tier", help="default or e5; may repeat.")] = None,
    out: Annotated[Path, typer.Option("--out", help="Results; a part that is here is not measured again.")] = Path(
        "runs/understanding"
    ),
    shared: Annotated[
        Path, typer.Option("--shared", help="Prepared encoders and vectors, as `kefu eval run` keeps them.")
    ] = Path("eval-runs/shared"),
    again: Annotated[bool, typer.Option("--again", help="Measure everything anew.")] = False,
    inside: Annotated[bool, typer.Option("--inside", hidden=True)] = False,
) -> None:
    """Measure each part for each tier and print the goals, met or missed. Exit codes: 0 measured, 2 refused."""
    unknown = [name for name in only or () if name not in PARTS] + [name for name in tiers or () if name not in TIERS]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}; there are {', '.join([*PARTS, *TIERS])}")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    chosen = [
        (tier, part)
        for tier in tiers or TIERS
        for part in only or PARTS
        if not (tier != DEFAULT and part in _ONCE and not only)
    ]
    if inside:
        raise typer.Exit(_measure(*chosen[0], data, out, shared))
    out.mkdir(parents=True, exist_ok=True)
    _prepare(shared / "models", tiers or TIERS)
    for tier, part in chosen:
        path = result_file(out, tier, part)
        if path.exists() and not again:
            log = json.loads(path.read_text("utf-8"))
            typer.echo(f"{tier} {part}: measured {log['at']} at revision {log['revision']}; --again anew", err=True)
        else:
            typer.echo(f"{tier} {part} …", err=True)
            command = [sys.executable, "-m", "eval.understanding", "--inside", "--data", str(data), "--out", str(out)]
            command += ["--shared", str(shared)]
            done = subprocess.run([*command, "--tier", tier, "--part", part], check=False)
            if done.returncode:
                raise typer.Exit(2)
    tell(read_results(out, chosen))
    # Also what was measured on another day: a part alone does not empty the table.
    write_table(read_results(out, [(tier, part) for part in PARTS for tier in TIERS]), out)


def _prepare(models: Path, tiers: tuple[str, ...] | list[str]) -> None:
    if QUALITY in tiers and not (models / QUALITY).is_dir():
        from bot.encoding.e5 import prepare_e5

        try:
            prepare_e5(models)
        except ConfigError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from error


def _measure(tier: str, part: str, data: Path, out: Path, shared: Path) -> int:
    place = Place(data=data, models=shared / "models", cache=shared / "vectors", tier=tier)
    began, rows = time.perf_counter(), []
    try:
        for figure in PARTS[part](place):
            rows.append(figure.as_json(tier))
            typer.echo(json.dumps(rows[-1], ensure_ascii=False), err=True)
    except KefuError as error:
        typer.echo(str(error), err=True)
        return 2
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.append(Figure(named(goals.MEMORY, part), peak, None, "training and judging in one process").as_json(tier))
    seconds: dict[str, Any] = {"wall_s": round(time.perf_counter() - began, 1), "cpu_s": round(time.process_time(), 1)}
    write_result(out, tier, part, rows, seconds, data)
    return 0


if __name__ == "__main__":
    typer.run(main)
