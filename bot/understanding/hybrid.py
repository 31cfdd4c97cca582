"""The hybrid model: sparse terms and a sentence vector, two linear heads, neighbours, and a score for out of scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import numpy as np

from bot.artefact import Artefact, Json, Recipe, load_artefact
from bot.encoding.encoder import Encoder, Vectors
from bot.understanding.answer_score import AnswerScore
from bot.understanding.calibration import Calibration
from bot.understanding.entities.reader import EntityModel, EntityReader
from bot.understanding.head import LinearHead, Scores
from bot.understanding.neighbours import Near, Neighbours
from bot.understanding.normalise import normalise
from bot.understanding.out_of_scope import K as NEIGHBOURS
from bot.understanding.out_of_scope import ScopeScore
from bot.understanding.signals import Signals
from bot.understanding.stack import Stack, Verdicts
from bot.understanding.terms import Terms
from bot.understanding.understanding import Decision, Neighbour, RankedIntent, Understanding

KIND = "understanding.hybrid"
SCHEMA_VERSION = 2
_ALTERNATIVES = 4


@dataclass(frozen=True, slots=True)
class KnownText:
    """A training sentence as normalised, its intent (None = out of scope), and where it is written."""

    text: str
    intent: str | None
    place: str | None


@dataclass(frozen=True, slots=True)
class Bands:
    """Who is at least as sure as `answer` is answered; of the others, who is below `decline` in scope is declined."""

    answer: float
    decline: float

    def decide(self, *, in_scope: float, sureness: float) -> Decision:
        """Return what to do with a text that was judged so."""
        if sureness >= self.answer:
            return "answer"
        return "decline" if in_scope < self.decline else "clarify"


@dataclass(frozen=True, slots=True)
class HybridModel:
    """Everything that serving needs; `vectors` belong to the in-scope texts first, then to the others, in order."""

    intents: tuple[str, ...]
    terms: Terms
    head: LinearHead
    stack: Stack
    bands: Bands
    texts: tuple[KnownText, ...]
    vectors: Vectors
    entities: EntityModel = field(default_factory=EntityModel)

    def artefact(self, recipe: Recipe) -> Artefact:
        """Return the model as arrays and JSON."""
        arrays = {
            **self.terms.arrays(),
            "term_weights": self.head.term_weights,
            "vector_weights": self.head.vector_weights,
            "bias": self.head.bias,
            "scope_weights": self.stack.scope.weights,
            "answer_weights": self.stack.answer.weights,
            "vectors": self.vectors,
            **self.entities.arrays(),
        }
        number = {intent: index for index, intent in enumerate(self.intents)}
        texts: list[Json] = [
            [known.text, None if known.intent is None else number[known.intent], known.place] for known in self.texts
        ]
        model: dict[str, Json] = {
            "intents": list(self.intents),
            "calibration": dict(self.stack.calibration.as_json()),
            "scope_bias": self.stack.scope.bias,
            "answer_bias": self.stack.answer.bias,
            "bands": {"answer": self.bands.answer, "decline": self.bands.decline},
        }
        documents: dict[str, Json] = {
            "model": model,
            "terms": self.terms.document(),
            "texts": texts,
            "entities": self.entities.document(),
        }
        return Artefact(recipe=recipe, arrays=arrays, documents=documents)

    @classmethod
    def restore(cls, artefact: Artefact) -> HybridModel:
        """Rebuild from what `artefact` returned."""
        arrays = artefact.arrays
        model = cast(dict[str, Any], artefact.documents["model"])
        intents = tuple(model["intents"])
        texts = tuple(
            KnownText(text=text, intent=None if index is None else intents[index], place=place)
            for text, index, place in cast(list[Any], artefact.documents["texts"])
        )
        return cls(
            intents=intents,
            terms=Terms.restore(arrays, cast(dict[str, list[str]], artefact.documents["terms"])),
            head=LinearHead(arrays["term_weights"], arrays["vector_weights"], arrays["bias"]),
            stack=Stack(
                Calibration(**model["calibration"]),
                ScopeScore(arrays["scope_weights"], model["scope_bias"]),
                AnswerScore(arrays["answer_weights"], model["answer_bias"]),
            ),
            bands=Bands(**model["bands"]),
            texts=texts,
            vectors=arrays["vectors"],
            entities=EntityModel.restore(arrays, cast(dict[str, Any], artefact.documents["entities"])),
        )


class Understander:
    """Reads messages with a model; without state between messages, safe to share between threads."""

    def __init__(self, model: HybridModel, encoder: Encoder) -> None:
        self._model = model
        self._encoder = encoder
        self._known = [known for known in model.texts if known.intent is not None]
        self._near = Neighbours(model.vectors[: len(self._known)])
        self._foreign = Neighbours(model.vectors[len(self._known) :])
        number = {intent: index for index, intent in enumerate(model.intents)}
        # One more entry, -1: the label of "no neighbour" (row -1).
        self._entities = EntityReader(model.entities)
        self._labels = np.array([*(number[known.intent or ""] for known in self._known), -1], dtype=np.int64)

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> Understander:
        """Load an artefact; ConfigError when it is of another version or encoder, or was tampered with."""
        artefact = load_artefact(folder, kind=KIND, schema_version=SCHEMA_VERSION, encoder_id=encoder.id)
        return cls(HybridModel.restore(artefact), encoder)

    @property
    def model(self) -> HybridModel:
        """What it reads with."""
        return self._model

    @property
    def intents(self) -> tuple[str, ...]:
        """All intents, sorted."""
        return self._model.intents

    @property
    def bands(self) -> Bands:
        """Where the model answers and where it declines."""
        return self._model.bands

    def understand(self, text: str, *, now: datetime | None = None) -> Understanding:
        """Read one message (encodes it here: some milliseconds of CPU); `now` (aware) is what 明天 counts from."""
        plain = normalise(text)
        return self.understand_vector(plain, self._encoder.encode([plain])[0], written=text, now=now)

    def understand_vector(
        self, plain: str, vector: Vectors, *, written: str | None = None, now: datetime | None = None
    ) -> Understanding:
        """Read one message that is normalised and encoded; entities are places in `written`, else in `plain`."""
        row = self._model.terms.row(plain)
        found = self._judge(self._model.head.score(row, vector), vector[None, :])[0]
        entities = self._entities.read(plain if written is None else written, now=now)
        return replace(_heard(found, plain), entities=entities)

    def understand_many(self, texts: Sequence[str], *, now: datetime | None = None) -> list[Understanding]:
        """Read many messages at once, in their order."""
        if not texts:
            return []
        plain = [normalise(text) for text in texts]
        vectors = self._encoder.encode(plain)
        found = self._judge(self._model.head.scores(self._model.terms.matrix(plain), vectors), vectors)
        return [
            replace(_heard(one, words), entities=self._entities.read(text, now=now))
            for one, words, text in zip(found, plain, texts, strict=True)
        ]

    def _judge(self, scores: Scores, vectors: Vectors) -> list[Understanding]:
        near = self._near.search(vectors, k=NEIGHBOURS)
        foreign = self._foreign.search(vectors, k=1)
        likeness = np.maximum(foreign.similarities[:, 0], 0)
        signals = Signals(scores, near.similarities, self._labels[near.rows], likeness)
        verdicts = self._model.stack.judge(signals)
        return [self._describe(verdicts, near, foreign, row) for row in range(len(vectors))]

    def _describe(self, verdicts: Verdicts, near: Near, foreign: Near, row: int) -> Understanding:
        probabilities = verdicts.probabilities[row]
        order = np.argsort(-probabilities, kind="stable")[: _ALTERNATIVES + 1]
        ranked = [RankedIntent(self._model.intents[i], float(probabilities[i])) for i in order.tolist()]
        neighbours = self._evidence(near, row, first=0) + self._evidence(foreign, row, first=len(self._known))
        in_scope, sureness = float(verdicts.in_scope[row]), float(verdicts.sureness[row])
        return Understanding(
            intent=ranked[0].intent,
            confidence=ranked[0].confidence,
            in_scope=in_scope,
            sureness=sureness,
            decision=self._model.bands.decide(in_scope=in_scope, sureness=sureness),
            alternatives=tuple(ranked[1:]),
            neighbours=tuple(sorted(neighbours, key=lambda neighbour: -neighbour.similarity)),
        )

    def _evidence(self, near: Near, row: int, *, first: int) -> list[Neighbour]:
        found: list[Neighbour] = []
        for index, similarity in zip(near.rows[row].tolist(), near.similarities[row].tolist(), strict=True):
            if index >= 0:
                known = self._model.texts[first + index]
                found.append(Neighbour(known.text, known.intent, similarity, known.place))
        return found


def _heard(found: Understanding, plain: str) -> Understanding:
    """Return what was read; of no words at all nothing can be: whatever the model makes of them is declined."""
    words = any(sign.isprintable() and not sign.isspace() for sign in plain)
    return found if words else replace(found, in_scope=0.0, sureness=0.0, decision="decline")
