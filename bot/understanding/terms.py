"""The sparse features of a text: word TF-IDF and character TF-IDF side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from bot.artefact import Array, Json
from bot.understanding.ngrams import character_grams, word_grams
from bot.understanding.tfidf import SparseRow, Tfidf


@dataclass(frozen=True, slots=True)
class Terms:
    """Both vocabularies; characters' columns follow the words'."""

    word: Tfidf
    character: Tfidf

    @classmethod
    def fit(cls, texts: Sequence[str], *, min_count: int) -> Terms:
        """Learn both vocabularies from normalised texts."""
        return cls(
            word=Tfidf.fit(texts, analyser=word_grams, min_count=min_count),
            character=Tfidf.fit(texts, analyser=character_grams, min_count=min_count),
        )

    def row(self, text: str) -> SparseRow:
        """The features of one normalised text."""
        word, character = self.word.row(text), self.character.row(text)
        return SparseRow(
            columns=np.concatenate([word.columns, character.columns + np.int32(len(self.word.idf))]),
            weights=np.concatenate([word.weights, character.weights]),
        )

    def matrix(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """The features of many normalised texts."""
        return sparse.hstack([self.word.matrix(texts), self.character.matrix(texts)], format="csr")

    def arrays(self) -> dict[str, Array]:
        """What an artefact keeps as arrays."""
        return {"idf_word": self.word.idf, "idf_character": self.character.idf}

    def document(self) -> dict[str, Json]:
        """What an artefact keeps as JSON."""
        return {"word": list(self.word.terms), "character": list(self.character.terms)}

    @classmethod
    def restore(cls, arrays: Mapping[str, Array], document: Mapping[str, Sequence[str]]) -> Terms:
        """Rebuild from what `arrays` and `document` returned."""

        def part(name: str) -> dict[str, int]:
            return {term: column for column, term in enumerate(document[name])}

        return cls(
            word=Tfidf(analyser=word_grams, vocabulary=part("word"), idf=arrays["idf_word"]),
            character=Tfidf(analyser=character_grams, vocabulary=part("character"), idf=arrays["idf_character"]),
        )
