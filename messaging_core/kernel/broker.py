"""The broker port: it only wakes. What happened is in the database; a lost wake-up costs one sweep, never a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Handler = Callable[[bytes], None]


class Broker(Protocol):
    """Tells all nodes, ourselves included or not, that something may be worth a look."""

    async def start(self) -> None:
        """Connect; raise ConfigError when it cannot."""

    async def close(self) -> None:
        """Disconnect."""

    def publish(self, subject: str, payload: bytes) -> None:
        """Send to the other nodes, without waiting; what cannot be sent is dropped."""

    def subscribe(self, subject: str, handler: Handler) -> None:
        """Have `handler` called on the event loop with each payload from another node."""


class InProcessBroker:
    """For one node: there is nobody else to tell."""

    async def start(self) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""

    def publish(self, subject: str, payload: bytes) -> None:
        """Tell nobody: this node has told its own sockets already."""

    def subscribe(self, subject: str, handler: Handler) -> None:
        """Keep nothing: no other node will ever call."""
