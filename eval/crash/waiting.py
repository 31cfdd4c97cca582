"""Waiting for something to become true, with a deadline."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable

_STEP_S = 0.02


async def until(condition: Callable[[], bool], *, timeout_s: float) -> bool:
    """Wait for a condition and return whether it came true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_STEP_S)
    return True


def wait_for_port(port: int, *, timeout_s: float = 20.0) -> None:
    """Wait until somebody listens on a loopback port; raise TimeoutError."""
    deadline = time.monotonic() + timeout_s
    while True:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if time.monotonic() > deadline:
            raise TimeoutError(f"nobody listens on port {port}")
        time.sleep(_STEP_S)
