"""The real server as a process of its own, to be talked to over the wire, killed and started again."""

from __future__ import annotations

import selectors
import signal
import subprocess
import time
from pathlib import Path

import httpx

from tests.support.demo_data import put_demo
from tests.support.forked import launch
from tests.support.talkative import FREE

START_S = 90.0


class ServerProcess:
    """`kefu serve` on a fixed port, so that clients find it again after a restart."""

    def __init__(
        self,
        data: Path,
        *,
        database: str | None = None,
        broker: str | None = None,
        port: int = 0,
        demo: bool = False,
        settings: dict[str, str] | None = None,
    ) -> None:
        self.data = data
        self.port = port
        self.arguments = ["--data", str(data), *(["--demo", "--no-train"] if demo else [])]
        if database:
            self.arguments += ["--database", database]
        if broker:
            self.arguments += ["--broker", broker]
        self._settings = settings or {}
        self._has_demo = demo and database is None
        self.process: subprocess.Popen[str] | None = None
        self.url = ""

    @property
    def log(self) -> Path:
        """Where the server's log goes."""
        return self.data.with_name(self.data.name + ".log")

    def start(self) -> ServerProcess:
        """Start it and wait for its first line; raise RuntimeError with the log when it does not come up."""
        self.data.mkdir(parents=True, exist_ok=True)
        if self._has_demo:
            put_demo(self.data)
        with open(self.log, "a", encoding="utf-8") as log:
            words = ["kefu", "serve", "--port", str(self.port), *self.arguments]
            self.process = launch(words, environ={"KEFU_LOG_FORMAT": "json", **FREE, **self._settings}, log=log)
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            line = self.process.stdout.readline().strip() if selector.select(START_S) else ""
        if not line.startswith("http"):
            self.kill()
            raise RuntimeError(f"the server did not start: {line!r}\n{self.log.read_text('utf-8')[-4000:]}")
        self.url = line
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def kill(self) -> None:
        """`kill -9`: no goodbye, no flush."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop and return its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            status = process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
        return status

    @property
    def operator_token(self) -> str:
        """The operator's token of this workspace."""
        return (self.data / "operator.token").read_text("utf-8").strip()

    def wait_ready(self, *, timeout_s: float = 20.0) -> None:
        """Wait until the database answers."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise TimeoutError(f"{self.url} is not ready")
