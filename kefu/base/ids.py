"""63-bit ids that grow with time: 41 bits of milliseconds, 10 bits of node, 12 bits of counter."""

from __future__ import annotations

import threading

from kefu.base.clock import Clock

EPOCH_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z; 41 bits last until 2094
NODES = 1024
_PER_MS = 4096


class IdFactory:
    """Makes ids that are unique over all nodes and sorted by time within one.

    When more than 4,096 are asked for in one millisecond, or the clock steps back, it borrows from the coming
    milliseconds instead of waiting, so an id may run a little ahead of the wall clock. Safe to call from any thread.
    """

    def __init__(self, *, clock: Clock, node: int = 0) -> None:
        if not 0 <= node < NODES:
            raise ValueError(f"node must be 0..{NODES - 1}, not {node}")
        self._clock = clock
        self._node = node << 12
        self._last_ms = 0
        self._counter = 0
        self._lock = threading.Lock()

    def start_after(self, at_us: int) -> None:
        """Make no id for that moment or an earlier one: ids stay unique when a restart finds the clock set back."""
        with self._lock:
            if at_us // 1000 >= self._last_ms:
                self._last_ms, self._counter = at_us // 1000 + 1, -1

    def new(self) -> int:
        """Return the next id."""
        now_ms = self._clock.now_us() // 1000
        with self._lock:
            if now_ms > self._last_ms:
                self._last_ms, self._counter = now_ms, 0
            else:
                self._counter += 1
                if self._counter >= _PER_MS:
                    self._last_ms, self._counter = self._last_ms + 1, 0
            return ((self._last_ms - EPOCH_MS) << 22) | self._node | self._counter


def time_of(id_: int) -> int:
    """Return the moment for which an id was made, in microseconds since 1970."""
    return ((id_ >> 22) + EPOCH_MS) * 1000


def first_id_at(at_us: int) -> int:
    """Return a number that no id made before that moment reaches, and every later one does; 0 before 2025."""
    return max(0, at_us // 1000 - EPOCH_MS) << 22
