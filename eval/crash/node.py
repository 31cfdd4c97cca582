"""One server as a process of its own: `kefu serve` on a port that it keeps, killed and started again."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

from eval.crash.ports import lasting_port

_START_S = 120.0
_BAD_LEVELS = ("error", "critical")


class _LogLine(msgspec.Struct):
    event: str = ""
    level: str = ""


def launch(words: Sequence[str], *, environ: Mapping[str, str], log: IO[str]) -> subprocess.Popen[str]:
    """Run a module with its options, as `python -m` does, in the environment that is given beside this one."""
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env={**os.environ, **environ},
        # A Ctrl-C is for the harness, which ends its servers itself.
        start_new_session=True,
    )


class Node:
    """A server over the workspace `data`. Clients find it on the same port after every start.

    `program` is the module to run with its first options; `start_s` how long its start may take, seconds.
    """

    def __init__(
        self,
        data: Path,
        *,
        log: Path,
        database: str | None = None,
        broker: str | None = None,
        environ: Mapping[str, str] | None = None,
        program: Sequence[str] = ("kefu", "serve"),
        start_s: float = _START_S,
    ) -> None:
        self.data = data
        self.log = log
        self.port = lasting_port()
        self.starts = 0
        self._options = ["--data", str(data), "--port", str(self.port)]
        self._options += ["--database", database] if database else []
        self._options += ["--broker", broker] if broker else []
        self._environ = dict(environ or {})
        self._program = tuple(program)
        self._start_s = start_s
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Return the server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Return the process id; 0 while it does not run."""
        return self._process.pid if self._process is not None else 0

    @property
    def operator_token(self) -> str:
        """Return the operator's token, which the first start has left in the workspace."""
        return (self.data / "operator.token").read_text("utf-8").strip()

    def spawn(self) -> None:
        """Begin to start it, without waiting until it serves."""
        with self.log.open("a", encoding="utf-8") as log:
            words = (*self._program, *self._options)
            self._process = launch(words, environ={"KEFU_LOG_FORMAT": "json", **self._environ}, log=log)
        self.starts += 1

    def wait(self) -> None:
        """Wait until it serves; raise RuntimeError with the end of its log when it does not come up."""
        process = self._process
        assert process is not None and process.stdout is not None, "spawn first"
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            line = process.stdout.readline() if selector.select(self._start_s) else ""
        if not line.startswith("http"):
            self.kill()
            raise RuntimeError(f"the server did not start: {line!r}\n{self.log.read_text('utf-8')[-4000:]}")

    def start(self) -> None:
        """Start it and wait until it serves."""
        self.spawn()
        self.wait()

    def start_again(self, *, timeout_s: float) -> None:
        """Start it as a supervisor does, again and again until it serves; raise the last RuntimeError at the end."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                return self.start()
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise

    def kill(self) -> None:
        """`kill -9`: no goodbye, no flush."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, and kill it when it does not."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        deadline = time.monotonic() + 15
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def errors(self) -> list[str]:
        """Return the lines of its log that speak of errors, and those that are no log lines: tracebacks."""
        bad = []
        for raw in self.log.read_text("utf-8", errors="replace").splitlines():
            try:
                line = msgspec.json.decode(raw, type=_LogLine)
            except (msgspec.DecodeError, UnicodeError):
                bad.append(raw)
                continue
            if line.level in _BAD_LEVELS:
                bad.append(raw)
        return bad
