"""A budget of wrong answers: the bound holds, few rows prove nothing, and the promise is kept on rows not seen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from bot.training.fit_stack import HeldVerdicts
from bot.training.risk import least_rows, pick_threshold, upper_bound
from eval.understanding.risk import halve


def _verdicts(size: int, *, seed: int, foreign: int = 0) -> HeldVerdicts:
    """Rows whose sureness is the true chance of being right; foreign rows are never right."""
    generator = np.random.default_rng(seed)
    sureness = 1 - generator.beta(0.5, 6, size)
    right = generator.random(size) < sureness
    sureness = np.concatenate([sureness, generator.beta(2, 4, foreign)]).astype(np.float32)
    right = np.concatenate([right, np.zeros(foreign, bool)])
    zeros = np.zeros(size + foreign, np.float32)
    return HeldVerdicts(zeros.astype(np.int64), sureness, zeros, sureness, right, size)


def test_the_bound_is_the_risk_at_which_so_few_errors_would_be_one_in_a_hundred() -> None:
    bound = upper_bound(3, 500, 0.01)
    assert binom.cdf(3, 500, bound) == pytest.approx(0.01, abs=1e-9)
    assert upper_bound(0, 0, 0.01) == 1.0


def test_no_threshold_is_promised_below_the_least_number_of_rows() -> None:
    few = least_rows(0.02, 0.01) - 1
    report = pick_threshold(np.full(few, 0.99, np.float32), np.ones(few, bool), budget=0.02, delta=0.01, inside=few)
    assert not report.proven and report.bound > 0.02
    enough = np.ones(few + 1, bool)
    sure = np.full(few + 1, 0.99, np.float32)
    assert pick_threshold(sure, enough, budget=0.02, delta=0.01, inside=few + 1).coverage == 1.0


def test_the_bound_reported_is_within_the_budget_and_above_the_rate() -> None:
    rows = _verdicts(4_000, seed=1)
    report = pick_threshold(rows.sureness, rows.right, budget=0.05, delta=0.01, inside=4_000)
    assert report.proven
    assert report.rate < report.bound <= 0.05
    assert report.wrong == int((~rows.right)[rows.sureness >= report.threshold].sum())


def test_a_larger_budget_answers_more() -> None:
    rows = _verdicts(4_000, seed=2)
    found = [pick_threshold(rows.sureness, rows.right, budget=b, delta=0.01, inside=4_000) for b in (0.02, 0.05)]
    assert 0.2 < found[0].coverage < found[1].coverage


def test_foreign_rows_count_as_wrong_but_not_as_ours() -> None:
    rows = _verdicts(4_000, seed=3, foreign=400)
    report = pick_threshold(rows.sureness, rows.right, budget=0.05, delta=0.01, inside=4_000)
    assert report.foreign_rows == 400
    assert report.inside_coverage > report.coverage


def test_the_true_risk_exceeds_the_budget_in_at_most_one_of_a_hundred_samples() -> None:
    """Sureness is the true chance here, so the true risk beyond a threshold is known by integration."""
    large = 1 - np.random.default_rng(9).beta(0.5, 6, 400_000)
    broken = 0
    for seed in range(200):
        rows = _verdicts(1_500, seed=100 + seed)
        report = pick_threshold(rows.sureness, rows.right, budget=0.05, delta=0.01, inside=1_500)
        if report.proven:
            broken += float((1 - large[large >= report.threshold]).mean()) > 0.05
    assert broken <= 2


def test_a_picked_threshold_keeps_its_budget_on_the_other_half() -> None:
    trials = halve(_verdicts(3_000, seed=4, foreign=200), budget=0.05, delta=0.01)
    assert trials.kept >= 95 and trials.unproven == 0 and trials.inside_coverage > 0.5


def test_rows_that_are_mostly_wrong_prove_nothing() -> None:
    sureness = np.linspace(0.5, 1, 2_000).astype(np.float32)
    right = np.arange(2_000) % 2 == 0
    assert pick_threshold(sureness, right, budget=0.05, delta=0.01, inside=2_000).proven is False
