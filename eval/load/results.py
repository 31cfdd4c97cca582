"""The log of a run: everything that it takes to judge the numbers, as JSON."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import msgspec
import psutil

from eval.load.goals import Verdict
from eval.load.measure import Measure
from eval.load.plan import Plan
from eval.load.processes import LOAD_CORE, SERVER_CORE

_LIBRARIES = ("fastapi", "msgspec", "sqlalchemy", "uvicorn", "uvloop", "websockets")


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where and with what the run was made; memory in MB, fsync and load average when it began."""

    processor: str
    cores: int
    memory_mb: int
    system: str
    python: str
    libraries: dict[str, str]
    postgresql: str
    fsync_ms: float
    load_average: float
    pinned: str


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    started_at: str
    seconds: float
    revision: str
    machine: Machine
    plan: Plan
    settings: dict[str, tuple[str, ...]]
    notes: list[str]
    verdicts: list[Verdict]
    measures: list[Measure]
    growth: list[Measure]


def revision() -> str:
    """Return the commit of the checkout, with `+` when files were changed; 'unknown' outside of one."""
    here = Path(__file__).parent
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=here, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def machine(*, postgresql: str, fsync_ms: float) -> Machine:
    """Return the description of this machine."""
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_mb=psutil.virtual_memory().total // 1_000_000,
        system=platform.platform(),
        python=platform.python_version(),
        libraries={name: version(name) for name in _LIBRARIES},
        postgresql=postgresql,
        fsync_ms=fsync_ms,
        load_average=round(os.getloadavg()[0], 2),
        pinned=(
            f"servers and their database's processes on core {SERVER_CORE}, the load on core {LOAD_CORE}; "
            "of a PostgreSQL that ran before the bench only the backends of its databases are pinned and counted"
        ),
    )


def write(path: Path, results: Results) -> None:
    """Write the log, whole or not at all."""
    fresh = path.with_suffix(".part")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
    fresh.replace(path)


def read(path: Path) -> Results:
    """Return the log of an earlier run; raise ValueError when it is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Results)
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path}: {error}") from error
