"""Percentiles, medians and ratios of what a run measured."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec


class Latency(msgspec.Struct, frozen=True):
    """Percentiles of a sample of durations, in milliseconds."""

    p50: float
    p95: float
    p99: float


class Spread(msgspec.Struct, frozen=True):
    """The median of some rounds with the least and the greatest."""

    median: float
    low: float
    high: float


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value below which `percent` of the sample lies (nearest rank, no interpolation).

    Raises:
        ValueError: the sample is empty.
    """
    if not values:
        raise ValueError("no sample, no percentile")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def latency(durations_ns: Sequence[int]) -> Latency | None:
    """Return p50, p95 and p99 in milliseconds of durations in nanoseconds; None for an empty sample."""
    if not durations_ns:
        return None
    ordered = sorted(durations_ns)
    p50, p95, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * p / 100))] / 1e6 for p in (50, 95, 99))
    return Latency(p50=round(p50, 3), p95=round(p95, 3), p99=round(p99, 3))


def spread(values: Sequence[float]) -> Spread:
    """Return median, least and greatest; raise ValueError for an empty sample."""
    if not values:
        raise ValueError("no rounds, no spread")
    return Spread(median=statistics.median(values), low=min(values), high=max(values))


def paired(ours: dict[int, float], theirs: dict[int, float]) -> list[float]:
    """Return ours / theirs for each round that both have, in the order of the rounds.

    The machine's mood changes between rounds; within one round it is the same for both.
    """
    return [ours[number] / theirs[number] for number in sorted(ours.keys() & theirs.keys()) if theirs[number] > 0]
