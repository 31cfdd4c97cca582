"""Train the hybrid model: clean, encode, fit, judge out of fold, calibrate, and hand back an artefact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from bot.artefact import Artefact, Recipe
from bot.encoding.encoder import Encoder
from bot.training.example import TrainingExample, data_hash
from bot.training.fit_head import fit_with_guesses
from bot.training.fit_stack import HeldVerdicts, decline_threshold, fit_stack, judge_held
from bot.training.fit_tagger import fit_tagger
from bot.training.held_rows import HeldRows
from bot.training.out_of_fold import score_out_of_fold
from bot.training.prepare import Prepared, Progress, prepare
from bot.training.risk import RiskReport, pick_threshold
from bot.training.settings import TrainingSettings
from bot.training.unlabelled import our_messages, usable_messages
from bot.understanding.calibration import expected_calibration_error
from bot.understanding.entities.reader import EntityModel
from bot.understanding.entities.word_lists import WordLists
from bot.understanding.hybrid import KIND, SCHEMA_VERSION, Bands, HybridModel, KnownText
from bot.understanding.tfidf import Floats

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "faiss-cpu", "opencc", "rjieba")


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """What models that had not seen them say about training rows, in scope first; for reports and wrong labels.

    `predicted`, `confidence`, `in_scope` and `sureness` are as in Understanding, `right` says whether to answer would
    have been right.
    """

    texts: tuple[KnownText, ...]
    predicted: tuple[str, ...]
    confidence: Floats
    in_scope: Floats
    sureness: Floats
    right: npt.NDArray[np.bool_]
    inside: int

    @property
    def accuracy(self) -> float:
        """Share of in-scope rows that got their own intent."""
        return float(self.right[: self.inside].mean())

    @property
    def calibration_error(self) -> float:
        """Expected calibration error of `confidence` over the in-scope rows."""
        return expected_calibration_error(self.confidence[: self.inside], self.right[: self.inside])


@dataclass(frozen=True, slots=True)
class Trained:
    """An artefact, the model in it, how it did on rows it had not seen, and what its answers promise."""

    artefact: Artefact
    model: HybridModel
    out_of_fold: OutOfFold
    risk: RiskReport


@dataclass(frozen=True, slots=True)
class _Judged:
    """A fitted model without entities, and what was learned about it on rows that its heads had not seen."""

    model: HybridModel
    held: HeldRows
    verdicts: HeldVerdicts
    risk: RiskReport


def train(
    examples: Iterable[TrainingExample],
    encoder: Encoder,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    settings: TrainingSettings | None = None,
    entities: EntityModel | None = None,
    unlabelled: Iterable[str] = (),
) -> Trained:
    """Train on `examples` in any order; the same rows, settings, seed and libraries give the same bytes.

    `progress` is told (stage, done, all); `entities` are a pack's patterns, word lists and synonyms; `unlabelled` are
    messages as customers wrote them, which teach what the examples leave open and double the time. Raises ConfigError
    when there are fewer than two intents.
    """
    settings = settings or TrainingSettings()
    entities = entities or EntityModel()
    examples = list(examples)
    tell = progress or (lambda stage, done, total: None)
    with threadpool_limits(limits=1):  # more threads round differently
        data = prepare(examples, encoder, settings=settings, tell=tell)
        judged = _judge(data, seed=seed, settings=settings, tell=tell)
        messages = usable_messages(unlabelled, data, seed=seed, settings=settings)
        if messages:
            data = replace(data, guessed=our_messages(messages, judged.model, encoder))
            judged = _judge(data, seed=seed, settings=settings, tell=tell)
    entities = replace(entities, tagger=fit_tagger(examples, WordLists(entities.lookups), seed=seed))
    model = replace(judged.model, entities=entities)
    recipe = _recipe(data_hash(data.texts, examples, entities, messages), encoder, settings, seed)
    return Trained(model.artefact(recipe), model, _out_of_fold(data, judged), judged.risk)


def _judge(data: Prepared, *, seed: int, settings: TrainingSettings, tell: Progress) -> _Judged:
    """Score out of fold, pick scales and bands from that, and fit the heads on everything."""
    held = score_out_of_fold(data, seed=seed, settings=settings, tell=tell)
    stack = fit_stack(held)
    verdicts = judge_held(held, seed=seed)
    risk = pick_threshold(
        verdicts.sureness,
        verdicts.right,
        budget=settings.wrong_answers,
        delta=settings.delta,
        inside=verdicts.inside,
    )
    bands = Bands(answer=risk.threshold, decline=decline_threshold(verdicts, stack, held, settings))
    tell("head", 0, 1)
    head = fit_with_guesses(
        data.rows.join(data.names),
        data.guessed,
        intents=len(data.intents),
        few=data.few,
        seed=seed,
        settings=settings,
    )
    tell("head", 1, 1)
    return _Judged(
        HybridModel(data.intents, data.terms, head, stack, bands, data.texts, data.vectors), held, verdicts, risk
    )


def _out_of_fold(data: Prepared, judged: _Judged) -> OutOfFold:
    known, verdicts = data.known, judged.verdicts
    return OutOfFold(
        texts=(*(known[row] for row in judged.held.rows.tolist()), *data.texts[len(known) :]),
        predicted=tuple(data.intents[index] for index in verdicts.predicted.tolist()),
        confidence=verdicts.confidence,
        in_scope=verdicts.in_scope,
        sureness=verdicts.sureness,
        right=verdicts.right,
        inside=verdicts.inside,
    )


def _recipe(data_mark: str, encoder: Encoder, settings: TrainingSettings, seed: int) -> Recipe:
    return Recipe(
        kind=KIND,
        schema_version=SCHEMA_VERSION,
        encoder_id=encoder.id,
        data_hash=data_mark,
        settings={**settings.as_json(), "seed": seed},
        libraries={name: version(name) for name in _LIBRARIES},
    )
