"""`kefu serve --demo` in a process of its own, in a fresh workspace, for suites that play over the wire."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from eval.errors import TargetError
from eval.targets.kept import whole_program

_START_S = 900.0  # the first start trains the bot, on a busy machine for minutes
_STOP_S = 20.0


class OwnServer:
    """Started once a worker; stopped with it, and its folder stays with the run for looking into.

    The demo's bot is trained once for a version of the program: `templates` keeps the workspace as it was after that,
    and every server gets a copy that nobody has used.
    """

    def __init__(self, folder: Path, *, templates: Path) -> None:
        self.folder, self._templates = folder, templates
        self.url = ""
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait for its address; raise TargetError with the end of its log."""
        if not self._data.exists():
            template = self._templates / whole_program()
            if not template.exists():
                await self._make(template)
            await asyncio.to_thread(shutil.copytree, template, self._data)
        await self._serve()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    async def _make(self, template: Path) -> None:
        """Let a server train in a folder of its own; who is done first makes the template."""
        template.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="making-", dir=template.parent, ignore_cleanup_errors=True) as made:
            first = OwnServer(Path(made), templates=self._templates)
            await first._serve()
            await first.stop()
            # Another may have made it meanwhile; where nobody did, the copy of it says so.
            with suppress(OSError):
                first._data.replace(template)

    async def _serve(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / "server.log"
        with log.open("ab") as file:
            self._process = await asyncio.create_subprocess_exec(
                *[sys.executable, "-m", "kefu", "serve", "--demo", "--port", "0", "--data", str(self._data)],
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
            raise TargetError("server_did_not_start", why=_cause(log.read_text("utf-8", errors="replace")))
        self._drain = asyncio.create_task(self._read_on(self._process.stdout))

    @property
    def operator_token(self) -> str:
        """The operator's token of this server's folder."""
        return (self._data / "operator.token").read_text("utf-8").strip()

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


def _cause(log: str) -> str:
    """Return what a server wrote for people, which stands between the lines of its log; else the end of the log."""
    plain = [line for line in log.splitlines() if line.strip() and not line.startswith("{")]
    return "\n".join(plain[-6:]) or log[-800:]
