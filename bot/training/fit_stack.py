"""Fit the small models over the heads, and judge every held row by a stack that has not seen it either."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from bot.training.fit_calibration import fit_calibration
from bot.training.folds import stratified_folds
from bot.training.held_rows import HeldRows
from bot.training.settings import TrainingSettings
from bot.understanding.answer_score import FEATURES as ANSWER_FEATURES
from bot.understanding.answer_score import AnswerScore, answer_features
from bot.understanding.out_of_scope import ScopeScore, scope_features
from bot.understanding.signals import Signals, join_signals
from bot.understanding.stack import Stack
from bot.understanding.tfidf import Floats

# With fewer given examples than this, held-out intents stand in for out-of-scope texts.
ENOUGH_FOREIGN = 20
_FOLDS = 5
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HeldVerdicts:
    """What an unseen stack says about n in-scope rows, then about the m given foreign ones."""

    predicted: npt.NDArray[np.int64]
    confidence: Floats
    in_scope: Floats
    sureness: Floats
    right: npt.NDArray[np.bool_]
    """Whether answering would have been right; False for every foreign row."""
    inside: int
    """How many of the rows are in scope; they come first."""


def fit_stack(held: HeldRows) -> Stack:
    """Fit calibration, scope and answer score on all held rows."""
    return _fit(held, np.arange(len(held.labels)), np.arange(len(held.foreign)))


def judge_held(held: HeldRows, *, seed: int) -> HeldVerdicts:
    """Judge each held row by a stack fitted on the others (5 folds), so that no verdict has seen its label."""
    fold = stratified_folds(held.labels, folds=_FOLDS, seed=seed)
    foreign_fold = np.arange(len(held.foreign)) % _FOLDS
    size = len(held.labels) + len(held.foreign)
    predicted = np.zeros(size, np.int64)
    values = np.zeros((3, size), np.float32)
    for index in range(_FOLDS):
        inside, outside = np.flatnonzero(fold == index), np.flatnonzero(foreign_fold == index)
        places = np.concatenate([inside, outside + len(held.labels)])
        if not len(places):
            continue
        stack = _fit(held, np.flatnonzero(fold != index), np.flatnonzero(foreign_fold != index))
        found = stack.judge(join_signals([held.inside.pick(inside), held.foreign.pick(outside)]))
        predicted[places] = found.probabilities.argmax(axis=1)
        values[:, places] = found.probabilities.max(axis=1), found.in_scope, found.sureness
    right = np.concatenate([predicted[: len(held.labels)] == held.labels, np.zeros(len(held.foreign), bool)])
    return HeldVerdicts(predicted, values[0], values[1], values[2], right, len(held.labels))


def decline_threshold(verdicts: HeldVerdicts, stack: Stack, held: HeldRows, settings: TrainingSettings) -> float:
    """Return the `in_scope` below which a text is declined.

    It catches `foreign_recall` of the foreign rows, unless that would decline more than `most_declined` of the others.
    """
    foreign = verdicts.in_scope[verdicts.inside :]
    if len(foreign) < ENOUGH_FOREIGN:
        foreign = stack.judge(held.stand_ins).in_scope
    wanted = float(np.quantile(foreign, settings.foreign_recall, method="higher"))
    bearable = float(np.quantile(verdicts.in_scope[: verdicts.inside], settings.most_declined, method="lower"))
    return round(float(np.nextafter(min(wanted, bearable), 1)), 6)


def _fit(held: HeldRows, inside: Rows, outside: Rows) -> Stack:
    ours, theirs = held.inside.pick(inside), held.foreign.pick(outside)
    labels = held.labels[inside]
    calibration = fit_calibration(ours.scores, labels)
    own = calibration.probabilities(ours.scores)
    strangers = theirs if len(theirs) >= ENOUGH_FOREIGN else held.stand_ins.pick(inside)
    scope = _fit_scope(
        scope_features(ours, own), scope_features(strangers, calibration.probabilities(strangers.scores))
    )
    everything: Signals = join_signals([ours, theirs])
    probabilities = calibration.probabilities(everything.scores)
    in_scope = scope.score(scope_features(everything, probabilities))
    right = np.concatenate([own.argmax(axis=1) == labels, np.zeros(len(theirs), bool)])
    return Stack(calibration, scope, _fit_answer(answer_features(everything, probabilities, in_scope), right))


def _fit_scope(inside: Floats, foreign: Floats) -> ScopeScore:
    """Fit with both sides weighing the same."""
    features = np.concatenate([inside, foreign]).astype(np.float64)
    target = np.concatenate([np.ones(len(inside)), np.zeros(len(foreign))])
    weights, bias = _logistic(features, target, balanced=True)
    return ScopeScore(weights=weights, bias=bias)


def _fit_answer(features: Floats, right: npt.NDArray[np.bool_]) -> AnswerScore:
    if right.all() or not right.any():  # nothing to learn from: the best intent's probability it is
        weights = np.zeros(len(ANSWER_FEATURES), np.float32)
        weights[0] = 1
        return AnswerScore(weights=weights, bias=0.0)
    weights, bias = _logistic(features.astype(np.float64), right.astype(np.float64), balanced=False)
    return AnswerScore(weights=weights, bias=bias)


def _logistic(
    features: npt.NDArray[np.float64], target: npt.NDArray[np.float64], *, balanced: bool
) -> tuple[Floats, float]:
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    model = LogisticRegression(C=1.0, class_weight="balanced" if balanced else None, max_iter=500)
    model.fit((features - mean) / spread, target)
    weights = model.coef_[0] / spread
    return weights.astype(np.float32), round(float(model.intercept_[0] - mean @ weights), 6)
