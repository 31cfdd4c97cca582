"""Servers for the flows of clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server_process import ServerProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that all tests share but those that kill theirs."""
    running = ServerProcess(tmp_path_factory.mktemp("flow") / "data").start()
    running.wait_ready()
    yield running
    running.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that a test may kill."""
    running = ServerProcess(tmp_path / "data").start()
    running.wait_ready()
    yield running
    running.kill()
