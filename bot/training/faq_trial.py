"""Questions that a FAQ is asked while it is trained, and what their answers say about how near is near enough."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from bot.retrieval.faq_index import HitScore
from bot.retrieval.faq_wordings import FEATURES, FaqWordings, IntentProfiles, Likeness
from bot.understanding.ngrams import words
from bot.understanding.tfidf import Floats
from bot.understanding.understanding import Understanding

Reader = Callable[[Sequence[str]], Sequence[Understanding]]
_CANDIDATES = 3
# What each trial counts. Variants are written to differ from each other, so that one asked in the absence of itself is
# harder than a customer's question; a whole entry's absence is rarer than its presence.
UNANSWERABLE = 0.3
_UNSEEN = 0.6
# A small FAQ says too little about itself; these weights come from larger ones.
_DEFAULT = HitScore(np.array([6.0, 3.0, 3.0, 0.0, 0.0, 0.0, 1.0, 4.0, -0.5], dtype=np.float32), -6.5, 0.5)
ENOUGH = 40


@dataclass(frozen=True, slots=True)
class Readings:
    """What texts are read as: the likeliest intents of each with their probabilities; empty without a reader."""

    found: tuple[Mapping[str, float], ...]

    @classmethod
    def read(cls, texts: Sequence[str], read: Reader | None) -> Readings:
        if read is None or not texts:
            return cls(())
        return cls(
            tuple(
                {one.intent: one.confidence, **{other.intent: other.confidence for other in one.alternatives}}
                for one in read(texts)
            )
        )

    def ranked(self, row: int) -> Mapping[str, float] | None:
        return self.found[row] if self.found else None

    def profiles(self, owners: npt.NDArray[np.int64], entries: int) -> IntentProfiles:
        if not self.found:
            return IntentProfiles()
        intents = tuple(sorted({intent for ranked in self.found for intent in ranked}))
        shares = np.zeros((entries, len(intents)), dtype=np.float32)
        number = {intent: column for column, intent in enumerate(intents)}
        for owner, ranked in zip(owners.tolist(), self.found, strict=True):
            for intent, share in ranked.items():
                shares[owner, number[intent]] += share
        counts = np.bincount(owners, minlength=entries).astype(np.float32)
        return IntentProfiles(intents, np.asarray(shares / counts[:, None], dtype=np.float32))

    def without(self, row: int, owners: npt.NDArray[np.int64], like: Likeness) -> Likeness:
        """Return the likeness as if the row's own reading were not in its entry's profile."""
        if not self.found:
            return like
        own = self.found[row]
        others = [self.found[other] for other in np.flatnonzero(owners == owners[row]).tolist() if other != row]
        entries = like.entries.copy()
        shared = [sum(own.get(intent, 0.0) * share for intent, share in other.items()) for other in others]
        entries[2, owners[row]] = np.mean(shared) if shared else 0.0
        return Likeness(like.wordings, entries)


class Trial:
    """Questions put to the wordings, and whether each candidate that came back was right."""

    def __init__(self, found: FaqWordings) -> None:
        self._found = found
        self._count = len(found.texts)
        self._features: list[Floats] = []
        self._right: list[npt.NDArray[np.bool_]] = []
        self._weights: list[Floats] = []
        self.unseen = 0
        self.first_right = 0

    def ask(self, like: Likeness, owner: int | None, hidden: npt.NDArray[np.bool_], *, weight: float) -> bool:
        best = self._found.candidates(like, limit=_CANDIDATES, hidden=hidden)
        right = best.entries == (-1 if owner is None else owner)
        self._features.append(best.features)
        self._right.append(right)
        self._weights.append(np.full(len(right), weight, dtype=np.float32))
        return bool(len(right) and right[0])

    def ask_unseen(self, like: Likeness, owner: int, row: int) -> None:
        self.unseen += 1
        self.first_right += self.ask(like, owner, np.arange(self._count) == row, weight=_UNSEEN)

    def fit(self, threshold: float) -> HitScore:
        if self._count < ENOUGH:
            return HitScore(_DEFAULT.weights, _DEFAULT.bias, threshold)
        features = np.concatenate(self._features).astype(np.float64)
        model = LogisticRegression(C=10.0, max_iter=500)
        model.fit(features, np.concatenate(self._right), sample_weight=np.concatenate(self._weights))
        weights = model.coef_[0].astype(np.float32)
        if len(weights) != len(FEATURES):
            raise AssertionError("the features of a hit and their names disagree")
        return HitScore(weights, round(float(model.intercept_[0]), 6), threshold)


def shortened(text: str) -> str:
    """Leave out the shortest word, the last of them: what customers leave out, roughly."""
    parts = words(text)
    if len(parts) < 3:
        return text
    drop = min(range(len(parts)), key=lambda place: (len(parts[place]), -place))
    kept = parts[:drop] + parts[drop + 1 :]
    return ("" if re.search("[\u3400-\u9fff]", text) else " ").join(kept)
