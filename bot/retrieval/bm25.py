"""BM25 over words and runs of characters, as one sparse matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from bot.understanding.ngrams import character_grams, words
from bot.understanding.tfidf import Floats

_K1 = 1.2
_B = 0.5


class Bm25:
    """Scores a query against every document, as a share of what the query would score against itself.

    Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework", eq. 3.15, with idf = log(1 + (N-n+.5)/(n+.5)).
    Terms that no document has count into the share: a query full of unknown words cannot score high.
    """

    def __init__(self, documents: Sequence[str], *, rarity: Bm25 | None = None) -> None:
        """Weigh `documents`; with `rarity` terms are as rare as they are there, so that both score alike."""
        counts = [Counter(_terms(document)) for document in documents]
        seen = Counter(term for count in counts for term in count)
        self._columns = {term: column for column, term in enumerate(sorted(seen))}
        frequency = np.array([seen[term] for term in self._columns], dtype=np.float64)
        self._idf = np.log(1 + (len(documents) - frequency + 0.5) / (frequency + 0.5))
        self._unknown_idf = float(np.log(1 + (len(documents) + 0.5) / 0.5))
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
        self._usual_length = max(float(lengths.mean()) if len(lengths) else 1.0, 1.0)
        if rarity is not None:
            self._idf = np.array([rarity.idf(term) for term in self._columns], dtype=np.float64)
            self._unknown_idf, self._usual_length = rarity._unknown_idf, rarity._usual_length
        relative = 1 - _B + _B * lengths / self._usual_length
        rows, columns, values = [], [], []
        for row, count in enumerate(counts):
            for term, times in count.items():
                column = self._columns[term]
                rows.append(row)
                columns.append(column)
                values.append(self._idf[column] * times * (_K1 + 1) / (times + _K1 * relative[row]))
        shape = (len(self._columns), len(documents))
        self._weights = sparse.csr_matrix((values, (columns, rows)), shape=shape, dtype=np.float32)

    def idf(self, term: str) -> float:
        """Return how rare a term is; one that no document has is rarest."""
        column = self._columns.get(term)
        return self._unknown_idf if column is None else float(self._idf[column])

    def scores(self, query: str) -> Floats:
        """Return the share of each document, shape (documents,); mostly 0 to 1, all 0 for an empty query."""
        terms = Counter(_terms(query))
        whole = sum(
            times * (self._unknown_idf if (column := self._columns.get(term)) is None else float(self._idf[column]))
            for term, times in terms.items()
        )
        columns = sorted(column for term in terms if (column := self._columns.get(term)) is not None)
        if not columns:
            return np.zeros(self._weights.shape[1], dtype=np.float32)
        total = np.asarray(self._weights[columns].sum(axis=0)).ravel()
        return np.asarray(total / whole, dtype=np.float32)


def _terms(text: str) -> Iterable[str]:
    yield from (f"w {word}" for word in words(text))
    yield from character_grams(text)
