"""Fit the linear heads with scikit-learn, and keep their coefficients alone."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from bot.encoding.encoder import Vectors
from bot.training.settings import TrainingSettings
from bot.understanding.head import LinearHead, softmax
from bot.understanding.tfidf import Floats

Labels = npt.NDArray[np.int64]
# An SVM's margins lie between -1 and 1: about so much makes logits of them.
_MARGIN_SHARPNESS = 3.0
# How many dimensions together have the settings' vector weight.
_DIMENSIONS = 512


@dataclass(frozen=True, slots=True)
class Rows:
    """Features and labels of n texts; labels count from 0, and each of `intents` occurs when a head is fitted."""

    terms: sparse.csr_matrix
    vectors: Vectors
    labels: Labels

    def pick(self, rows: npt.NDArray[np.int64]) -> Rows:
        """Return some of the rows."""
        return Rows(self.terms[rows], self.vectors[rows], self.labels[rows])

    def join(self, other: Rows) -> Rows:
        """Return both, these rows first."""
        return Rows(
            sparse.vstack([self.terms, other.terms], format="csr"),
            np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.labels, other.labels]),
        )


@dataclass(frozen=True, slots=True)
class _Fitted:
    weights: Floats
    bias: Floats


def fit_with_guesses(
    rows: Rows, guessed: Rows, *, intents: int, few: bool, seed: int, settings: TrainingSettings
) -> LinearHead:
    """Fit on `rows`, then once more with the messages of `guessed` under the intent that the first fit takes them for.

    Self-training: a guess weighs `guess_weight` of an example. The labels in `guessed` are not read.
    """
    head = fit_head(rows, intents=intents, few=few, seed=seed, settings=settings)
    if not len(guessed.labels):
        return head
    scores = head.scores(guessed.terms, guessed.vectors)
    sharpness = 1.0 if few else _MARGIN_SHARPNESS
    labels = (softmax(sharpness * scores.margins) + softmax(scores.logits)).argmax(axis=1)
    weights = np.concatenate([np.ones(len(rows.labels)), np.full(len(labels), settings.guess_weight)])
    both = rows.join(Rows(guessed.terms, guessed.vectors, labels))
    return fit_head(both, intents=intents, few=few, seed=seed, settings=settings, weights=weights)


def fit_head(
    rows: Rows,
    *,
    intents: int,
    few: bool,
    seed: int,
    settings: TrainingSettings,
    weights: npt.NDArray[np.float64] | None = None,
) -> LinearHead:
    """Fit both heads; an intent without rows (in a fold) gets scores below every other.

    Raw sentence vectors lie in a narrow cone: standardising each dimension first is what lets a linear head part them.
    `weights` says what each row counts for, 1 unless given.
    """
    mean = rows.vectors.mean(axis=0, dtype=np.float64)
    spread = rows.vectors.std(axis=0, dtype=np.float64) + 1e-6
    standard = ((rows.vectors - mean) / spread).astype(np.float64)
    scale = dimension_scale(settings, dimensions=standard.shape[1], few=few)
    mixed = sparse.hstack([rows.terms, sparse.csr_matrix(standard * scale)], format="csr")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the settings bound the work on purpose
        if few:
            model = LogisticRegression(C=settings.few_c, max_iter=200)
        else:
            model = LinearSVC(C=settings.svm_c, tol=1e-2, random_state=seed)
        first = _fit(model, mixed, rows.labels, intents, weights)
        model = LogisticRegression(C=settings.regression_c, max_iter=200, tol=1e-3)
        second = _fit(model, standard, rows.labels, intents, weights)
    terms = rows.terms.shape[1]
    vector_weights = np.concatenate([first.weights[terms:] * scale, second.weights], axis=1) / spread[:, None]
    bias = np.concatenate([first.bias, second.bias]) - mean @ vector_weights
    return LinearHead(
        term_weights=np.ascontiguousarray(first.weights[:terms], dtype=np.float32),
        vector_weights=np.ascontiguousarray(vector_weights, dtype=np.float32),
        bias=bias.astype(np.float32),
    )


def dimension_scale(settings: TrainingSettings, *, dimensions: int, few: bool) -> float:
    """Return what a standardised dimension weighs next to the terms.

    Where examples are many, a longer vector may weigh more: each of its dimensions keeps its say.
    """
    if few:
        return settings.few_vector_weight / float(np.sqrt(dimensions))
    return settings.vector_weight / float(np.sqrt(_DIMENSIONS))


def is_few(labels: Labels, settings: TrainingSettings) -> bool:
    """Whether the intents have so few examples that the few-shot heads serve them better."""
    return bool(np.median(np.unique(labels, return_counts=True)[1]) <= settings.few)


def _fit(
    model: LinearSVC | LogisticRegression,
    features: sparse.csr_matrix | Floats,
    labels: Labels,
    intents: int,
    row_weights: npt.NDArray[np.float64] | None,
) -> _Fitted:
    model.fit(features, labels, sample_weight=row_weights)
    weights = np.zeros((features.shape[1], intents), dtype=np.float64)
    bias = np.full(intents, -20.0)
    present = model.classes_
    if len(present) == 2:  # scikit-learn keeps one column for two classes
        half = 0.5 if isinstance(model, LogisticRegression) else 1.0
        weights[:, present] = np.concatenate([-model.coef_, model.coef_]).T * half
        bias[present] = np.concatenate([-model.intercept_, model.intercept_]) * half
    else:
        weights[:, present] = model.coef_.T
        bias[present] = model.intercept_
    return _Fitted(weights, bias)
