"""The wordings of a FAQ as searchable rows: how like a question is to each, before anything says what is enough."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from bot.encoding.encoder import Vectors
from bot.nearest import nearest
from bot.retrieval.bm25 import Bm25
from bot.retrieval.faq import FaqEntry
from bot.retrieval.fusion import AskedLikeness, Fusion, best_wordings
from bot.retrieval.measure import Measure, Turn
from bot.understanding.normalise import normalise
from bot.understanding.tfidf import Floats

FEATURES = ("fused", "vector", "lexical", "mean", "answer", "answer_lexical", "intent", "lead", "rank")
_NEIGHBOURS, _ROWS = 10, 1_000
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like a query is to each wording (vector, lexical) and each entry (answer, its words, intent)."""

    wordings: Floats
    entries: Floats


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best entries for one query, best first: entry numbers, the wording that matched, and the features."""

    entries: npt.NDArray[np.int64]
    wordings: npt.NDArray[np.int64]
    features: Floats


@dataclass(frozen=True, slots=True)
class IntentProfiles:
    """Which intents each entry's own wordings are read as: shares of shape (entries, intents)."""

    intents: tuple[str, ...] = ()
    shares: Floats | None = None

    def agreement(self, ranked: Mapping[str, float] | None, entries: int) -> Floats:
        """Return how much each entry agrees with a query's intents, 0 to 1; 0 for all when either is unknown."""
        if not ranked or self.shares is None:
            return np.zeros(entries, dtype=np.float32)
        query = np.array([ranked.get(intent, 0.0) for intent in self.intents], dtype=np.float32)
        return np.asarray(self.shares @ query, dtype=np.float32)


class FaqWordings:
    """A FAQ as searchable rows: every question, variant and answer; knows likeness, not what is enough."""

    def __init__(
        self,
        entries: Sequence[FaqEntry],
        vectors: Vectors,
        answer_vectors: Vectors,
        *,
        fusion: Fusion,
        profiles: IntentProfiles | None = None,
        parts: Sequence[int] = (),
        turn: Turn | None = None,
    ) -> None:
        """Index `entries` with the vectors of their wordings and answers; `parts` as told by `parts_of(encoder)`.

        `turn`, learned from real questions, needs a fusion that is centred.
        """
        self.entries = tuple(entries)
        self.texts, self.owners = wordings(entries)
        self._starts = np.flatnonzero(np.diff(self.owners, prepend=-1))
        self.profiles = profiles or IntentProfiles()
        self.fusion = fusion
        self.parts = tuple(parts)
        plain = [normalise(text) for text in self.texts]
        self._rows: dict[str, list[int]] = {}
        for row, text in enumerate(plain):
            self._rows.setdefault(text, []).append(row)
        self._bm25 = Bm25(plain)
        self._answer_bm25 = Bm25([normalise(text) for text in answers(entries)])
        self._vectors = vectors
        self._plain_answers = answer_vectors
        self._place(turn)

    def _place(self, turn: Turn | None) -> None:
        self.turn = turn
        self._measure = Measure(self._vectors, self.parts, turn=turn) if self.fusion.centred else None
        self._index = faiss.IndexFlatIP(self._vectors.shape[1])
        self._index.add(np.ascontiguousarray(self.turned(self._vectors)))
        self._answer_vectors = self.turned(self._plain_answers)
        self._hubs: Floats | None = None

    def turned_by(self, turn: Turn | None) -> FaqWordings:
        """Return the same wordings measured with another turn, or with none."""
        other = copy.copy(self)
        other._place(turn)
        return other

    @property
    def hubs(self) -> Floats:
        """How like each wording is to its ten nearest of other entries; what is near everything is a hub."""
        if self._hubs is None:
            measured = self.turned(self._vectors)
            self._hubs = np.zeros(len(measured), dtype=np.float32)
            near = min(_NEIGHBOURS, max(len(measured) - 1, 1))
            for start in range(0, len(measured), _ROWS):
                rows = slice(start, start + _ROWS)
                like = measured[rows] @ measured.T
                like[self.owners[rows, None] == self.owners[None, :]] = 0.0
                self._hubs[rows] = np.partition(like, -near, axis=1)[:, -near:].mean(axis=1)
        return self._hubs

    def likeness(self, plain: str, vector: Vectors, ranked: Mapping[str, float] | None = None) -> Likeness:
        """Return how like a normalised text with its vector and ranked intents is to everything here."""
        count = len(self.texts)
        vector = self.turned(vector)
        found, rows = nearest(self._index, vector[None, :], count)
        cosine = np.zeros(count, dtype=np.float32)
        cosine[rows[0]] = found[0]
        entries = np.stack(
            [
                self._answer_vectors @ vector,
                self._answer_bm25.scores(plain),
                self.profiles.agreement(ranked, len(self.entries)),
            ]
        )
        return Likeness(np.stack([cosine, self._bm25.scores(plain)]), entries)

    def asked(
        self,
        plain: Sequence[str],
        vectors: Vectors,
        wanted: Sequence[int],
        ranked: Sequence[Mapping[str, float] | None] = (),
    ) -> AskedLikeness:
        """Return how like real questions are to everything here; `wanted` are their entries' numbers.

        `ranked` are the questions' intents where they are known. A wording of its entry that is the question itself is
        hidden from it, so that questions which became wordings are judged as the next customer's will be.
        """
        turned = self.turned(vectors)
        hidden = self.hidden_from(plain, wanted)
        return AskedLikeness(
            turned @ self.turned(self._vectors).T,
            np.stack([self._bm25.scores(text) for text in plain]),
            turned @ self._answer_vectors.T,
            np.stack([self._answer_bm25.scores(text) for text in plain]),
            self.owners,
            np.array(wanted, dtype=np.int64),
            np.broadcast_to(self.hubs, (len(plain), len(self.texts))),
            hidden if hidden.any() else None,
            self._agreements(ranked, hidden) if ranked and self.profiles.shares is not None else None,
        )

    def hidden_from(self, plain: Sequence[str], wanted: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Return which wordings of its entry are a normalised question itself, of shape (questions, wordings)."""
        hidden = np.zeros((len(plain), len(self.texts)), dtype=bool)
        for place, (text, entry) in enumerate(zip(plain, wanted, strict=True)):
            hidden[place, [row for row in self._rows.get(text, ()) if self.owners[row] == entry]] = True
        return hidden

    def _agreements(
        self, ranked: Sequence[Mapping[str, float] | None], hidden: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.float32]:
        """Agreement of intents, as if a hidden wording had not been read into its entry's profile."""
        count = len(self.entries)
        sizes = np.bincount(self.owners, minlength=count)
        rows = []
        for intents, away in zip(ranked, hidden, strict=True):
            agreement = self.profiles.agreement(intents, count)
            if away.any():
                entry, gone = self.owners[away.argmax()], away.sum()
                own = sum(share * share for share in (intents or {}).values())
                agreement[entry] = (agreement[entry] * sizes[entry] - own * gone) / max(sizes[entry] - gone, 1)
            rows.append(agreement)
        return np.stack(rows)

    def own_wordings(self, plain: Sequence[str], vectors: Vectors, wanted: Sequence[int]) -> Vectors:
        """Return for each question the wording (measured) of its entry that is most like it, but not the question."""
        like = self.turned(vectors) @ self.turned(self._vectors).T
        foreign = self.owners[None, :] != np.asarray(wanted)[:, None]
        like[foreign | self.hidden_from(plain, wanted)] = -np.inf
        return np.asarray(self.turned(self._vectors)[like.argmax(axis=1)], dtype=np.float32)

    def turned(self, vectors: Vectors) -> Vectors:
        """Vectors as the fusion measures them: from the middle, or as they are."""
        return vectors if self._measure is None else self._measure(vectors)

    def lexical(self, plain: str) -> Floats:
        """Return how like a normalised text is to each wording by its words and characters alone."""
        return self._bm25.scores(plain)

    def nearness(self, entry: int) -> Floats:
        """Return how near each entry's middle is to that of the entry with this number, as a cosine."""
        count = len(self.entries)
        middles = np.zeros((count, self._vectors.shape[1]), dtype=np.float32)
        np.add.at(middles, self.owners, self._vectors)
        middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-9)
        return np.asarray(middles @ middles[entry], dtype=np.float32)

    def candidates(self, like: Likeness, *, limit: int, hidden: npt.NDArray[np.bool_] | None = None) -> Candidates:
        """Rank entries by all likenesses; wordings marked in `hidden` do not exist, nor entries without any other."""
        weights = self.fusion
        vectors = like.wordings[0] - weights.hub * self.hubs if weights.hub else like.wordings[0]
        fused = weights.vector_share * vectors + (1 - weights.vector_share) * like.wordings[1]
        shown = np.ones(len(fused), dtype=bool) if hidden is None else ~hidden
        count = len(self.entries)
        best = best_wordings(np.where(shown, fused, -np.inf)[None, :], self._starts, weights.top)[0]
        fused = np.where(shown, fused, -1.0)
        there = np.bincount(self.owners, weights=shown, minlength=count)
        mean = np.bincount(self.owners, weights=like.wordings[0] * shown, minlength=count) / np.maximum(there, 1)
        answer, lexical_answer, intent = like.entries
        whole = best + weights.mean * mean + weights.answer * answer
        whole = whole + weights.answer_lexical * lexical_answer + weights.intent * intent
        whole = np.where(there > 0, whole, -9.0)
        order = np.argsort(-whole, kind="stable")[: limit + 1]
        order = order[whole[order] > -9.0]
        top = order[:limit]
        picked = np.array([self._best_wording(entry, fused) for entry in top.tolist()], dtype=np.int64)
        features = np.zeros((len(top), len(FEATURES)), dtype=np.float32)
        for rank, entry in enumerate(top.tolist()):
            rivals = order[order != entry]
            rival = float(whole[rivals[0]]) if len(rivals) else 0.0
            cosine, lexical = like.wordings[:, picked[rank]]
            features[rank] = (
                best[entry], cosine, lexical, mean[entry], answer[entry], lexical_answer[entry], intent[entry],
                whole[entry] - rival, rank,
            )  # fmt: skip
        return Candidates(entries=top, wordings=picked, features=features)

    def _best_wording(self, entry: int, fused: Floats) -> int:
        rows = np.flatnonzero(self.owners == entry)
        return int(rows[fused[rows].argmax()])


def answers(entries: Sequence[FaqEntry]) -> list[str]:
    """Return every entry's answer without its placeholders; the question where there is no answer."""
    return [_PLACEHOLDER.sub("", entry.answer) or entry.question for entry in entries]


def wordings(entries: Sequence[FaqEntry]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return every question and variant, and the number of the entry that each belongs to."""
    texts = [text for entry in entries for text in (entry.question, *entry.variants)]
    owners = [number for number, entry in enumerate(entries) for _ in (entry.question, *entry.variants)]
    return texts, np.array(owners, dtype=np.int64)
