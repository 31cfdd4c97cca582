"""Item to item: what is bought by the same customers, helped by what goods have in common."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from bot.understanding.tfidf import Floats

# A dense matrix of goods x goods: 6,000 goods take 300 MB while it is made.
_EXACT_UNTIL = 6_000
_NEIGHBOURS = 60
_RIDGE, _ATTRIBUTES = 100.0, 2.0


class Together:
    """Scores goods by what a customer has; EASE (Steck 2019) for small catalogues, cosines of buyers for large."""

    def __init__(self, bought: sparse.csr_matrix, attributes: sparse.csr_matrix) -> None:
        goods = bought.shape[1]
        self._dense = _ease(bought, attributes) if goods <= _EXACT_UNTIL else None
        self._sparse = None if self._dense is not None else _cosines(bought)

    def scores(self, had: sparse.csr_matrix) -> Floats:
        """Return scores of shape (rows, goods) for rows of what somebody has."""
        if self._dense is not None:
            return np.asarray(had @ self._dense, dtype=np.float32)
        return np.asarray((had @ self._sparse).toarray(), dtype=np.float32)


def _ease(bought: sparse.csr_matrix, attributes: sparse.csr_matrix) -> Floats:
    known = np.asarray(attributes.sum(axis=0)).ravel()
    rare = sparse.csr_matrix(attributes @ sparse.diags(_ATTRIBUTES / np.sqrt(np.maximum(known, 1))))
    both = sparse.vstack([bought, rare.T])
    gram = np.asarray((both.T @ both).toarray(), dtype=np.float64)
    gram[np.diag_indices_from(gram)] += _RIDGE
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(weights, 0)
    return np.asarray(weights, dtype=np.float32)


def _cosines(bought: sparse.csr_matrix) -> sparse.csr_matrix:
    lengths = np.sqrt(np.asarray(bought.multiply(bought).sum(axis=0)).ravel())
    unit = sparse.csr_matrix(bought @ sparse.diags(1 / np.maximum(lengths, 1e-9))).astype(np.float32)
    near = sparse.csr_matrix(unit.T @ unit)
    near.setdiag(0)
    near.eliminate_zeros()
    for row in np.flatnonzero(np.diff(near.indptr) > _NEIGHBOURS).tolist():
        inside = near.data[near.indptr[row] : near.indptr[row + 1]]
        inside[inside < np.partition(inside, -_NEIGHBOURS)[-_NEIGHBOURS]] = 0
    near.eliminate_zeros()
    return near
