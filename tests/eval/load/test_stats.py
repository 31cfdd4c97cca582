"""Percentiles, spreads and paired ratios of the load bench."""

import pytest

from eval.load.stats import Spread, latency, paired, percentile, spread


def test_percentile_takes_the_nearest_rank_whatever_the_order() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert percentile(values, 50) == 51
    assert percentile(values, 95) == 96
    assert percentile(values, 100) == 100


def test_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 99) == 7.0


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no sample"):
        percentile([], 50)


def test_latency_is_in_milliseconds() -> None:
    found = latency([1_000_000] * 98 + [9_000_000, 20_500_000])
    assert found is not None
    assert (found.p50, found.p95, found.p99) == (1.0, 1.0, 20.5)


def test_latency_of_no_delivery_is_none() -> None:
    assert latency([]) is None


def test_spread_has_median_and_edges() -> None:
    assert spread([3.0, 1.0, 10.0]) == Spread(median=3.0, low=1.0, high=10.0)


def test_ratios_pair_rounds_and_leave_out_those_that_only_one_has() -> None:
    assert paired({1: 300.0, 2: 100.0, 3: 50.0}, {1: 100.0, 2: 50.0, 4: 1.0}) == [3.0, 2.0]


def test_a_peer_that_measured_nothing_gives_no_ratio() -> None:
    assert paired({1: 300.0}, {1: 0.0}) == []
