"""Models of satisfaction: of one turn, and of what was said last and before and how the dialogue went so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import StandardScaler

from bot.encoding.encoder import Encoder
from bot.understanding.mood import read_mood
from bot.understanding.normalise import normalise

LABELS = ("dissatisfied", "neutral", "satisfied")
_Floats = npt.NDArray[np.float64]
# What is read, and how much it counts in the sparse part.
_SAID = {"user": 1.0, "reply": 1.0, "user_before": 0.6, "reply_before": 0.4}
_TERMS = {"char_wb": (3, 5), "word": (1, 2)}
_COMPONENTS = 40
_SORRY = ("sorry", "抱歉", "不好意思", "对不起")


@dataclass(frozen=True, slots=True)
class Turn:
    """A labelled customer turn: its text, the texts before it, and where in its dialogue it stands."""

    dialogue: int
    place: int
    written: str
    user: str
    reply: str
    user_before: str
    reply_before: str
    users: tuple[str, ...]
    in_a_row: int
    label: str
    evaluated: bool


def read_turns(dialogues: Iterable[Mapping[str, Any]]) -> list[Turn]:
    """Return the labelled customer turns; OVERALL rows are no turns."""
    turns = []
    for number, dialogue in enumerate(dialogues):
        users: list[str] = []
        replies: list[str] = []
        in_a_row = 0
        for place, told in enumerate(dialogue["turns"]):
            text = normalise(told["text"])
            if told["role"] != "user":
                replies.append(text)
                in_a_row = 0
                continue
            if told["text"] == "OVERALL":
                continue
            in_a_row += 1
            if told.get("label") is not None:
                turns.append(
                    Turn(
                        dialogue=number,
                        place=place,
                        written=told["text"],
                        user=text,
                        reply=replies[-1] if replies else "",
                        user_before=users[-1] if users else "",
                        reply_before=replies[-2] if len(replies) > 1 else "",
                        users=tuple(users),
                        in_a_row=in_a_row,
                        label=told["label"],
                        evaluated=bool(told.get("usda_eval")),
                    )
                )
            users.append(text)
    return turns


class OneTurnModel:
    """The mean of two over the customer's own words of one turn: regression over words, regression over its vector.

    Made for few dialogues: what is known of the talk so far tells dialogues apart more than it tells moods apart.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def fit(self, turns: Sequence[Turn]) -> OneTurnModel:
        """Learn; the same turns give the same model."""
        labels = np.array([LABELS.index(turn.label) for turn in turns])
        texts = [turn.user for turn in turns]
        self._terms = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=3, sublinear_tf=True).fit(texts)
        vectors = self._encoder.encode(texts).astype(np.float64)
        self._scale = StandardScaler().fit(vectors)
        words = LogisticRegression(C=1.0, solver="liblinear", dual=True, max_iter=200, random_state=0)
        self._by_words = OneVsRestClassifier(words).fit(self._terms.transform(texts), labels)
        by_vectors = OneVsRestClassifier(LogisticRegression(C=0.003, max_iter=200))
        self._by_vectors = by_vectors.fit(self._scale.transform(vectors), labels)
        return self

    def chances(self, turns: Sequence[Turn]) -> _Floats:
        """Return the chance of each of LABELS against the other two, shape (n, 3); a row need not sum to 1."""
        texts = [turn.user for turn in turns]
        by_words = self._by_words.decision_function(self._terms.transform(texts))
        scaled = self._scale.transform(self._encoder.encode(texts).astype(np.float64))
        return np.asarray(expit((by_words + self._by_vectors.decision_function(scaled)) / 2))


class SatisfactionModel:
    """The mean of three: regression over words, regression over sentence vectors, boosted trees over both's summary."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._counts: dict[tuple[str, str], TfidfVectorizer] = {}

    def fit(self, turns: Sequence[Turn]) -> SatisfactionModel:
        """Learn; the same turns give the same model."""
        labels = np.array([LABELS.index(turn.label) for turn in turns])
        words, vectors, signs = self._words(turns, fit=True), self._vectors(turns), _signs(turns)
        self._vector_scale, self._sign_scale = StandardScaler().fit(vectors), StandardScaler().fit(signs)
        scaled, said = self._vector_scale.transform(vectors), self._sign_scale.transform(signs)
        self._axes = np.linalg.svd(scaled[:4_000], full_matrices=False)[2][:_COMPONENTS].T
        self._by_words = LogisticRegression(C=1.5, max_iter=300).fit(_beside(words, said), labels)
        self._by_vectors = LogisticRegression(C=0.003, max_iter=300).fit(np.hstack([scaled, said]), labels)
        trees = HistGradientBoostingClassifier(
            max_iter=150, learning_rate=0.06, max_leaf_nodes=15, l2_regularization=5, random_state=0
        )
        self._by_trees = trees.fit(np.hstack([scaled @ self._axes, signs]), labels)
        return self

    def chances(self, turns: Sequence[Turn]) -> _Floats:
        """Return the chances of LABELS, shape (n, 3)."""
        words, vectors, signs = self._words(turns), self._vectors(turns), _signs(turns)
        scaled, said = self._vector_scale.transform(vectors), self._sign_scale.transform(signs)
        parts = [
            self._by_words.predict_proba(_beside(words, said)),
            self._by_vectors.predict_proba(np.hstack([scaled, said])),
            self._by_trees.predict_proba(np.hstack([scaled @ self._axes, signs])),
        ]
        return np.asarray(np.mean(parts, axis=0))

    def _words(self, turns: Sequence[Turn], *, fit: bool = False) -> sparse.csr_matrix:
        columns = []
        for said, weight in _SAID.items():
            texts = [getattr(turn, said) for turn in turns]
            for kind, sizes in _TERMS.items():
                if fit:
                    made = TfidfVectorizer(analyzer=kind, ngram_range=sizes, min_df=2, sublinear_tf=True)
                    self._counts[said, kind] = made.fit(texts)
                columns.append(self._counts[said, kind].transform(texts) * weight)
        return sparse.hstack(columns, format="csr")

    def _vectors(self, turns: Sequence[Turn]) -> _Floats:
        parts = [[getattr(turn, said) for turn in turns] for said in ("user", "reply", "user_before")]
        return np.hstack([self._encoder.encode(texts) for texts in parts]).astype(np.float64)


def _beside(words: sparse.csr_matrix, signs: _Floats) -> sparse.csr_matrix:
    return sparse.hstack([words, sparse.csr_matrix(signs * 0.3)], format="csr")


def _signs(turns: Sequence[Turn]) -> _Floats:
    rows = []
    for turn in turns:
        mood = read_mood(turn.written, turn.users[-5:])
        rows.append(
            [
                len(turn.users),
                np.log1p(turn.place),
                len(turn.user),
                len(turn.reply),
                turn.in_a_row,
                mood.score,
                mood.label == "pleased",
                max((_alike(turn.user, other) for other in turn.users[-4:]), default=0.0),
                _alike(turn.reply, turn.reply_before),
                _alike(turn.user, turn.reply),
                "?" in turn.user,
                "?" in turn.reply,
                any(word in turn.reply for word in _SORRY),
                turn.user.startswith("no"),
                any(sign.isdigit() for sign in turn.user),
                turn.place - len(turn.users),
            ]
        )
    return np.array(rows, dtype=np.float64)


def _alike(one: str, other: str) -> float:
    left = {one[place : place + 2] for place in range(len(one) - 1)}
    right = {other[place : place + 2] for place in range(len(other) - 1)}
    return len(left & right) / max(1, len(left | right))
