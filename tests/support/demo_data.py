"""The demo's workspace as its first start leaves it, made once and copied: a second start takes half as long."""

from __future__ import annotations

import atexit
import shutil
import signal
import tempfile
from functools import cache
from pathlib import Path

from tests.support.forked import launch


def put_demo(data: Path) -> None:
    """Put the demo's workspace into a folder that has no database yet; what else lies there stays."""
    if not (data / "kefu.db").exists():
        shutil.copytree(_seeded(), data, dirs_exist_ok=True)


@cache
def _seeded() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="kefu-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    data = folder / "data"
    with (folder / "log").open("w") as log:
        process = launch(
            ["kefu", "serve", "--demo", "--no-train", "--port", "0", "--data", str(data)], environ={}, log=log
        )
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.readline()
    if not line.startswith("http"):
        raise RuntimeError(f"the demo did not start: {(folder / 'log').read_text('utf-8')[-4000:]}")
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    return data
