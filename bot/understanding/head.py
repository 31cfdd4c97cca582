"""The linear heads as plain arrays: one sparse-dense product gives every intent's probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from bot.encoding.encoder import Vectors
from bot.understanding.tfidf import Floats, SparseRow


@dataclass(frozen=True, slots=True)
class Scores:
    """What the heads say about n texts, each of shape (n, intents)."""

    margins: Floats
    logits: Floats


@dataclass(frozen=True, slots=True)
class LinearHead:
    """A linear SVM over term weights and vector, next to a logistic regression over the vector.

    `term_weights` has shape (terms, intents), `vector_weights` (dimension, 2 x intents) and `bias` (2 x intents):
    the SVM's columns first, then the regression's. The standardising of vectors is folded into both.
    """

    term_weights: Floats
    vector_weights: Floats
    bias: Floats

    @property
    def intents(self) -> int:
        """How many intents there are."""
        return int(self.term_weights.shape[1])

    def scores(self, terms: sparse.csr_matrix, vectors: Vectors) -> Scores:
        """Score many texts."""
        dense = vectors @ self.vector_weights + self.bias
        return self._split(np.asarray(terms @ self.term_weights), dense)

    def score(self, row: SparseRow, vector: Vectors) -> Scores:
        """Score one text; the arrays have one row."""
        dense = (vector @ self.vector_weights + self.bias)[None, :]
        return self._split((row.weights @ self.term_weights[row.columns])[None, :], dense)

    def _split(self, sparse_part: Floats, dense: Floats) -> Scores:
        return Scores(margins=sparse_part + dense[:, : self.intents], logits=dense[:, self.intents :])


def softmax(values: npt.NDArray[np.floating[Any]]) -> Floats:
    """Return exp(values) scaled to sum 1 along the last axis."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def log_sum_exp(values: Floats) -> Floats:
    """Return log(sum(exp(values))) along the last axis."""
    top = values.max(axis=-1)
    return np.asarray(top + np.log(np.exp(values - top[..., None]).sum(axis=-1)), dtype=np.float32)
