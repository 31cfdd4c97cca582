"""Search in passages: vectors and BM25 fused, calibrated, silent below the threshold; a change gives the next index."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from bot.artefact import Artefact, Recipe, load_artefact
from bot.encoding.encoder import Encoder, Vectors
from bot.retrieval.bm25 import Bm25
from bot.retrieval.documents.passage import Passage, hash_text
from bot.retrieval.vectors.artefact import load_segment, save_segment
from bot.retrieval.vectors.kinds import Ids, IndexSettings
from bot.retrieval.vectors.segment import Segment
from bot.understanding.normalise import normalise
from bot.understanding.tfidf import Floats

KIND = "retrieval.documents"
SCHEMA_VERSION = 1
_WIDE = 50
_TAIL = 2_000
_MASK = (1 << 63) - 1
_QUESTION = re.compile(
    "怎么办|怎么样|怎么|怎样|如何|多少钱|多少|几个|几天|什么时候|什么|为什么|能不能|可不可以|可以|是不是|有没有|请问|你们"
    "|[吗呢啊呀吧么？?]|(?<![不])能"
)
_FEE = re.compile("多少钱|收费|价格|费用|要钱|怎么收")


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """`vector_share` weighs cosine against BM25; `threshold`: the least confidence of what is returned.

    `weights` and `bias`: a logistic regression over (fused, vector, lexical, lead), learned by `fit_documents`.
    """

    vector_share: float = 0.5
    threshold: float = 0.5
    weights: tuple[float, float, float, float] = (4.0, 3.0, 4.0, 4.0)
    bias: float = -5.5
    index: IndexSettings = field(default_factory=IndexSettings)


@dataclass(frozen=True, slots=True)
class DocumentHit:
    """A passage that may answer; `confidence` is calibrated, `vector` and `lexical` are its likenesses as evidence."""

    passage: Passage
    confidence: float
    vector: float
    lexical: float


class DocumentIndex:
    """Passages ready to be asked; immutable, and safe to share between threads."""

    def __init__(
        self, passages: Mapping[int, Passage], segment: Segment, settings: DocumentSettings, lexical: _Lexical
    ) -> None:
        self._passages = passages
        self._owners = {row: id for id, passage in passages.items() for row, _ in _rows(passage)}
        self._segment = segment
        self._lexical = lexical
        self.settings = settings

    @classmethod
    def build(cls, passages: Sequence[Passage], encoder: Encoder, settings: DocumentSettings) -> DocumentIndex:
        """Encode and index everything anew; equal passages of one document are one."""
        known = {passage.id: passage for passage in passages}
        ids, vectors = _encode(list(known.values()), encoder)
        segment = Segment.built(ids, vectors, settings.index) if len(ids) else Segment.empty(encoder.dimension)
        return cls(known, segment, settings, _Lexical.of(known))

    def __len__(self) -> int:
        return len(self._passages)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All passages, by document and in no other order."""
        return tuple(sorted(self._passages.values(), key=lambda one: (one.document, one.id)))

    @property
    def documents(self) -> dict[str, int]:
        """The names of the documents with the number of their passages."""
        return dict(sorted(Counter(passage.document for passage in self._passages.values()).items()))

    def put(self, document: str, passages: Sequence[Passage], encoder: Encoder) -> DocumentIndex:
        """Return the index with a document added or replaced; only passages that are new are encoded."""
        wanted = {passage.id: passage for passage in passages}
        old = {id for id, one in self._passages.items() if one.document == document}
        fresh = [passage for id, passage in wanted.items() if id not in old]
        gone = old - wanted.keys()
        known = {**{id: one for id, one in self._passages.items() if id not in gone}, **wanted}
        ids, vectors = _encode(fresh, encoder)
        removed = [row for id in sorted(gone) for row, _ in _rows(self._passages[id])]
        segment = self._segment.with_changes(ids.tolist(), vectors, removed)
        return DocumentIndex(known, segment, self.settings, self._lexical.changed(known, fresh, gone))

    def remove(self, document: str, encoder: Encoder) -> DocumentIndex:
        """Return the index without a document."""
        return self.put(document, (), encoder)

    def with_settings(self, settings: DocumentSettings) -> DocumentIndex:
        """Return the same passages judged by other weights."""
        return DocumentIndex(self._passages, self._segment, settings, self._lexical)

    def due(self) -> bool:
        """Whether so much has changed that building anew pays."""
        return self._segment.due()

    def compacted(self) -> DocumentIndex:
        """Return the same passages in a freshly built index; takes seconds at size, so beside the readers."""
        ids, vectors = self._segment.rows()
        segment = Segment.built(ids, vectors, self.settings.index) if len(ids) else self._segment
        return DocumentIndex(self._passages, segment, self.settings, _Lexical.of(self._passages))

    def search(
        self, text: str, vector: Vectors, *, limit: int = 3, threshold: float | None = None
    ) -> list[DocumentHit]:
        """Return at most `limit` passages, surest first, none below the threshold (the index's own by default).

        `vector` is the encoding of `normalise(text)`.
        """
        bar = self.settings.threshold if threshold is None else threshold
        hits = [
            DocumentHit(self._passages[id], self._confidence(features), float(features[1]), float(features[2]))
            for id, features in self.candidates(normalise(text), vector, limit=limit)
        ]
        return [hit for hit in sorted(hits, key=lambda hit: -hit.confidence) if hit.confidence >= bar]

    def candidates(
        self, plain: str, vector: Vectors, *, limit: int, hidden: int | None = None
    ) -> list[tuple[int, Floats]]:
        """Return the best passages' ids with (fused, vector, lexical, lead over the best other) without `hidden`."""
        cosine = self._best({near.id: near.score for near in self._segment.search(vector, _WIDE)})
        lexical = self._best(self._lexical.scores(_asked_for(plain)))
        floor = min(cosine.values(), default=0.0)
        share = self.settings.vector_share
        fused = {
            id: share * cosine.get(id, floor) + (1 - share) * lexical.get(id, 0.0)
            for id in cosine.keys() | lexical.keys()
            if id != hidden
        }
        ranked = sorted(fused, key=lambda id: (-fused[id], id))
        found: list[tuple[int, Floats]] = []
        for id in ranked[:limit]:
            rival = next((fused[other] for other in ranked[: limit + 1] if other != id), 0.0)
            row = (fused[id], cosine.get(id, floor), lexical.get(id, 0.0), fused[id] - rival)
            found.append((id, np.array(row, dtype=np.float32)))
        return found

    def _best(self, rows: Mapping[int, float]) -> dict[int, float]:
        """The best row of each passage."""
        best: dict[int, float] = {}
        for row, score in rows.items():
            id = self._owners[row]
            best[id] = max(score, best.get(id, score))
        return best

    def _confidence(self, features: Floats) -> float:
        weighed = float(features @ np.array(self.settings.weights, dtype=np.float32)) + self.settings.bias
        return float(1 / (1 + np.exp(-weighed)))

    def save(self, root: Path, encoder: Encoder) -> Path:
        """Write the index as an artefact with its vectors beside it; return the folder `root/<hash>`."""
        whole = self if self._lexical.whole else self.compacted()
        segment = save_segment(whole._segment, root, encoder_id=encoder.id, settings=self.settings.index)
        rows: list[Any] = [
            [one.document, list(one.headings), one.text, one.place] for _, one in sorted(self._passages.items())
        ]
        told = {
            "vector_share": self.settings.vector_share,
            "threshold": self.settings.threshold,
            "weights": list(self.settings.weights),
            "bias": self.settings.bias,
        }
        recipe = Recipe(KIND, SCHEMA_VERSION, encoder.id, segment.name, cast(Any, told), {})
        return Artefact(recipe, {}, {"passages": rows, "parts": {"vectors": segment.name}}).save(root)

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> DocumentIndex:
        """Read an artefact, its vectors memory-mapped; ConfigError when damaged or of another encoder."""
        artefact = load_artefact(folder, kind=KIND, schema_version=SCHEMA_VERSION, encoder_id=encoder.id)
        told = cast(dict[str, Any], artefact.recipe.settings)
        settings = DocumentSettings(told["vector_share"], told["threshold"], tuple(told["weights"]), told["bias"])
        rows = cast(list[Any], artefact.documents["passages"])
        passages = [Passage(document, tuple(headings), text, place) for document, headings, text, place in rows]
        parts = cast(dict[str, str], artefact.documents["parts"])
        segment = load_segment(
            folder.parent / parts["vectors"],
            encoder_id=encoder.id, dimension=encoder.dimension, settings=settings.index,
        )  # fmt: skip
        known = {passage.id: passage for passage in passages}
        return cls(known, segment, settings, _Lexical.of(known))


class _Lexical:
    """BM25 over the rows: a built part, a small part of what came since, and what is gone."""

    def __init__(
        self, base: Bm25, ids: Sequence[int], tail: Sequence[tuple[int, str]] = (), gone: frozenset[int] = frozenset()
    ) -> None:
        self._base, self._ids, self._tail, self._gone = base, ids, tail, gone
        self._tail_bm25 = Bm25([text for _, text in tail], rarity=base) if tail else None

    @classmethod
    def of(cls, passages: Mapping[int, Passage]) -> _Lexical:
        rows = sorted(row for passage in passages.values() for row in _rows(passage))
        return cls(Bm25([normalise(text) for _, text in rows]), [id for id, _ in rows])

    @property
    def whole(self) -> bool:
        return not self._tail and not self._gone

    def changed(self, passages: Mapping[int, Passage], fresh: Sequence[Passage], gone: set[int]) -> _Lexical:
        rows = {row for id in passages for row, _ in _rows(passages[id])} if gone else None
        tail = [row for row in self._tail if rows is None or row[0] in rows]
        tail += [(id, normalise(text)) for passage in fresh for id, text in _rows(passage)]
        lost = self._gone if rows is None else frozenset(id for id in self._ids if id not in rows)
        # A row that was gone and is back is found in the tail.
        lost |= {id for id, _ in tail} & set(self._ids) if tail and self._gone else frozenset()
        if len(tail) + len(lost) > _TAIL or not len(self._ids):
            return _Lexical.of(passages)
        return _Lexical(self._base, self._ids, tail, lost)

    def scores(self, plain: str) -> dict[int, float]:
        found: dict[int, float] = {}
        tail_ids = [id for id, _ in self._tail]
        for part, ids, gone in ((self._base, self._ids, self._gone), (self._tail_bm25, tail_ids, frozenset[int]())):
            if part is None or not len(ids):
                continue
            scores = part.scores(plain)
            for row in np.argsort(-scores, kind="stable")[: _WIDE + len(gone)].tolist():
                if scores[row] > 0 and ids[row] not in gone:
                    found[ids[row]] = float(scores[row])
        return found


def _rows(passage: Passage) -> list[tuple[int, str]]:
    """The wordings of a passage, each with a stable 63-bit number."""
    return [((passage.id ^ hash_text(text)) & _MASK, text) for text in passage.wordings]


def _asked_for(plain: str) -> str:
    """What a question is about, without the words that only make it a question; fees by the word of documents."""
    about = _QUESTION.sub(" ", plain)
    if _FEE.search(plain):
        about += " 费用 元"
    return about.strip() or plain


def _encode(passages: Sequence[Passage], encoder: Encoder) -> tuple[Ids, Vectors]:
    rows = sorted(row for passage in passages for row in _rows(passage))
    ids = np.array([id for id, _ in rows], dtype=np.int64)
    if not rows:
        return ids, np.zeros((0, encoder.dimension), dtype=np.float32)
    return ids, np.ascontiguousarray(encoder.encode([normalise(text) for _, text in rows]))
