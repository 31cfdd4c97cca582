"""How long the disk takes to make one write durable."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from eval.load.stats import percentile

_BLOCK = b"\0" * 4096
_WRITES = 50


def fsync_ms(folder: Path) -> float:
    """Return the median time in ms of an append of 4 KiB with fdatasync in `folder`, of fifty."""
    durations: list[float] = []
    handle, name = tempfile.mkstemp(dir=folder)
    try:
        for _ in range(_WRITES):
            start = time.perf_counter()
            os.write(handle, _BLOCK)
            os.fdatasync(handle)
            durations.append((time.perf_counter() - start) * 1e3)
    finally:
        os.close(handle)
        os.unlink(name)
    return round(percentile(durations, 50), 3)
