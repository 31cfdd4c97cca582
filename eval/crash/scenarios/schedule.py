"""When things break: at random points of the load, drawn from the seed."""

from __future__ import annotations

import random

_FIRST, _LAST = 0.03, 0.92


def moments(rng: random.Random, *, count: int, messages: int) -> list[float]:
    """Return, in order, after how many acknowledged messages something breaks."""
    return sorted(rng.uniform(_FIRST, _LAST) * messages for _ in range(count))
