"""Probabilities that mean what they say: of answers given with 0.8, eight in ten are right."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from bot.understanding.head import Scores, softmax
from bot.understanding.tfidf import Floats


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
