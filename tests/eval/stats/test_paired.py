"""Paired tests tell chance from change."""

from __future__ import annotations

import numpy as np
import pytest

from eval.stats.paired import fisher, holm, mcnemar, paired_bootstrap


def test_mcnemar_counts_both_ways_and_is_exact() -> None:
    old = [True] * 10 + [False] * 2 + [True] * 88
    new = [False] * 10 + [True] * 2 + [True] * 88
    found = mcnemar(old, new)
    assert (found.lost, found.gained) == (10, 2)
    assert found.p == pytest.approx(0.03857, abs=1e-4)  # 2 * P(X <= 2), X ~ Binomial(12, 1/2)


def test_mcnemar_of_the_same_is_one() -> None:
    assert mcnemar([True, False], [True, False]).p == 1.0


def test_holm_steps_down() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_holm_never_exceeds_one() -> None:
    assert max(holm([0.9, 0.8, 0.7])) == 1.0


def test_fisher_tells_two_shares_apart() -> None:
    assert fisher(1, 20, 80, 100) < 0.001 < 0.5 < fisher(16, 20, 80, 100)
    assert fisher(0, 0, 1, 2) == 1.0


def share(columns: dict[str, np.ndarray]) -> dict[str, float]:
    return {"share": float(columns["x"].mean())}


def test_paired_bootstrap_sees_a_small_steady_loss() -> None:
    old = np.array([True] * 180 + [False] * 20)
    new = old.copy()
    new[:12] = False
    found = paired_bootstrap({"x": old}, {"x": new}, share, range(200), seed=0)["share"]
    assert found.value == pytest.approx(-0.06)
    assert found.interval.high < 0 and found.p < 0.01


def test_paired_bootstrap_is_silent_about_noise() -> None:
    old = np.array([True] * 180 + [False] * 20)
    new = old.copy()
    new[:3], new[180:183] = False, True
    found = paired_bootstrap({"x": old}, {"x": new}, share, range(200), seed=0)["share"]
    assert found.interval.low <= 0 <= found.interval.high and found.p > 0.5
