"""Search in a FAQ: sentence vectors in FAISS, BM25 and intent fused, calibrated, silent below the threshold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from bot.artefact import Artefact, Json, Recipe, load_artefact
from bot.encoding.encoder import Encoder, Vectors
from bot.retrieval.faq import FaqEntry, FaqHit
from bot.retrieval.faq_wordings import FEATURES, Candidates, FaqWordings, IntentProfiles, answers, wordings
from bot.retrieval.fusion import Fusion
from bot.retrieval.measure import Turn
from bot.retrieval.rerank import Reranker
from bot.understanding.normalise import normalise
from bot.understanding.tfidf import Floats
from kefu.base.errors import ConfigError

KIND = "retrieval.faq"
SCHEMA_VERSION = 3


@dataclass(frozen=True, slots=True)
class HitScore:
    """A logistic regression over FEATURES, and the confidence below which nothing is returned."""

    weights: Floats
    bias: float
    threshold: float

    def confidence(self, features: Floats) -> Floats:
        """Return the chance that each candidate is right, for features of shape (n, len(FEATURES))."""
        return np.asarray(1 / (1 + np.exp(-(features @ self.weights + self.bias))), dtype=np.float32)


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
        if unknown := index["fusion"].keys() - Fusion().as_json().keys():
            told = "、".join(sorted(unknown))
            raise ConfigError(
                f"{folder}: 是更新的程序训练的（{told}），请先升级 · trained by a newer program, update first"
            )
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
