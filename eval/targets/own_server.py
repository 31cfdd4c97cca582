"""`kefu serve --demo` in a process of its own, in a fresh folder, for suites that play over the wire."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from eval.errors import TargetError

_START_S = 900.0  # the first start trains the bot, on a busy machine for minutes
_STOP_S = 20.0


class OwnServer:
    """Started once a worker; stopped with it, and its folder stays with the run for looking into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait for its address; raise TargetError with the end of its log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / "server.log"
        with log.open("ab") as file:
            self._process = await asyncio.create_subprocess_exec(
                *[sys.executable, "-m", "kefu", "serve", "--demo", "--port", "0", "--data", str(self.folder / "data")],
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
                env={**os.environ, "KEFU_LOG_FORMAT": "json"},
            )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(_START_S):
                while not self.url:
                    line = (await self._process.stdout.readline()).decode().strip()
                    if not line:
                        break
                    self.url = line if line.startswith("http") else ""
        except TimeoutError:
            pass
        if not self.url:
            await self.stop()
            raise TargetError("server_did_not_start", why=log.read_text("utf-8", errors="replace")[-800:])
        self._drain = asyncio.create_task(self._read_on(self._process.stdout))

    @property
    def operator_token(self) -> str:
        """The operator's token of this server's folder."""
        return (self.folder / "data" / "operator.token").read_text("utf-8").strip()

    async def stop(self) -> None:
        """Stop it and wait for its end."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _read_on(self, stream: asyncio.StreamReader) -> None:
        while await stream.readline():
            pass
