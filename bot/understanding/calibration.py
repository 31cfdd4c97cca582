"""Probabilities that mean what they say: of answers given with 0.8, eight in ten are right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from bot.understanding.head import Scores, softmax
from bot.understanding.tfidf import Floats

_SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)
# The share that did best on four sets (docs/understanding.md), and what another one's accuracy must gain for each full
# step away from it.
_USUAL = 0.7
_CAUTION = 0.01


@dataclass(frozen=True, slots=True)
class Calibration:
    """Temperatures of the two heads, the margins' share in their average, and a power that sharpens it."""

    margin_scale: float
    logit_scale: float
    share: float
    power: float

    def probabilities(self, scores: Scores) -> Floats:
        """Average the two heads and sharpen; rows sum to 1."""
        margins = softmax(self.margin_scale * scores.margins)
        mixed = self.share * margins + (1 - self.share) * softmax(self.logit_scale * scores.logits)
        return softmax(self.power * np.log(np.maximum(mixed, 1e-9)))

    def as_json(self) -> dict[str, float]:
        """The four numbers by name."""
        return asdict(self)


def fit_calibration(scores: Scores, labels: npt.NDArray[np.int64]) -> Calibration:
    """Choose the scales that give held-out rows' labels the highest likelihood; `scores` must be out-of-fold."""
    margin_scale = _best(lambda scale: softmax(scale * scores.margins), labels)
    logit_scale = _best(lambda scale: softmax(scale * scores.logits), labels)
    margins, logits = softmax(margin_scale * scores.margins), softmax(logit_scale * scores.logits)
    # The usual mixture stays unless another is clearly better: the last tenths of a percent out of fold are noise.
    share = max(
        _SHARES,
        key=lambda part: _accuracy(part * margins + (1 - part) * logits, labels) - _CAUTION * abs(part - _USUAL),
    )
    logs = np.log(np.maximum(share * margins + (1 - share) * logits, 1e-9))
    return Calibration(margin_scale, logit_scale, share, _best(lambda power: softmax(power * logs), labels))


def expected_calibration_error(confidence: Floats, right: npt.NDArray[np.bool_], bins: int = 15) -> float:
    """Return the mean gap between stated and realised accuracy over equal-width bins, weighted by their size.

    Guo et al. 2017, "On Calibration of Modern Neural Networks", eq. 3.
    """
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = 0.0
    for index in range(bins):
        inside = place == index
        if inside.any():
            gap += inside.mean() * abs(float(confidence[inside].mean()) - float(right[inside].mean()))
    return gap


def _accuracy(probabilities: Floats, labels: npt.NDArray[np.int64]) -> float:
    return float((probabilities.argmax(axis=1) == labels).mean())


def _best(probabilities: Callable[[float], Floats], labels: npt.NDArray[np.int64]) -> float:
    rows = np.arange(len(labels))

    def loss(log_scale: float) -> float:
        return float(-np.log(np.maximum(probabilities(float(np.exp(log_scale)))[rows, labels], 1e-9)).mean())

    found = minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded", options={"xatol": 1e-3})
    return round(float(np.exp(found.x)), 4)
