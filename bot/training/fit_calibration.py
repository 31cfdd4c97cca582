"""Choose the numbers of a calibration on rows that the heads have not learned from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from bot.understanding.calibration import Calibration
from bot.understanding.head import Scores, softmax
from bot.understanding.tfidf import Floats

_SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)
# The share that did best on four sets (docs/understanding.md), and what another one's accuracy must gain for each full
# step away from it.
_USUAL = 0.7
_CAUTION = 0.01


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


def _accuracy(probabilities: Floats, labels: npt.NDArray[np.int64]) -> float:
    return float((probabilities.argmax(axis=1) == labels).mean())


def _best(probabilities: Callable[[float], Floats], labels: npt.NDArray[np.int64]) -> float:
    rows = np.arange(len(labels))

    def loss(log_scale: float) -> float:
        return float(-np.log(np.maximum(probabilities(float(np.exp(log_scale)))[rows, labels], 1e-9)).mean())

    found = minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded", options={"xatol": 1e-3})
    return round(float(np.exp(found.x)), 4)
