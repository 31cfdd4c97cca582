"""Build a FAQ index, and learn from the FAQ itself how near is near enough."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version

import numpy as np
from threadpoolctl import threadpool_limits

from bot.artefact import Artefact, Json, Recipe
from bot.encoding.encoder import Encoder, parts_of
from bot.retrieval.faq import FaqEntry
from bot.retrieval.faq_index import KIND, SCHEMA_VERSION, FaqIndex
from bot.retrieval.faq_wordings import FaqWordings, answers, wordings
from bot.retrieval.fusion import Fusion
from bot.retrieval.turning import AskedFit, Questions, fit_asked
from bot.training.example import data_hash
from bot.training.faq_trial import ENOUGH, UNANSWERABLE, Reader, Readings, Trial, shortened
from bot.understanding.hybrid import KnownText
from bot.understanding.normalise import normalise
from kefu.base.errors import ConfigError

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "faiss-cpu", "opencc", "rjieba")
ENOUGH_ASKED, _MOST_ASKED = 200, 1_200


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

    `asked` is what real questions taught; None where there were too few.
    """

    index: FaqIndex
    artefact: Artefact
    unseen: int
    first_right: float
    asked: AskedFit | None = None


def train_faq(
    entries: Iterable[FaqEntry],
    encoder: Encoder,
    *,
    foreign: Sequence[str] = (),
    read: Reader | None = None,
    asked: Iterable[tuple[str, str]] = (),
    settings: FaqSettings | None = None,
) -> TrainedFaq:
    """Build the index of `entries` in any order; `foreign` texts are examples of what no entry answers.

    `read` tells the intents of texts (`Understander.understand_many`): with it, a query's intent helps to find its
    entry. `asked` are real questions with their entries' ids, which may be wordings too: from 200 on the fusion's
    weights, and a turn of the vectors, are chosen on them.
    Raises ConfigError for no entries, an empty question, or an id that occurs twice.
    """
    ordered = _checked(entries)
    real = sorted({(normalise(text), id) for text, id in asked})
    strangers = sorted({normalise(text) for text in foreign})
    with threadpool_limits(limits=1):
        asking = _Asking(ordered, encoder, read, settings)
        fit = asking.learn_from(real)
        trial = asking.put_wordings()
        asking.put_strangers(strangers, trial)
        score = trial.fit(asking.settings.threshold)
    index = FaqIndex(asking.found, score, asking.vectors, asking.answer_vectors)
    recipe = _recipe(ordered, strangers, real, encoder, asking.settings)
    return TrainedFaq(index, index.artefact(recipe), trial.unseen, trial.first_right / max(trial.unseen, 1), fit)


class _Asking:
    """The wordings of a FAQ, and all questions that are put to them while it is trained."""

    def __init__(
        self, entries: Sequence[FaqEntry], encoder: Encoder, read: Reader | None, settings: FaqSettings | None
    ) -> None:
        texts, self._owners = wordings(entries)
        parts = parts_of(encoder)
        self.settings = settings or _usual(parts, len(texts))
        self._encoder, self._read = encoder, read
        self._plain = [normalise(text) for text in texts]
        self.vectors = np.ascontiguousarray(encoder.encode(self._plain))
        self.answer_vectors = np.ascontiguousarray(encoder.encode([normalise(text) for text in answers(entries)]))
        self._readings = Readings.read(self._plain, read)
        self.found = FaqWordings(
            entries, self.vectors, self.answer_vectors, fusion=self.settings.fusion,
            profiles=self._readings.profiles(self._owners, len(entries)), parts=parts,
        )  # fmt: skip

    def learn_from(self, real: Sequence[tuple[str, str]]) -> AskedFit | None:
        """Choose weights and turn on some thousand of the real questions, and search by them; None from too few."""
        number = {entry.id: place for place, entry in enumerate(self.found.entries)}
        known = [(text, number[id]) for text, id in real if id in number]
        if len(known) < ENOUGH_ASKED:
            return None
        drawn = random.Random(0).sample(known, min(len(known), _MOST_ASKED))
        texts = [text for text, _ in drawn]
        readings = Readings.read(texts, self._read)
        questions = Questions(texts, self._encoder.encode(texts), [place for _, place in drawn], readings.found)
        fit = fit_asked(self.found, questions, self.settings.fusion)
        self.settings = replace(self.settings, fusion=fit.fusion)
        self.found = FaqWordings(
            self.found.entries, self.vectors, self.answer_vectors, fusion=fit.fusion,
            profiles=self.found.profiles, parts=self.found.parts, turn=fit.turn,
        )  # fmt: skip
        return fit

    def put_wordings(self) -> Trial:
        """Put each wording with a word left out (its entry is right), with itself hidden (its entry is right, and hard
        to find), and with its whole entry hidden (every answer is wrong).
        """
        trial = Trial(self.found)
        shorter = [shortened(text) for text in self._plain]
        short_vectors = self._encoder.encode(shorter)
        nothing = np.zeros(len(self._plain), dtype=bool)
        for row, owner in enumerate(self._owners.tolist()):
            ranked = self._readings.ranked(row)
            like = self.found.likeness(self._plain[row], self.vectors[row], ranked)
            trial.ask(self.found.likeness(shorter[row], short_vectors[row], ranked), owner, nothing, weight=1.0)
            trial.ask(like, None, self._owners == owner, weight=UNANSWERABLE)
            if (self._owners == owner).sum() > 1:
                trial.ask_unseen(self._readings.without(row, self._owners, like), owner, row)
        return trial

    def put_strangers(self, texts: Sequence[str], trial: Trial) -> None:
        """Put texts that no entry answers."""
        readings = Readings.read(texts, self._read)
        nothing = np.zeros(len(self._plain), dtype=bool)
        for row, vector in enumerate(self._encoder.encode(texts)):
            trial.ask(self.found.likeness(texts[row], vector, readings.ranked(row)), None, nothing, weight=1.0)


def _usual(parts: Sequence[int], texts: int) -> FaqSettings:
    """Two encoders side by side are measured from their middles, unless too few wordings make a middle."""
    return FaqSettings(Fusion(centred=len(parts) > 1 and texts >= ENOUGH))


def _recipe(
    entries: Sequence[FaqEntry],
    strangers: Sequence[str],
    real: Sequence[tuple[str, str]],
    encoder: Encoder,
    settings: FaqSettings,
) -> Recipe:
    told = [KnownText(text, entry.id, entry.place) for entry in entries for text in (entry.question, *entry.variants)]
    told += [KnownText(entry.answer, entry.id, entry.place) for entry in entries]
    told += [KnownText(text, None, None) for text in strangers]
    told += [KnownText(text, id, "asked") for text, id in real]
    return Recipe(
        kind=KIND,
        schema_version=SCHEMA_VERSION,
        encoder_id=encoder.id,
        data_hash=data_hash(told),
        settings=settings.as_json(),
        libraries={name: version(name) for name in _LIBRARIES},
    )


def _checked(entries: Iterable[FaqEntry]) -> list[FaqEntry]:
    ordered = sorted(entries, key=lambda entry: entry.id)
    if not ordered:
        raise ConfigError("常见问题是空的 · the FAQ has no entries")
    for entry, following in zip(ordered, [*ordered[1:], None], strict=True):
        if not entry.question.strip():
            raise ConfigError(f"{entry.place or 'FAQ'}: {entry.id!r} 没有写问题 · the entry has no question")
        if following is not None and following.id == entry.id:
            raise ConfigError(f"{following.place or 'FAQ'}: 编号 {entry.id!r} 出现两次 · the id is used twice")
    return ordered
