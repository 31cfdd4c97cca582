"""How the likenesses of a FAQ's wordings weigh against each other, and how that is learned from real questions."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.understanding.tfidf import Floats

_STEPS: dict[str, tuple[float, ...]] = {
    "vector_share": (0.5, 0.6, 0.7, 0.8, 0.9),
    "top": (1, 2, 3),
    "mean": (0.0, 0.25, 0.5, 1.0),
    "answer": (0.0, 0.2, 0.4, 0.8),
    "answer_lexical": (0.0, 0.35, 0.7),
    "intent": (0.0, 0.2, 0.4, 0.8),
    "hub": (0.0, 0.25, 0.5, 0.75),
}
_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Fusion:
    """Weights of the first ranking. `vector_share` weighs a wording's vector against its words.

    An entry is as like as its `top` best wordings in the mean; `mean` is the likeness to all of its wordings, `answer`
    and `answer_lexical` to its answer, `intent` the agreement of intents.
    `hub` takes off what a wording is like all its neighbours (Conneau et al. 2018, "Word translation without parallel
    data", CSLS): one that is near everything says little by being near.
    `centred` measures vectors from the middle of all wordings, each encoder's part by itself (see Measure).
    """

    vector_share: float = 0.6
    mean: float = 0.5
    answer: float = 0.4
    answer_lexical: float = 0.7
    intent: float = 0.4
    hub: float = 0.0
    centred: bool = False
    top: int = 1

    def as_json(self) -> dict[str, float | bool]:
        """All fields by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class AskedLikeness:
    """Likenesses of real questions: queries x wordings (vector, lexical) and queries x entries (answers, intents)."""

    vector: Floats
    lexical: Floats
    answer: Floats
    answer_lexical: Floats
    owners: npt.NDArray[np.int64]
    wanted: npt.NDArray[np.int64]
    hubs: Floats | None = None
    """How like each wording is to its neighbours, queries x wordings."""
    hidden: npt.NDArray[np.bool_] | None = None
    """The wordings that do not exist for a question, queries x wordings: those that are the question itself."""
    agreement: Floats | None = None
    """How much each entry's intents are the question's, queries x entries; None where intents are unknown."""

    def rows(self, rows: npt.NDArray[np.int64]) -> AskedLikeness:
        """Return some of the questions."""
        return replace(
            self, vector=self.vector[rows], lexical=self.lexical[rows], answer=self.answer[rows],
            answer_lexical=self.answer_lexical[rows], wanted=self.wanted[rows],
            hubs=None if self.hubs is None else self.hubs[rows],
            hidden=None if self.hidden is None else self.hidden[rows],
            agreement=None if self.agreement is None else self.agreement[rows],
        )  # fmt: skip

    def scores(self, fusion: Fusion) -> Floats:
        """Return the score of every entry for each question, shape (questions, entries)."""
        vector = self.vector if not fusion.hub or self.hubs is None else self.vector - fusion.hub * self.hubs
        fused = fusion.vector_share * vector + (1 - fusion.vector_share) * self.lexical
        if self.hidden is not None:
            fused = np.where(self.hidden, -np.inf, fused)
        starts = np.flatnonzero(np.diff(self.owners, prepend=-1))
        whole = best_wordings(fused, starts, fusion.top) if len(starts) < fused.shape[1] else fused
        if fusion.mean:
            whole = whole + fusion.mean * self._means(starts)
        if fusion.answer:
            whole = whole + fusion.answer * self.answer
        if fusion.answer_lexical:
            whole = whole + fusion.answer_lexical * self.answer_lexical
        if fusion.intent and self.agreement is not None:
            whole = whole + fusion.intent * self.agreement
        return np.asarray(whole, dtype=np.float32)

    def _means(self, starts: npt.NDArray[np.int64]) -> Floats:
        """The mean likeness to the wordings of each entry that exist, 0 where none does."""
        counts = np.diff([*starts.tolist(), len(self.owners)])
        if self.hidden is None:
            return np.asarray(np.add.reduceat(self.vector, starts, axis=1) / counts, dtype=np.float32)
        sums = np.add.reduceat(np.where(self.hidden, 0.0, self.vector), starts, axis=1)
        there = counts - np.add.reduceat(self.hidden, starts, axis=1, dtype=np.int64)
        return np.asarray(sums / np.maximum(there, 1), dtype=np.float32)

    def reciprocal_rank(self, fusion: Fusion) -> float:
        """Return the mean over the questions of 1 / rank of the entry that is wanted."""
        whole = self.scores(fusion)
        score = whole[np.arange(len(whole)), self.wanted]
        return float(np.mean(1 / (1 + (whole > score[:, None]).sum(axis=1))))


def best_wordings(fused: Floats, starts: npt.NDArray[np.int64], top: int) -> Floats:
    """Return the mean of each entry's `top` best wordings, of shape (questions, entries).

    `fused` is of shape (questions, wordings), -inf for a wording that does not exist; an entry's begin at its start. Of
    an entry with fewer wordings all count; one without any gets -1.
    """
    counts = np.diff([*starts.tolist(), fused.shape[1]])
    total = np.zeros((len(fused), len(starts)), dtype=np.float32)
    found = np.zeros_like(total)
    most = np.maximum.reduceat(fused, starts, axis=1)
    for rank in range(1, top + 1):
        there = np.isfinite(most)
        total += np.where(there, most, 0.0)
        found += there
        if rank < top:
            fused = np.where(fused == np.repeat(most, counts, axis=1), -np.inf, fused)
            most = np.maximum.reduceat(fused, starts, axis=1)
    return np.asarray(np.where(found > 0, total / np.maximum(found, 1), -1.0), dtype=np.float32)


def choose_fusion(asked: AskedLikeness, start: Fusion, *, folds: int = 5) -> tuple[Fusion, float]:
    """Return the weights that rank real questions best, and the rank that they give questions not chosen on.

    Weights are climbed one by one. The second value is the mean over folds of what the others chose.
    """
    count = len(asked.wanted)
    fold = np.random.default_rng(0).permutation(count) % folds
    held = [
        asked.rows(np.flatnonzero(fold == one)).reciprocal_rank(_climb(asked.rows(np.flatnonzero(fold != one)), start))
        for one in range(folds)
    ]
    return _climb(asked, start), float(np.mean(held))


def _climb(asked: AskedLikeness, fusion: Fusion) -> Fusion:
    best = asked.reciprocal_rank(fusion)
    alone = len(np.unique(asked.owners)) == len(asked.owners)
    for _ in range(_ROUNDS):
        for name, values in _STEPS.items():
            if (name == "intent" and asked.agreement is None) or (name == "top" and alone):
                continue
            for value in values:
                tried = Fusion(**{**fusion.as_json(), name: value})  # type: ignore[arg-type]
                found = asked.reciprocal_rank(tried)
                if found > best:
                    best, fusion = found, tried
    return fusion
