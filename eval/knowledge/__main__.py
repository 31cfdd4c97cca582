"""`python -m eval.knowledge`: what no suite of knowledge can say; one table, and what is done already is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from eval.knowledge.figures import Figure, keep, kept, tell
from eval.knowledge.plot import plot_growth
from eval.knowledge.recommend import measure_recommending
from eval.knowledge.scale import measure_linking, measure_scale
from eval.knowledge.serving import measure_changes, measure_exactness, measure_typing
from eval.knowledge.sets import SETS, measure_set
from eval.knowledge.stores import measure_stores
from eval.knowledge.vectors import measure_vectors
from kefu.base.errors import ConfigError

_SIZES, _QUICK_SIZES = (1_000, 10_000, 100_000, 1_000_000), (1_000, 10_000)
OUTSIDE = tuple(SETS)
PARTS = ("linking", "typing", "changes", "recommending", "exactness", "stores", *OUTSIDE, "vectors", "graph")


def main(
    only: Annotated[list[str] | None, typer.Argument(help=f"Parts: {', '.join(PARTS)}; all by default.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder with the outside data.", envvar="KEFU_BENCH_DATA")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, a minute: goals are not judged.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write the figures as JSON.")] = None,
    state: Annotated[
        Path, typer.Option("--state", help="Parts that are done are kept here and not measured again.")
    ] = Path("eval-runs/knowledge"),
    shared: Annotated[
        Path, typer.Option("--shared", help="Prepared encoders and vectors, as `kefu eval run` keeps them.")
    ] = Path("eval-runs/shared"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure again what is kept.")] = False,
) -> None:
    """Measure and judge what no suite can. Interrupted, the same command goes on with the part that was not finished.

    Memory is a process's peak, so each of several parts is measured in a process of its own. Exit code 2: what was
    asked for cannot be measured, for its data are missing or broken.
    """
    unknown = [name for name in only or () if name not in PARTS]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}; there are {', '.join(PARTS)}")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    figures: list[Figure] = []
    for name in only or PARTS:
        if name in OUTSIDE and data is None:
            typer.echo(f"{name}: left out, name the folder of the data with --data", err=True)
            continue
        key = f"{name}.quick" if quick else name
        done = None if fresh else kept(state, key)
        if done is None and len(only or PARTS) > 1:
            _apart(name, data, state, shared, quick=quick)
            done = kept(state, key)
        elif done is None:
            done = []
            try:
                for figure in _part(name, data or Path(), shared, quick=quick):
                    done.append(figure)
                    typer.echo(f"{figure.work}: {figure.name} {figure.value:.4g} {figure.unit}", err=True)
            except ConfigError as error:
                typer.echo(f"{name}: {error}", err=True)
                raise typer.Exit(2) from error
            keep(state, key, done)
        figures += done or [Figure(name, "not finished", float("nan"), "", note="see above")]
    tell(figures, out or state / "figures.json")
    if plot_growth(figures, state / "growth.svg"):
        typer.echo(f"growth: {state / 'growth.svg'}", err=True)


def _apart(name: str, data: Path | None, state: Path, shared: Path, *, quick: bool) -> None:
    command = [sys.executable, "-m", "eval.knowledge", name, "--fresh", "--state", str(state)]
    command += ["--shared", str(shared)]
    command += ["--out", str(state / f"{name}.table.json")] + (["--quick"] if quick else [])
    subprocess.run([*command, *(["--data", str(data)] if data is not None else [])], stdout=subprocess.DEVNULL)


def _part(name: str, data: Path, shared: Path, *, quick: bool) -> Iterator[Figure]:
    if name in SETS:
        return measure_set(name, data, models=shared / "models", cache=shared / "vectors")
    own: dict[str, Callable[[], Iterator[Figure]]] = {
        "graph": lambda: measure_scale(_QUICK_SIZES if quick else _SIZES),
        "linking": lambda: measure_linking(5_000 if quick else 100_000),
        "vectors": lambda: measure_vectors(20_000 if quick else 1_000_000),
        "typing": lambda: measure_typing(500 if quick else 5_000),
        "changes": lambda: measure_changes(1_000 if quick else 10_000),
        "recommending": lambda: measure_recommending(5_000 if quick else 100_000),
        "stores": lambda: measure_stores(2_000 if quick else 20_000),
        "exactness": lambda: measure_exactness(5_000 if quick else 50_000),
    }
    return own[name]()


if __name__ == "__main__":
    typer.run(main)
