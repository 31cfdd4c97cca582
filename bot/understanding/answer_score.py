"""How sure are we that the best intent is the right one and the text is ours at all? One number to cut at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.understanding.signals import Signals
from bot.understanding.tfidf import Floats

FEATURES = ("surety", "scope", "lead", "agreement")


@dataclass(frozen=True, slots=True)
class AnswerScore:
    """A logistic regression over the features; its score is the chance that answering would be right."""

    weights: Floats
    bias: float

    def score(self, features: Floats) -> Floats:
        """Return chances between 0 and 1, shape (n,), for features of shape (n, 4)."""
        return np.asarray(1 / (1 + np.exp(-(features @ self.weights + self.bias))), dtype=np.float32)


def answer_features(signals: Signals, probabilities: Floats, in_scope: Floats) -> Floats:
    """Stack the features named in FEATURES, shape (n, 4): log odds of the best intent and of being in scope,
    the lead of the best intent's probability over the second's (log), and the neighbours that share its intent."""
    ordered = np.sort(probabilities, axis=1)
    top = ordered[:, -1]
    second = ordered[:, -2] if ordered.shape[1] > 1 else np.zeros_like(top)
    agreement = (signals.near_labels == probabilities.argmax(axis=1)[:, None]).mean(axis=1)
    columns = [
        log_odds(top),
        log_odds(in_scope),
        np.log(np.maximum(top, 1e-6)) - np.log(np.maximum(second, 1e-6)),
        agreement,
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def log_odds(chance: Floats) -> Floats:
    """Return log(p / (1 - p)), cut at one in a million."""
    return np.asarray(np.log(np.maximum(chance, 1e-6)) - np.log(np.maximum(1 - chance, 1e-6)), dtype=np.float32)
