"""TF-IDF whose vocabulary is plain JSON: the same code counts at training and at serving time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

Analyser = Callable[[str], Iterable[str]]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SparseRow:
    """One text's non-zero features: their columns and weights, of length 1 (L2) or empty."""

    columns: npt.NDArray[np.int32]
    weights: Floats


class Tfidf:
    """Sublinear term counts times smoothed inverse document frequency, L2-normalised per text."""

    def __init__(self, *, analyser: Analyser, vocabulary: Mapping[str, int], idf: Floats) -> None:
        self._analyser = analyser
        self._vocabulary = vocabulary
        self._idf = idf

    @property
    def terms(self) -> list[str]:
        """The vocabulary in column order."""
        return sorted(self._vocabulary, key=self._vocabulary.__getitem__)

    @property
    def idf(self) -> Floats:
        """One weight a column."""
        return self._idf

    @classmethod
    def fit(cls, texts: Sequence[str], *, analyser: Analyser, min_count: int) -> Tfidf:
        """Learn the terms that occur in at least `min_count` texts, in alphabetical order."""
        seen: Counter[str] = Counter()
        for text in texts:
            seen.update(set(analyser(text)))
        terms = sorted(term for term, count in seen.items() if count >= min_count)
        counts = np.array([seen[term] for term in terms], dtype=np.float64)
        idf = np.log((1 + len(texts)) / (1 + counts)) + 1
        vocabulary = {term: column for column, term in enumerate(terms)}
        return cls(analyser=analyser, vocabulary=vocabulary, idf=idf.astype(np.float32))

    def row(self, text: str) -> SparseRow:
        """Count one text; unknown terms are left out."""
        counts: dict[int, int] = {}
        find = self._vocabulary.get
        for term in self._analyser(text):
            column = find(term)
            if column is not None:
                counts[column] = counts.get(column, 0) + 1
        columns = np.fromiter(sorted(counts), dtype=np.int32, count=len(counts))
        times = np.fromiter((counts[c] for c in columns.tolist()), dtype=np.float32, count=len(counts))
        weights = (1 + np.log(times)) * self._idf[columns]
        norm = np.sqrt(np.dot(weights, weights))
        return SparseRow(columns=columns, weights=weights / norm if norm else weights)

    def matrix(self, texts: Iterable[str]) -> sparse.csr_matrix:
        """Count many texts, shape (len(texts), terms)."""
        rows = [self.row(text) for text in texts]
        ends = np.cumsum([0, *(len(row.columns) for row in rows)])
        weights = np.concatenate([row.weights for row in rows]) if rows else np.zeros(0, np.float32)
        columns = np.concatenate([row.columns for row in rows]) if rows else np.zeros(0, np.int32)
        return sparse.csr_matrix((weights, columns, ends), shape=(len(rows), len(self._idf)), dtype=np.float32)
