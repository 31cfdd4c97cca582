"""Servers for tests, forked from a process that has the imports done: a start costs a tenth of a fresh interpreter's.

They are real processes with their own memory, sockets and files, and die of `kill -9` like any other. That a fresh
interpreter starts too is tested by the wheel's smoke test and tests/crash/test_start_without_room.py.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
_lock = threading.Lock()
KILLED = -9


class Forked(subprocess.Popen[str]):
    """A process of the fork server, in the words of Popen."""

    def __init__(self, words: Sequence[str], *, environ: Mapping[str, str], log: IO[str]) -> None:
        self.args = list(words)
        self.returncode = None  # type: ignore[assignment]
        self.stdin = self.stderr = None
        self._child_created = False  # nothing for Popen to look after
        own, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        readable, writable = os.pipe()
        with its:
            _ask(words, environ, [writable, log.fileno(), its.fileno()])
        os.close(writable)
        self.stdout = os.fdopen(readable, encoding="utf-8")
        self._told = own
        self.pid = self._read()

    def _read(self) -> int:
        raw = self._told.recv(4)
        return struct.unpack("i", raw)[0] if raw else KILLED

    def poll(self) -> int | None:
        """See Popen.poll."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """See Popen.wait."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self.returncode = self._read()
            self._told.close()
        return self.returncode

    def send_signal(self, sig: int) -> None:
        """See Popen.send_signal."""
        if self.poll() is None:
            os.kill(self.pid, sig)


def launch(words: Sequence[str], *, environ: Mapping[str, str], log: IO[str]) -> subprocess.Popen[str]:
    """Run a module with its options, `python -m words`, in the environment that is given beside this one."""
    return Forked(words, environ=environ, log=log)


def _ask(words: Sequence[str], environ: Mapping[str, str], handles: list[int]) -> None:
    request = {"words": list(words), "env": {**os.environ, **environ}, "cwd": str(ROOT)}
    with _lock:
        socket.send_fds(_control(), [json.dumps(request).encode()], handles)


@cache
def _control() -> socket.socket:
    own, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.fork_server", str(its.fileno())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
        )

    def end() -> None:
        own.close()
        server.wait()

    atexit.register(end)
    return own
