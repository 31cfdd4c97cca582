"""How far a share may lie from what was counted."""

from __future__ import annotations

import math


def wilson(right: int, total: int, *, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson score interval of a share (95 % by default); (0, 1) when nothing was counted.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if not total:
        return 0.0, 1.0
    share = right / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    whole = 1 + z * z / total
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)
