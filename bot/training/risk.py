"""Answer as often as a budget of wrong answers allows, with a bound that holds for finitely many rows.

Selective risk = wrong answers / answers. Of the rows that score at least t, the wrong ones are binomial with the true
risk at t, so `risk(t) > budget` is tested exactly (Clopper and Pearson 1934). The thresholds form a fixed grid, walked
from several starting points towards more answers until a test fails: fixed-sequence testing with the error split over
the starting points, which holds every accepted threshold's risk at once with probability 1 - delta
(Angelopoulos et al. 2021, "Learn then Test", algorithm 1; selective risk: Geifman and El-Yaniv 2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import beta, binom

from bot.understanding.tfidf import Floats

UNPROVEN = 0.5
_STARTS = 10
# Log odds from strict to loose, fixed before any row is seen; fine enough that a step costs little coverage.
_GRID = np.linspace(9.0, -3.0, 481)


@dataclass(frozen=True, slots=True)
class RiskReport:
    """What a threshold promises. `bound` is the upper end of the risk at confidence 1 - delta (split over the starts).

    `proven` is False when no threshold can be shown to keep the budget: the rows are too few, or too often wrong. Then
    the figures are those of a threshold of one half: what is more often right than wrong is answered.
    `coverage` is answers / rows, `inside_coverage` the same among rows in scope.
    """

    budget: float
    delta: float
    proven: bool
    threshold: float
    rows: int
    answered: int
    wrong: int
    bound: float
    coverage: float
    inside_coverage: float
    foreign_rows: int

    @property
    def rate(self) -> float:
        """Wrong answers among the answers seen; 0 when nothing was answered."""
        return self.wrong / self.answered if self.answered else 0.0


def least_rows(budget: float, delta: float) -> int:
    """Return how many answers, all of them right, it takes to show that a budget is kept."""
    return int(np.ceil(np.log(delta / _STARTS) / np.log(1 - budget)))


def upper_bound(wrong: int, answered: int, delta: float) -> float:
    """Return the one-sided Clopper-Pearson bound at confidence 1 - delta; 1 when nothing was answered."""
    if wrong >= answered:
        return 1.0
    return float(beta.ppf(1 - delta, wrong + 1, answered - wrong))


def pick_threshold(
    sureness: Floats, right: npt.NDArray[np.bool_], *, budget: float, delta: float, inside: int
) -> RiskReport:
    """Choose the lowest threshold of the grid that keeps `budget` with probability 1 - `delta`.

    `sureness` must come from models that had not seen the rows; the first `inside` rows are in scope.
    """
    order = np.argsort(-sureness, kind="stable")
    descending = sureness[order]
    wrongs = np.concatenate([[0], np.cumsum(~right[order])])
    grid = np.round(1 / (1 + np.exp(-_GRID)), 6)
    answered = np.searchsorted(-descending, -grid, side="right")
    wrong = wrongs[answered]
    # P(at most this many wrong) if the risk were the budget.
    accepted = binom.cdf(wrong, answered, budget) <= delta / _STARTS
    best = _walk(accepted)
    threshold = UNPROVEN if best is None else float(grid[best])
    chosen = sureness >= threshold
    count, bad = int(chosen.sum()), int((chosen & ~right).sum())
    return RiskReport(
        budget=budget,
        delta=delta,
        proven=best is not None,
        threshold=threshold,
        rows=len(right),
        answered=count,
        wrong=bad,
        bound=upper_bound(bad, count, delta / _STARTS),
        coverage=count / len(right) if len(right) else 0.0,
        inside_coverage=float(chosen[:inside].mean()) if inside else 0.0,
        foreign_rows=len(right) - inside,
    )


def _walk(accepted: npt.NDArray[np.bool_]) -> int | None:
    """Return the loosest threshold that some walk reaches without a failed test."""
    best: int | None = None
    for start in np.linspace(0, len(accepted) - 1, _STARTS, endpoint=False).astype(int).tolist():
        step = start
        while step < len(accepted) and accepted[step]:
            best = step if best is None else max(best, step)
            step += 1
    return best
