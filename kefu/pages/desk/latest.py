"""Readings that overlap: an older answer that comes last must not lie over a newer one."""

from __future__ import annotations

from collections.abc import Callable


class Latest:
    """Of the readings that were begun, only the last may be shown."""

    def __init__(self) -> None:
        self._begun = 0

    def begin(self) -> Callable[[], bool]:
        """Begin a reading; what is returned tells whether it is still the last."""
        self._begun += 1
        own = self._begun
        return lambda: own == self._begun
