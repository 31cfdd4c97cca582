"""Intervals hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from eval.stats.intervals import Interval, bootstrap, percentile_interval, resampled, wilson


def test_wilson_gives_the_published_values() -> None:
    # Newcombe 1998, table I: 81 of 263, and 0 of 20.
    found = wilson(81, 263)
    assert found is not None and (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    none = wilson(0, 20)
    assert none is not None and (none.low, none.high) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_wilson_holds_the_ends() -> None:
    for n in (1, 7, 1000):
        low, high = wilson(0, n), wilson(n, n)
        assert low is not None and low.low == 0.0 and high is not None and high.high == 1.0


def test_wilson_of_nothing_is_nothing() -> None:
    assert wilson(0, 0) is None


def test_bootstrap_of_a_share_agrees_with_wilson() -> None:
    flags = np.array([True] * 70 + [False] * 30)
    found = bootstrap({"x": flags}, lambda c: {"share": float(c["x"].mean())}, range(100), seed=0)["share"]
    exact = wilson(70, 100)
    assert exact is not None and found.low == pytest.approx(exact.low, abs=0.03)
    assert found.high == pytest.approx(exact.high, abs=0.03)


def test_bootstrap_draws_whole_groups() -> None:
    groups = np.array([0, 0, 0, 1, 2])
    for rows in resampled(groups, seed=0, times=50):
        drawn = np.bincount(rows, minlength=5)
        assert drawn[0] == drawn[1] == drawn[2]


def test_rows_of_one_dialogue_make_a_wider_interval_than_independent_ones() -> None:
    flags = np.repeat(np.array([True, False] * 10), 10)
    values = {"x": flags}

    def width(groups: list[int]) -> float:
        found = bootstrap(values, lambda c: {"share": float(c["x"].mean())}, groups, seed=0)["share"]
        return found.high - found.low

    assert width([row // 10 for row in range(200)]) > 2 * width(list(range(200)))


def test_a_value_that_most_resamples_lack_has_no_interval() -> None:
    found = bootstrap({"x": np.arange(5.0)}, lambda c: {"rare": None}, range(5), seed=0)
    assert found == {}


def test_percentiles_cover_the_middle() -> None:
    found = percentile_interval(list(range(101)))
    assert (found.low, found.high) == pytest.approx((2.5, 97.5))
    assert found.excludes(2.4) and not found.excludes(50) and found == Interval(found.low, found.high)
