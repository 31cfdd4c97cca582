"""A process that has imported the product and forks a server whenever a test wants one.

    python -m tests.support.fork_server FD

reads requests from the socket FD: JSON {words, env, cwd} with three descriptors, a server's stdout, its stderr and a
socket on which its pid and, at its end, its status are told. It ends with its test run, and takes its servers along.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import sys
from typing import Any

IMPORTED = ("kefu.cli", "kefu.serve", "kefu.app", "kefu.demo.routes", "kefu.demo.seed", "bot.worker", "uvloop")


class ForkServer:
    """Forks on request, and tells of each child's end."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, tuple[int, socket.socket]] = {}
        """pidfd -> (pid, where its status goes)."""

    def serve(self) -> list[str] | None:
        """Return None when the test run has ended; in a child return the words of what it is to run."""
        self._selector.register(self._control, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fd != self._control.fileno():
                    self._reap(key.fd)
                    continue
                raw, handles, _, _ = socket.recv_fds(self._control, 1 << 20, 3)
                if not raw:
                    return self._end()
                words = self._fork(json.loads(raw), handles)
                if words is not None:
                    return words

    def _fork(self, asked: dict[str, Any], handles: list[int]) -> list[str] | None:
        out, err, told = handles
        pid = os.fork()
        if pid == 0:
            self._become(asked, out, err, told)
            words: list[str] = asked["words"]
            return words
        os.close(out)
        os.close(err)
        teller = socket.socket(fileno=told)
        teller.send(struct.pack("i", pid))
        handle = os.pidfd_open(pid)
        self._children[handle] = (pid, teller)
        self._selector.register(handle, selectors.EVENT_READ)
        return None

    def _become(self, asked: dict[str, Any], out: int, err: int, told: int) -> None:
        self._selector.close()
        self._control.close()
        for handle, (_, teller) in self._children.items():
            os.close(handle)
            teller.close()
        os.setsid()
        os.dup2(out, 1)
        os.dup2(err, 2)
        for handle in (out, err, told):
            os.close(handle)
        os.chdir(asked["cwd"])
        os.environ.clear()
        os.environ.update(asked["env"])
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def _reap(self, handle: int) -> None:
        pid, teller = self._children.pop(handle)
        self._selector.unregister(handle)
        os.close(handle)
        _, status = os.waitpid(pid, 0)
        teller.send(struct.pack("i", os.waitstatus_to_exitcode(status)))
        teller.close()

    def _end(self) -> None:
        for pid, _ in self._children.values():
            os.kill(pid, signal.SIGKILL)


def main() -> None:
    """Serve until the test run ends."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in IMPORTED:
        importlib.import_module(name)
    _build_routes()
    gc.collect()
    gc.freeze()  # pages of what is imported stay shared
    words = ForkServer(control).serve()
    if words is not None:
        gc.unfreeze()
        sys.argv = words
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)


def _build_routes() -> None:
    from messaging_core.api import Core
    from messaging_core.app import create_app, make_server
    from messaging_core.settings import Settings

    core = Core(Settings(database="sqlite:////nowhere/unused.db"))
    make_server(create_app(core), core, host="", port=0)


if __name__ == "__main__":
    main()
