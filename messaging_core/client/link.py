"""One live connection to the server, whatever carries it."""

from __future__ import annotations

from typing import Protocol

from .frames import AnyClientFrame, AnyServerFrame, Hello, Welcome

FATAL_CLOSE_CODES = frozenset({4400, 4401})
"""Malformed hello or other protocol; wrong or revoked token: trying again would end the same way."""


class Link(Protocol):
    """A connection that is opened once, read by one task, written by one task, and closed."""

    async def open(self, hello: Hello) -> Welcome:
        """Connect and say hello; raise ApiError when the server refuses it, ConnectionLost for all else."""
        ...

    async def read(self) -> AnyServerFrame:
        """Return the next frame; raise ConnectionLost at the end."""
        ...

    async def write(self, frame: AnyClientFrame) -> None:
        """Send a frame, waiting while the other side is slow; raise ConnectionLost when it is gone."""
        ...

    async def close(self) -> None:
        """End the connection. Safe to call at any time, and twice."""
        ...
