"""After one edited line: a new model within seconds, from the last one, to be tried while the full training runs.

A one-versus-rest SVM depends only on the rows at or beyond its margin, so an edited row concerns its
own intent and those that it comes near to: only their columns are fitted again. The regression goes on from where it
was. Vocabulary, calibration, bands and tagger stay the last model's and are pending: such a model is never published.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from bot.encoding.encoder import Encoder
from bot.training.example import TrainingExample
from bot.training.fit_head import dimension_scale
from bot.training.prepare import Prepared, prepare
from bot.training.settings import TrainingSettings
from bot.understanding.head import LinearHead, Scores
from bot.understanding.hybrid import HybridModel

# With more edits than this the full training is the better answer.
_MOST_EDITS = 50
_MOST_COLUMNS = 12
# Of two intents the libraries keep one column: such a model is trained in a moment anyhow.
_FEWEST_INTENTS = 3
# Nearer than this to the wrong side of a margin a row pulls at its column.
_CONCERNS = -0.7


@dataclass(frozen=True, slots=True)
class WarmModel:
    """A model to try, not to publish: `pending` names what is still the last model's."""

    model: HybridModel
    edits: int
    refitted: tuple[str, ...]
    pending: tuple[str, ...] = ("terms", "calibration", "scope", "bands", "entities", "report")


def warm_start(
    last: HybridModel,
    examples: Iterable[TrainingExample],
    encoder: Encoder,
    *,
    seed: int = 0,
    settings: TrainingSettings | None = None,
) -> WarmModel | None:
    """Return the last model brought up to `examples`, or None when only a full training will do.

    That is so when an intent came or went, examples are few, or too much was edited.
    """
    settings = settings or TrainingSettings()
    with threadpool_limits(limits=1):
        data = prepare(examples, encoder, settings=settings, tell=lambda stage, done, total: None, terms=last.terms)
        if data.intents != last.intents or data.few or len(data.intents) < _FEWEST_INTENTS:
            return None
        edited = _edited(last, data)
        columns = _concerned(last, data, edited, encoder)
        if len(edited) > _MOST_EDITS or len(columns) > _MOST_COLUMNS:
            return None
        head = _refit(last.head, data, columns, seed=seed, settings=settings) if edited else last.head
    model = replace(last, head=head, texts=data.texts, vectors=data.vectors)
    return WarmModel(model, len(edited), tuple(data.intents[column] for column in columns))


def _edited(last: HybridModel, data: Prepared) -> list[tuple[str, str]]:
    """Return (text, intent) of in-scope rows that are new or gone."""
    before = {(one.text, one.intent) for one in last.texts if one.intent is not None}
    after = {(one.text, one.intent) for one in data.known}
    return sorted((text, intent or "") for text, intent in before ^ after)


def _concerned(last: HybridModel, data: Prepared, edited: list[tuple[str, str]], encoder: Encoder) -> list[int]:
    if not edited or len(edited) > _MOST_EDITS:
        return []
    texts = [text for text, _ in edited]
    scores: Scores = last.head.scores(data.terms.matrix(texts), encoder.encode(texts))
    columns = {data.intents.index(intent) for _, intent in edited if intent in data.intents}
    near = np.flatnonzero((scores.margins > _CONCERNS).any(axis=0)).tolist()
    return sorted(columns | set(near))


def _refit(
    head: LinearHead, data: Prepared, columns: list[int], *, seed: int, settings: TrainingSettings
) -> LinearHead:
    vectors = data.rows.vectors
    mean = vectors.mean(axis=0, dtype=np.float64)
    spread = vectors.std(axis=0, dtype=np.float64) + 1e-6
    standard = ((vectors - mean) / spread).astype(np.float64)
    scale = dimension_scale(settings, dimensions=standard.shape[1], few=False)
    mixed = sparse.hstack([data.rows.terms, sparse.csr_matrix(standard * scale)], format="csr")
    term_weights, vector_weights, bias = head.term_weights.copy(), head.vector_weights.copy(), head.bias.copy()
    terms = term_weights.shape[0]
    for column in columns:
        model = LinearSVC(C=settings.svm_c, tol=1e-2, random_state=seed).fit(mixed, data.rows.labels == column)
        weights = model.coef_[0]
        term_weights[:, column] = weights[:terms]
        vector_weights[:, column] = weights[terms:] * scale / spread
        bias[column] = model.intercept_[0] - mean @ vector_weights[:, column]
    second = _go_on(head, data, standard, mean, spread, settings)
    intents = head.intents
    vector_weights[:, intents:] = second.coef_.T / spread[:, None]
    bias[intents:] = second.intercept_ - mean @ vector_weights[:, intents:]
    return LinearHead(term_weights, vector_weights, bias)


def _go_on(
    head: LinearHead,
    data: Prepared,
    standard: npt.NDArray[np.float64],
    mean: npt.NDArray[np.float64],
    spread: npt.NDArray[np.float64],
    settings: TrainingSettings,
) -> LogisticRegression:
    """Fit the regression from the last weights on."""
    weights = head.vector_weights[:, head.intents :].astype(np.float64)
    model = LogisticRegression(C=settings.regression_c, max_iter=200, tol=1e-3, warm_start=True)
    model.classes_ = np.arange(head.intents)
    model.coef_ = (weights * spread[:, None]).T
    model.intercept_ = head.bias[head.intents :].astype(np.float64) + mean @ weights
    return model.fit(standard, data.rows.labels)
