"""Build a FAQ index, and learn from the FAQ itself how near is near enough."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from bot.artefact import Artefact, Json, Recipe
from bot.encoding.encoder import Encoder, parts_of
from bot.retrieval.faq import FaqEntry
from bot.retrieval.faq_index import (
    FEATURES,
    KIND,
    SCHEMA_VERSION,
    FaqIndex,
    FaqWordings,
    HitScore,
    IntentProfiles,
    Likeness,
    answers,
    wordings,
)
from bot.retrieval.fusion import Fusion
from bot.retrieval.turning import AskedFit, fit_asked
from bot.training.example import TrainingExample, data_hash
from bot.understanding.hybrid import KnownText
from bot.understanding.ngrams import words
from bot.understanding.normalise import normalise
from bot.understanding.tfidf import Floats
from bot.understanding.understanding import Understanding
from kefu.base.errors import ConfigError

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "faiss-cpu", "opencc", "rjieba")
_CANDIDATES = 3
# What each trial counts. Variants are written to differ from each other, so that one asked in the absence of itself is
# harder than a customer's question; a whole entry's absence is rarer than its presence.
_UNANSWERABLE = 0.3
_UNSEEN = 0.6
# A small FAQ says too little about itself; these weights come from larger ones.
_DEFAULT = HitScore(np.array([6.0, 3.0, 3.0, 0.0, 0.0, 0.0, 1.0, 4.0, -0.5], dtype=np.float32), -6.5, 0.5)
_ENOUGH = 40
_ENOUGH_ASKED, _MOST_ASKED = 200, 1_200


@dataclass(frozen=True, slots=True)
class FaqSettings:
    """`fusion` weighs the likenesses; `threshold` is the least confidence of what is shown."""

    fusion: Fusion = field(default_factory=Fusion)
    threshold: float = 0.5

    def as_json(self) -> dict[str, Json]:
        """All fields by name."""
        return {"fusion": {**self.fusion.as_json()}, "threshold": self.threshold}


@dataclass(frozen=True, slots=True)
class TrainedFaq:
    """An index, its artefact, and how often a wording that is not in it (`unseen` were tried) finds its entry first.

    `asked_rank`: mean reciprocal rank of real questions by weights chosen without them; None without such questions.
    """

    index: FaqIndex
    artefact: Artefact
    unseen: int
    first_right: float
    asked_rank: float | None = None


Reader = Callable[[Sequence[str]], Sequence[Understanding]]


def train_faq(
    entries: Iterable[FaqEntry],
    encoder: Encoder,
    *,
    foreign: Sequence[str] = (),
    read: Reader | None = None,
    asked: Sequence[tuple[str, str]] = (),
    settings: FaqSettings | None = None,
) -> TrainedFaq:
    """Build the index of `entries` in any order; `foreign` texts are examples of what no entry answers.

    `read` tells the intents of texts (`Understander.understand_many`): with it, a query's intent helps to find its
    entry. `asked` are real questions with their entries' ids: from 200 on the fusion's weights, and a turn of the
    vectors, are chosen on them.

    Each wording is asked with a word left out (its entry is right), with itself hidden (its entry is right, and hard
    to find), and with its whole entry hidden (every answer is wrong).
    Raises ConfigError for no entries, an empty question, or an id that occurs twice.
    """
    ordered = _checked(entries)
    texts, owners = wordings(ordered)
    parts = parts_of(encoder)
    settings = settings or _usual(parts, len(texts))
    with threadpool_limits(limits=1):
        plain = [normalise(text) for text in texts]
        vectors = np.ascontiguousarray(encoder.encode(plain))
        answer_vectors = np.ascontiguousarray(encoder.encode([normalise(text) for text in answers(ordered)]))
        readings = _Asked.read(plain, read)
        found = FaqWordings(
            ordered,
            vectors,
            answer_vectors,
            fusion=settings.fusion,
            profiles=readings.profiles(owners, len(ordered)),
            parts=parts,
        )
        asked_rank = None
        if len(asked) >= _ENOUGH_ASKED:
            fitted = _fitted(found, ordered, asked, encoder, settings)
            settings, asked_rank = replace(settings, fusion=fitted.fusion), fitted.rank
            found = FaqWordings(
                ordered, vectors, answer_vectors,
                fusion=fitted.fusion, profiles=found.profiles, parts=parts, turn=fitted.turn,
            )  # fmt: skip
        trial = _Trial(found, len(texts))
        shortened = [_shortened(text) for text in plain]
        short_vectors = encoder.encode(shortened)
        nothing = np.zeros(len(texts), dtype=bool)
        for row, owner in enumerate(owners.tolist()):
            ranked = readings.ranked(row)
            like = found.likeness(plain[row], vectors[row], ranked)
            trial.ask(found.likeness(shortened[row], short_vectors[row], ranked), owner, nothing, weight=1.0)
            trial.ask(like, None, owners == owner, weight=_UNANSWERABLE)
            if (owners == owner).sum() > 1:
                trial.ask_unseen(readings.without(row, owners, like), owner, row)
        strangers = sorted({normalise(text) for text in foreign})
        foreign_asked = _Asked.read(strangers, read)
        for row, vector in enumerate(encoder.encode(strangers)):
            trial.ask(found.likeness(strangers[row], vector, foreign_asked.ranked(row)), None, nothing, weight=1.0)
        score = trial.fit(settings)
    index = FaqIndex(found, score, vectors, answer_vectors)
    rows = [
        TrainingExample(text, ordered[owner].id, ordered[owner].place)
        for text, owner in zip(texts, owners.tolist(), strict=True)
    ]
    recipe = Recipe(
        kind=KIND,
        schema_version=SCHEMA_VERSION,
        encoder_id=encoder.id,
        data_hash=data_hash(
            [KnownText(r.text, r.intent, r.place) for r in rows]
            + [KnownText(entry.answer, entry.id, entry.place) for entry in ordered]
            + [KnownText(t, None, None) for t in strangers]
        ),
        settings=settings.as_json(),
        libraries={name: version(name) for name in _LIBRARIES},
    )
    first_right = trial.first_right / max(trial.unseen, 1)
    return TrainedFaq(index, index.artefact(recipe), trial.unseen, first_right, asked_rank)


def _usual(parts: Sequence[int], texts: int) -> FaqSettings:
    """Two encoders side by side are measured from their middles, unless too few wordings make a middle."""
    return FaqSettings(Fusion(centred=len(parts) > 1 and texts >= _ENOUGH))


def _fitted(
    found: FaqWordings,
    entries: Sequence[FaqEntry],
    asked: Sequence[tuple[str, str]],
    encoder: Encoder,
    settings: FaqSettings,
) -> AskedFit:
    """Weights and turn learned from some thousand of the real questions, and their rank on folds."""
    number = {entry.id: place for place, entry in enumerate(entries)}
    known = [(normalise(text), number[id]) for text, id in asked if id in number]
    drawn = random.Random(0).sample(known, min(len(known), _MOST_ASKED))
    texts = [text for text, _ in drawn]
    return fit_asked(found, texts, encoder.encode(texts), [place for _, place in drawn], settings.fusion)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What texts are read as: the likeliest intents of each with their probabilities; empty without a reader."""

    found: tuple[Mapping[str, float], ...]

    @classmethod
    def read(cls, texts: Sequence[str], read: Reader | None) -> _Asked:
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


class _Trial:
    """Questions put to the wordings, and whether each candidate that came back was right."""

    def __init__(self, found: FaqWordings, wordings_count: int) -> None:
        self._found = found
        self._count = wordings_count
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

    def fit(self, settings: FaqSettings) -> HitScore:
        if self._count < _ENOUGH:
            return HitScore(_DEFAULT.weights, _DEFAULT.bias, settings.threshold)
        features = np.concatenate(self._features).astype(np.float64)
        model = LogisticRegression(C=10.0, max_iter=500)
        model.fit(features, np.concatenate(self._right), sample_weight=np.concatenate(self._weights))
        weights = model.coef_[0].astype(np.float32)
        if len(weights) != len(FEATURES):
            raise AssertionError("the features of a hit and their names disagree")
        return HitScore(weights, round(float(model.intercept_[0]), 6), settings.threshold)


def _shortened(text: str) -> str:
    """Leave out the shortest word, the last of them: what customers leave out, roughly."""
    parts = words(text)
    if len(parts) < 3:
        return text
    drop = min(range(len(parts)), key=lambda place: (len(parts[place]), -place))
    kept = parts[:drop] + parts[drop + 1 :]
    return ("" if re.search("[\u3400-\u9fff]", text) else " ").join(kept)


def _checked(entries: Iterable[FaqEntry]) -> list[FaqEntry]:
    ordered = sorted(entries, key=lambda entry: entry.id)
    if not ordered:
        raise ConfigError("the FAQ has no entries")
    for entry, following in zip(ordered, [*ordered[1:], None], strict=True):
        if not entry.question.strip():
            raise ConfigError(f"{entry.place or 'FAQ'}: the entry {entry.id!r} has no question")
        if following is not None and following.id == entry.id:
            raise ConfigError(f"{following.place or 'FAQ'}: the id {entry.id!r} is used twice")
    return ordered
