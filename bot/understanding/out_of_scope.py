"""Is a text ours to answer? A logistic stack over what heads and neighbours say; never a class of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.understanding.answer_score import log_odds
from bot.understanding.head import log_sum_exp
from bot.understanding.signals import Signals
from bot.understanding.tfidf import Floats

K = 5
FEATURES = ("energy", "surety", "margin", "gap", "similarity", "nearest", "agreement", "known_foreign")


@dataclass(frozen=True, slots=True)
class ScopeScore:
    """Weights over the standardised features; the score is the chance of being in scope at even odds."""

    weights: Floats
    bias: float

    def score(self, features: Floats) -> Floats:
        """Return scores between 0 and 1, shape (n,), for features of shape (n, 8)."""
        return np.asarray(1 / (1 + np.exp(-(features @ self.weights + self.bias))), dtype=np.float32)


def scope_features(signals: Signals, probabilities: Floats) -> Floats:
    """Stack the features named in FEATURES, shape (n, 8).

    Energy: Liu et al. 2020, "Energy-based Out-of-distribution Detection".
    """
    ordered = np.sort(signals.scores.margins, axis=1)
    top = probabilities.max(axis=1)
    best = probabilities.argmax(axis=1)
    gap = ordered[:, -1] - ordered[:, -2] if ordered.shape[1] > 1 else np.zeros(len(ordered))
    columns = [
        log_sum_exp(signals.scores.logits),
        log_odds(top),
        ordered[:, -1],
        gap,
        signals.similarities.mean(axis=1),
        signals.similarities[:, 0],
        (signals.near_labels == best[:, None]).mean(axis=1),
        signals.likeness,
    ]
    return np.stack(columns, axis=1).astype(np.float32)
