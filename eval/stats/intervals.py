"""Intervals around a share (Wilson) and around any figure (bootstrap over samples)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

Columns = Mapping[str, npt.NDArray[Any]]
Values = Mapping[str, float | None]
Rows = npt.NDArray[np.int64]

RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Interval:
    """Both ends of an interval, the level being 95 % unless said otherwise."""

    low: float
    high: float

    def excludes(self, value: float) -> bool:
        """Return whether a value lies outside."""
        return not self.low <= value <= self.high


def wilson(right: int, n: int, *, level: float = 0.95) -> Interval | None:
    """Return the score interval of a share (Wilson 1927); None without samples."""
    if n == 0:
        return None
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At the two ends the exact limit is the end itself; floating point would leave it out.
    low = 0.0 if right == 0 else max(0.0, middle - half)
    high = 1.0 if right == n else min(1.0, middle + half)
    return Interval(low, high)


def resampled(groups: npt.NDArray[np.int64], *, seed: int, times: int = RESAMPLES) -> list[Rows]:
    """Return row numbers of bootstrap samples; whole groups are drawn, since their rows are not independent."""
    generator = np.random.default_rng(seed)
    names, member = np.unique(groups, return_inverse=True)
    if len(names) == len(groups):
        return list(generator.integers(0, len(groups), size=(times, len(groups))))
    order = np.argsort(member, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(member))[:-1])
    draws = generator.integers(0, len(names), size=(times, len(names)))
    return [np.concatenate([parts[part] for part in draw]) for draw in draws]


def pick(columns: Columns, rows: Rows) -> dict[str, npt.NDArray[Any]]:
    """Return the named rows of every column."""
    return {name: column[rows] for name, column in columns.items()}


def bootstrap(
    columns: Columns, values: Callable[[Columns], Values], groups: Sequence[int], *, seed: int, times: int = RESAMPLES
) -> dict[str, Interval]:
    """Return the percentile interval of every value; a value that half of the resamples lack has none."""
    if not len(groups):
        return {}
    seen: dict[str, list[float]] = {}
    for rows in resampled(np.asarray(groups, dtype=np.int64), seed=seed, times=times):
        for name, value in values(pick(columns, rows)).items():
            if value is not None and math.isfinite(value):
                seen.setdefault(name, []).append(value)
    return {name: percentile_interval(found) for name, found in seen.items() if len(found) * 2 >= times}


def percentile_interval(values: Sequence[float], *, level: float = 0.95) -> Interval:
    """Return the middle `level` of some values."""
    low, high = np.quantile(np.asarray(values), [0.5 - level / 2, 0.5 + level / 2])
    return Interval(float(low), float(high))
