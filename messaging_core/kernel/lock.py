"""One server process for each SQLite file: a second refuses to start and says who has it."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import IO

from kefu.base.errors import ConfigError


class WorkspaceLock:
    """An advisory lock on `<file>.lock`; the operating system lets it go when the process dies."""

    def __init__(self, database_file: Path) -> None:
        self.path = database_file.with_name(database_file.name + ".lock")
        self._file: IO[str] | None = None

    def acquire(self, *, url: str = "") -> None:
        """Take the lock and note our pid and address in it.

        Raises ConfigError when another process has it, or when nothing can be written there.
        """
        try:
            self._acquire(url)
        except OSError as error:
            raise ConfigError(
                f"{self.path}: 写不了，换一个 --data · cannot be written: {error.strerror}; choose another --data"
            ) from error

    def _acquire(self, url: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = open(self.path, "a+", encoding="utf-8")  # noqa: SIM115 - held until release
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = self.holder() or {}
            file.close()
            raise ConfigError(
                f"{self.path}: 另一个服务正在用这个数据库，先停下它，或换一个 --data"
                f" · another server uses this database (pid {holder.get('pid', '?')}"
                f"{', ' + str(holder['url']) if holder.get('url') else ''}); stop it, or choose another --data"
            ) from error
        self._file = file
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "url": url}))
        file.flush()

    def release(self) -> None:
        """Let the lock go."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    def holder(self) -> dict[str, object] | None:
        """Return pid and url of the process that holds the lock, or None when nobody does."""
        if not self.path.exists():
            return None
        with open(self.path, encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                text = file.read()
                return dict(json.loads(text)) if text else {}
            return None
