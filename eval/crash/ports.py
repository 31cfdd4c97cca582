"""Ports for servers that are killed and started again."""

from __future__ import annotations

import random
import socket
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_FIRST = 10_240


def lasting_port() -> int:
    """Return a free loopback port below those that the system gives to outgoing connections.

    While a server is down, a client's own connection attempt could otherwise be given the server's port.
    """
    last = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 32_768
    for port in random.SystemRandom().sample(range(_FIRST, max(last, _FIRST + 1000)), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port below the ephemeral ones")
