"""A clock that goes when it is told to."""

from __future__ import annotations

from kefu.base.clock import SECOND_US

START_US = 1_795_334_400_000_000  # 2026-11-22T08:00:00Z


class FakeClock:
    """Stands at START_US until it is moved."""

    def __init__(self, at_us: int = START_US) -> None:
        self.at_us = at_us

    def now_us(self) -> int:
        """Return the time it shows."""
        return self.at_us

    def advance(self, *, seconds: float) -> None:
        """Move it forward."""
        self.at_us += round(seconds * SECOND_US)
