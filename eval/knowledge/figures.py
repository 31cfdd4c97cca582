"""A measured figure beside its goal, and how the two are told."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Figure:
    """`goal` None: told for information; times are CPU seconds of this process unless the name says otherwise."""

    work: str
    name: str
    value: float
    unit: str
    goal: float | None = None
    better: Literal["more", "less"] = "less"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.better == "more" else self.value <= self.goal


def kept(state: Path, part: str) -> list[Figure] | None:
    """Return what a part measured before, None when it has not finished here."""
    try:
        rows = json.loads((state / f"{part}.json").read_text("utf-8"))
        return [Figure(**row) for row in rows["figures"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(state: Path, part: str, figures: Sequence[Figure]) -> None:
    """Keep what a part measured, with the machine and its load."""
    state.mkdir(parents=True, exist_ok=True)
    log = {"at": _now(), "machine": _machine(), "figures": [asdict(one) for one in figures]}
    part_file = state / f"{part}.json.part"
    part_file.write_text(json.dumps(log, ensure_ascii=False, indent=1), "utf-8")
    part_file.replace(state / f"{part}.json")


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _machine() -> dict[str, object]:
    return {"python": platform.python_version(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2)}


def tell(figures: Sequence[Figure], out: Path | None) -> None:
    """Print a table, and write the figures with the machine as JSON."""
    table = Table("work", "figure", "measured", "goal", "", "note", box=None)
    for one in figures:
        goal = "" if one.goal is None else f"{'>=' if one.better == 'more' else '<='} {one.goal:g}"
        word = {None: "", True: "[green]met[/green]", False: "[red]missed[/red]"}[one.met]
        table.add_row(one.work, one.name, f"{one.value:.4g} {one.unit}", goal, word, one.note)
    Console().print(table)
    if out is not None:
        rows = [{**asdict(one), "met": one.met} for one in figures]
        log = {"at": _now(), "machine": _machine(), "figures": rows}
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(log, ensure_ascii=False, indent=1), "utf-8")
