"""Two runs over the same samples: is the difference more than chance?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, fisher_exact

from eval.stats.intervals import Columns, Interval, Values, percentile_interval, pick, resampled

TIMES = 500


@dataclass(frozen=True, slots=True)
class Flips:
    """How many samples only the one and only the other got right, and McNemar's exact p."""

    lost: int
    gained: int
    p: float


@dataclass(frozen=True, slots=True)
class Difference:
    """New minus old, with its interval and the two-sided bootstrap p."""

    value: float
    interval: Interval
    p: float


def mcnemar(old: Sequence[bool], new: Sequence[bool]) -> Flips:
    """Compare right and wrong sample by sample (McNemar 1947, exact binomial)."""
    lost = sum(a and not b for a, b in zip(old, new, strict=True))
    gained = sum(b and not a for a, b in zip(old, new, strict=True))
    p = float(binomtest(lost, lost + gained, 0.5).pvalue) if lost + gained else 1.0
    return Flips(lost, gained, p)


def paired_bootstrap(
    old: Columns,
    new: Columns,
    values: Callable[[Columns], Values],
    groups: Sequence[int],
    *,
    seed: int,
    times: int = TIMES,
) -> dict[str, Difference]:
    """Return the difference of every value; both runs are resampled by the same rows."""
    before, after = values(old), values(new)
    deltas: dict[str, list[float]] = {}
    for rows in resampled(np.asarray(groups, dtype=np.int64), seed=seed, times=times) if len(groups) else []:
        first, second = values(pick(old, rows)), values(pick(new, rows))
        for name in before:
            a, b = first.get(name), second.get(name)
            if a is not None and b is not None and math.isfinite(a) and math.isfinite(b):
                deltas.setdefault(name, []).append(b - a)
    found: dict[str, Difference] = {}
    for name, drawn in deltas.items():
        a, b = before[name], after.get(name)
        if a is None or b is None or len(drawn) * 2 < times:
            continue
        found[name] = Difference(b - a, percentile_interval(drawn), _sign_p(drawn))
    return found


def _sign_p(deltas: Sequence[float]) -> float:
    below = (sum(delta <= 0 for delta in deltas) + 1) / (len(deltas) + 1)
    above = (sum(delta >= 0 for delta in deltas) + 1) / (len(deltas) + 1)
    return min(1.0, 2 * min(below, above))


def fisher(right: int, n: int, other_right: int, other_n: int) -> float:
    """Return the p of two shares being equal (Fisher's exact test); 1 when one of them has no samples."""
    if not n or not other_n:
        return 1.0
    return float(fisher_exact([[right, n - right], [other_right, other_n - other_right]])[1])


def holm(ps: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm 1979), in the same order, at most 1."""
    corrected = [1.0] * len(ps)
    worst = 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=lambda place: ps[place])):
        worst = max(worst, min(1.0, ps[place] * (len(ps) - rank)))
        corrected[place] = worst
    return corrected
