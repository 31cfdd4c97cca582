"""Is a budget of wrong answers kept?

One 5-fold pass over all rows of a set scores each row by models that had not seen it. Then the rows are halved at
random 100 times: the threshold is picked on one half with its bound, and checked on the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from bot.training.fit_stack import HeldVerdicts, judge_held
from bot.training.out_of_fold import score_out_of_fold
from bot.training.prepare import prepare
from bot.training.risk import pick_threshold
from bot.training.settings import TrainingSettings
from eval.understanding import goals
from eval.understanding.goals import Figure, named
from eval.understanding.sets import CLINC, SMP, WHOLE, Place, read_set


@dataclass(frozen=True, slots=True)
class Trials:
    """How `halvings` went: in how many the checked half kept the budget, and the means and the worst of them."""

    budget: float
    halvings: int
    kept: int
    unproven: int
    coverage: float
    inside_coverage: float
    rate: float
    worst_rate: float


def halve(verdicts: HeldVerdicts, *, budget: float, delta: float, halvings: int = 100) -> Trials:
    """Pick on one half, check on the other, `halvings` times; a half that proves nothing answers nothing."""
    size = len(verdicts.right)
    inside = np.arange(size) < verdicts.inside
    rates, coverages, inside_coverages, unproven = [], [], [], 0
    for seed in range(halvings):
        shuffled = np.random.default_rng(seed).permutation(size)
        pick, check = shuffled[: size // 2], shuffled[size // 2 :]
        pick = pick[np.argsort(~inside[pick], kind="stable")]
        found = pick_threshold(
            verdicts.sureness[pick],
            verdicts.right[pick],
            budget=budget,
            delta=delta,
            inside=int(inside[pick].sum()),
        )
        unproven += not found.proven
        answered = verdicts.sureness[check] >= (found.threshold if found.proven else np.inf)
        rates.append(float((~verdicts.right[check][answered]).mean()) if answered.any() else 0.0)
        coverages.append(float(answered.mean()))
        inside_coverages.append(float(answered[inside[check]].mean()))
    return Trials(
        budget=budget,
        halvings=halvings,
        kept=sum(rate <= budget for rate in rates),
        unproven=unproven,
        coverage=float(np.mean(coverages)),
        inside_coverage=float(np.mean(inside_coverages)),
        rate=float(np.mean(rates)),
        worst_rate=max(rates),
    )


def measure_risk(place: Place) -> Iterator[Figure]:
    """Score all rows of each set out of fold once, then halve them 100 times for each budget."""
    settings = TrainingSettings(oof_rows=10**9)
    for name in (SMP, CLINC):
        with threadpool_limits(limits=1):
            data = prepare(read_set(place.data / name, WHOLE[name]), place.encoder(), settings=settings, tell=_silent)
            held = score_out_of_fold(data, seed=0, settings=settings, tell=_silent)
            verdicts = judge_held(held, seed=0)
        for budget, kept, cover in (
            (0.02, goals.KEPT_2, named(goals.COVER_2, name)),
            (0.05, goals.KEPT_5, goals.COVER_5[name]),
        ):
            trials = halve(verdicts, budget=budget, delta=settings.delta)
            more = f"mean rate {trials.rate:.4f}, worst {trials.worst_rate:.4f}, nothing proven in {trials.unproven}"
            yield Figure(named(kept, name), trials.kept, None, more)
            yield Figure(cover, trials.inside_coverage, None, f"of all rows {trials.coverage:.3f}")


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""
