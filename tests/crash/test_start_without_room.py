"""Starting where nothing can be written: the reason in one sentence, no traceback, and a start once there is room."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from eval.crash.node import Node


def start(data: Path, *, file_bytes: int) -> subprocess.CompletedProcess[str]:
    """Run the server with a limit on the size of its files."""
    return subprocess.run(
        [sys.executable, "-m", "kefu", "serve", "--data", str(data), "--port", "0"],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes)),
    )


@pytest.mark.parametrize(
    "file_bytes", [pytest.param(0, id="lock", marks=pytest.mark.slow), pytest.param(40_000, id="tables")]
)
def test_a_start_on_a_full_disk_says_so_and_leaves_nothing_half_done(tmp_path: Path, file_bytes: int) -> None:
    data = tmp_path / "data"
    refused = start(data, file_bytes=file_bytes)
    assert refused.returncode == 2, refused.stderr
    assert str(data) in refused.stderr
    assert "Traceback" not in refused.stderr
    node = Node(data, log=tmp_path / "log")
    node.start()
    node.stop()
    assert node.errors() == []


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "kefu.db").write_bytes("不是数据库。".encode() * 1000)
    refused = start(data, file_bytes=resource.RLIM_INFINITY)
    assert refused.returncode == 2, refused.stderr
    assert str(data / "kefu.db") in refused.stderr
    assert "Traceback" not in refused.stderr
