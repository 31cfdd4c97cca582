"""Search in a FAQ: sentence vectors in FAISS, BM25 and intent fused, calibrated, silent below the threshold."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import faiss
import numpy as np
import numpy.typing as npt

from bot.artefact import Artefact, Json, Recipe, load_artefact
from bot.encoding.encoder import Encoder, Vectors
from bot.retrieval.bm25 import Bm25
from bot.retrieval.faq import FaqEntry, FaqHit
from bot.retrieval.fusion import AskedLikeness, Fusion
from bot.retrieval.measure import Measure, Turn
from bot.retrieval.rerank import Reranker
from bot.understanding.normalise import normalise
from bot.understanding.tfidf import Floats
from kefu.base.errors import ConfigError

KIND = "retrieval.faq"
SCHEMA_VERSION = 3
FEATURES = ("fused", "vector", "lexical", "mean", "answer", "answer_lexical", "intent", "lead", "rank")
_NEIGHBOURS, _ROWS = 10, 1_000
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class HitScore:
    """A logistic regression over FEATURES, and the confidence below which nothing is returned."""

    weights: Floats
    bias: float
    threshold: float

    def confidence(self, features: Floats) -> Floats:
        """Return the chance that each candidate is right, for features of shape (n, len(FEATURES))."""
        return np.asarray(1 / (1 + np.exp(-(features @ self.weights + self.bias))), dtype=np.float32)


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
        self.profiles = profiles or IntentProfiles()
        self.fusion = fusion
        self.parts = tuple(parts)
        self._bm25 = Bm25([normalise(text) for text in self.texts])
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
        found, rows = self._index.search(np.ascontiguousarray(vector[None, :]), count)
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

    def asked(self, plain: Sequence[str], vectors: Vectors, wanted: Sequence[int]) -> AskedLikeness:
        """Return how like real questions are to everything here; `wanted` are the numbers of their entries."""
        turned = self.turned(vectors)
        return AskedLikeness(
            turned @ self.turned(self._vectors).T,
            np.stack([self._bm25.scores(text) for text in plain]),
            turned @ self._answer_vectors.T,
            np.stack([self._answer_bm25.scores(text) for text in plain]),
            self.owners,
            np.array(wanted, dtype=np.int64),
            np.broadcast_to(self.hubs, (len(plain), len(self.texts))),
        )

    def own_wordings(self, vectors: Vectors, wanted: Sequence[int]) -> Vectors:
        """Return for each question the wording (measured) of its entry that is most like it."""
        measured = self.turned(self._vectors)
        asked = self.turned(vectors)
        rows = [np.flatnonzero(self.owners == entry) for entry in wanted]
        return np.stack([measured[own[(measured[own] @ one).argmax()]] for own, one in zip(rows, asked, strict=True)])

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
        fused = np.where(shown, fused, -1.0)
        count = len(self.entries)
        best = np.full(count, -1.0, dtype=np.float32)
        np.maximum.at(best, self.owners, fused)
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


class FaqIndex:
    """A FAQ ready to be asked; immutable, and safe to share between threads."""

    def __init__(self, found: FaqWordings, score: HitScore, vectors: Vectors, answer_vectors: Vectors) -> None:
        self._found = found
        self._score = score
        self._vectors = vectors
        self._answer_vectors = answer_vectors
        self._reranker: Reranker | None = None
        self._rerank_share = 0.0

    def reranked_by(self, reranker: Reranker, *, share: float = 0.5) -> FaqIndex:
        """Return the same index whose first candidates are judged once more; `share` weighs that second look."""
        judged = FaqIndex(self._found, self._score, self._vectors, self._answer_vectors)
        judged._reranker, judged._rerank_share = reranker, share
        return judged

    @property
    def found(self) -> FaqWordings:
        """The wordings that are searched."""
        return self._found

    @property
    def threshold(self) -> float:
        """The confidence below which nothing is returned."""
        return self._score.threshold

    def search(
        self,
        text: str,
        vector: Vectors,
        *,
        intents: Mapping[str, float] | None = None,
        limit: int = 3,
        threshold: float | None = None,
    ) -> list[FaqHit]:
        """Return at most `limit` entries, surest first, none below the threshold (the index's own by default).

        `vector` is the encoding of `normalise(text)`; `intents` are what the text is read as, with probabilities.
        """
        bar = self._score.threshold if threshold is None else threshold
        found = self._found
        plain = normalise(text)
        best = found.candidates(found.likeness(plain, vector, intents), limit=limit)
        hits: list[FaqHit] = []
        for rank, confidence in enumerate(self._confidences(plain, best).tolist()):
            entry = found.entries[best.entries[rank]]
            if confidence >= bar:
                cosine, lexical = best.features[rank, 1:3].tolist()
                wording = found.texts[best.wordings[rank]]
                agreement = float(best.features[rank, FEATURES.index("intent")])
                hits.append(FaqHit(entry.id, confidence, wording, cosine, lexical, entry.place, agreement))
        return sorted(hits, key=lambda hit: -hit.confidence)

    def _confidences(self, plain: str, best: Candidates) -> Floats:
        first = self._score.confidence(best.features)
        if self._reranker is None:
            return first
        second = self._reranker.scores(plain, [self._found.texts[row] for row in best.wordings.tolist()])
        return np.asarray((1 - self._rerank_share) * first + self._rerank_share * second, dtype=np.float32)

    def revise(self, encoder: Encoder, *, put: Iterable[FaqEntry] = (), removed: Iterable[str] = ()) -> FaqIndex:
        """Return the index with some entries added, changed or removed; only new texts are encoded.

        What was learned of confidences stays; an entry that is new has no intents until the next training.
        """
        known = {entry.id: place for place, entry in enumerate(self._found.entries)}
        wanted = {entry.id: entry for entry in self._found.entries} | {entry.id: entry for entry in put}
        for id in removed:
            wanted.pop(id, None)
        entries = sorted(wanted.values(), key=lambda entry: entry.id)
        if not entries:
            raise ConfigError("问答不能全部删掉 · an FAQ without entries answers nothing")
        texts, _ = wordings(entries)
        old_texts = dict(zip(self._found.texts, self._vectors, strict=True))
        old_answers = dict(zip(answers(self._found.entries), self._answer_vectors, strict=True))
        vectors = _reused(texts, old_texts, encoder)
        answer_vectors = _reused(answers(entries), old_answers, encoder)
        old = self._found.profiles
        shares = None
        if old.shares is not None:
            none = np.zeros(old.shares.shape[1], dtype=np.float32)
            shares = np.stack([old.shares[known[one.id]] if one.id in known else none for one in entries])
        found = FaqWordings(
            entries, vectors, answer_vectors,
            fusion=self._found.fusion, profiles=IntentProfiles(old.intents, shares), parts=self._found.parts,
            turn=self._found.turn,
        )  # fmt: skip
        return FaqIndex(found, self._score, vectors, answer_vectors)

    def artefact(self, recipe: Recipe) -> Artefact:
        """Return the index as arrays and JSON; FAISS's flat index is its vectors."""
        entries: list[Json] = [[e.id, e.question, list(e.variants), e.place, e.answer] for e in self._found.entries]
        index: dict[str, Json] = {
            "entries": entries,
            "fusion": {**self._found.fusion.as_json()},
            "parts": list(self._found.parts),
            "bias": self._score.bias,
            "threshold": self._score.threshold,
            "intents": list(self._found.profiles.intents),
        }
        arrays = {"vectors": self._vectors, "answer_vectors": self._answer_vectors, "weights": self._score.weights}
        if self._found.profiles.shares is not None:
            arrays["intent_shares"] = self._found.profiles.shares
        for place, matrix in enumerate(() if self._found.turn is None else self._found.turn.matrices):
            arrays[f"turn_{place}"] = matrix
        return Artefact(recipe=recipe, arrays=arrays, documents={"index": index})

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> FaqIndex:
        """Load an artefact; ConfigError when it is of another version or encoder, or was tampered with."""
        artefact = load_artefact(folder, kind=KIND, schema_version=SCHEMA_VERSION, encoder_id=encoder.id)
        index = cast(dict[str, Any], artefact.documents["index"])
        entries = [
            FaqEntry(id, question, tuple(variants), place, answer)
            for id, question, variants, place, answer in index["entries"]
        ]
        vectors, fusion = artefact.arrays["vectors"], Fusion(**index["fusion"])
        answer_vectors = artefact.arrays["answer_vectors"]
        profiles = IntentProfiles(tuple(index["intents"]), artefact.arrays.get("intent_shares"))
        score = HitScore(artefact.arrays["weights"], index["bias"], index["threshold"])
        # An index from before encoders were measured apart is not centred, and so needs no parts.
        parts = index.get("parts", ())
        matrices = tuple(artefact.arrays[name] for name in sorted(artefact.arrays) if name.startswith("turn_"))
        turn = Turn(matrices) if matrices else None
        found = FaqWordings(entries, vectors, answer_vectors, fusion=fusion, profiles=profiles, parts=parts, turn=turn)
        return cls(found, score, vectors, answer_vectors)


def _reused(texts: Sequence[str], known: Mapping[str, Vectors], encoder: Encoder) -> Vectors:
    """The vectors of texts, those that are known as they were."""
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    fresh = dict(zip(missing, encoder.encode([normalise(text) for text in missing]), strict=True)) if missing else {}
    both = {**known, **fresh}
    return np.ascontiguousarray(np.stack([both[text] for text in texts]))


def answers(entries: Sequence[FaqEntry]) -> list[str]:
    """Return every entry's answer without its placeholders; the question where there is no answer."""
    return [_PLACEHOLDER.sub("", entry.answer) or entry.question for entry in entries]


def wordings(entries: Sequence[FaqEntry]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return every question and variant, and the number of the entry that each belongs to."""
    texts = [text for entry in entries for text in (entry.question, *entry.variants)]
    owners = [number for number, entry in enumerate(entries) for _ in (entry.question, *entry.variants)]
    return texts, np.array(owners, dtype=np.int64)
