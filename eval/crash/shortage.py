"""A disk that fills up: a small file system of its own where that is allowed, else a limit on the size of files."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

_SIZE_MB = 96
_TRIES = 50
_SMALLEST = 65_536  # SQLite's shared-memory file and the start of its log fit below this


class Shortage(Protocol):
    """Room for data that can be taken away and given back while a server runs."""

    kind: str

    def begin(self, *, leave_bytes: int) -> None:
        """Take all room but so much."""

    def end(self) -> None:
        """Give it back."""


class FullDisk:
    """A tmpfs filled with ballast: writing ends with ENOSPC, for SQLite `database or disk is full`."""

    kind = "tmpfs"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ballast = folder / "ballast"

    def begin(self, *, leave_bytes: int) -> None:
        """See Shortage."""
        with self._ballast.open("wb") as file:
            for _ in range(_TRIES):
                space = os.statvfs(self._folder)
                try:
                    os.posix_fallocate(file.fileno(), 0, max(1, space.f_bavail * space.f_frsize - leave_bytes))
                    return
                except OSError as error:
                    # The server wrote meanwhile: less was free than we had been told.
                    if error.errno != errno.ENOSPC:
                        raise
        raise OSError(errno.ENOSPC, "the server writes faster than the disk can be filled", str(self._folder))

    def end(self) -> None:
        """See Shortage."""
        self._ballast.unlink(missing_ok=True)


class FileLimit:
    """A limit on the size of the files of a running process: writing ends with EFBIG, for SQLite an I/O error."""

    kind = "file limit"

    def __init__(self, pid: Callable[[], int]) -> None:
        self._pid = pid

    def begin(self, *, leave_bytes: int) -> None:
        """See Shortage."""
        self._set(_SMALLEST + leave_bytes)

    def end(self) -> None:
        """See Shortage."""
        self._set(resource.RLIM_INFINITY)

    def _set(self, soft: int) -> None:
        _, hard = resource.prlimit(self._pid(), resource.RLIMIT_FSIZE)
        resource.prlimit(self._pid(), resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a small tmpfs at `folder` for the time being; yield False when the system does not allow that."""
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_SIZE_MB}m,mode=700", "kefu-crash", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", str(folder)], check=True)
