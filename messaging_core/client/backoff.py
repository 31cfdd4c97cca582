"""How long to wait before the next try: exponential, with full jitter, so that many clients do not return at once."""

from __future__ import annotations

import random
from collections.abc import Callable


class Backoff:
    """A growing pause between failures; `reset` after a success that lasted.

    The n-th pause is uniform in [0, min(cap_s, base_s * 2**n)) seconds ("full jitter": AWS Architecture Blog,
    Exponential Backoff and Jitter, 2015).
    """

    __slots__ = ("_attempt", "_base_s", "_cap_s", "_uniform")

    def __init__(
        self, *, base_s: float = 0.5, cap_s: float = 30.0, uniform: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._base_s = base_s
        self._cap_s = cap_s
        self._uniform = uniform
        self._attempt = 0

    def next_s(self, *, at_least_s: float = 0.0) -> float:
        """Return the next pause in seconds; `at_least_s` is what the server asked for, jitter comes on top."""
        # The exponent is bounded because 2**n overflows a float after a night without a network.
        ceiling = min(self._cap_s, self._base_s * 2.0 ** min(self._attempt, 32))
        self._attempt += 1
        return at_least_s + self._uniform(0.0, ceiling)

    def reset(self) -> None:
        """Start again with the shortest pause."""
        self._attempt = 0
