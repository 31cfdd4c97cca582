"""Score training rows by heads that had not seen them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bot.training.fit_head import fit_with_guesses
from bot.training.folds import stratified_folds
from bot.training.held_rows import HeldRows, hold_rows
from bot.training.prepare import Prepared, Progress
from bot.training.settings import TrainingSettings
from bot.understanding.head import Scores
from kefu.base.errors import ConfigError


def score_out_of_fold(data: Prepared, *, seed: int, settings: TrainingSettings, tell: Progress) -> HeldRows:
    """Hold the rows out fold by fold until `oof_rows` are scored; foreign ones are scored by every fold's head.

    Raises ConfigError when no fold leaves two intents to learn.
    """
    rows, foreign = data.rows, data.foreign
    fold = stratified_folds(rows.labels, folds=settings.folds, seed=seed)
    places: list[npt.NDArray[np.int64]] = []
    scores: list[Scores] = []
    strangers: list[Scores] = []
    for index in range(settings.folds):
        if sum(map(len, places)) >= settings.oof_rows:
            break
        tell("folds", index, settings.folds)
        kept, held = np.flatnonzero(fold != index), np.flatnonzero((fold == index) & data.unseen)
        if not len(held) or len(np.unique(rows.labels[kept])) < 2:
            continue
        seen = rows.pick(kept).join(data.names)
        head = fit_with_guesses(
            seen, data.guessed, intents=len(data.intents), few=data.few, seed=seed, settings=settings
        )
        places.append(held)
        scores.append(head.scores(rows.terms[held], rows.vectors[held]))
        strangers.append(head.scores(foreign.terms, foreign.vectors))
    if not places:
        raise ConfigError(
            "要至少两个意图各有两条例句，才能用没学过的句子评判；请给每个意图补几条"
            " · training needs at least two examples of two intents, to judge the model on unseen rows"
        )
    tell("folds", settings.folds, settings.folds)
    return hold_rows(
        rows=np.concatenate(places),
        scores=Scores(
            np.concatenate([part.margins for part in scores]), np.concatenate([part.logits for part in scores])
        ),
        labels=rows.labels,
        vectors=rows.vectors,
        foreign_scores=Scores(
            np.mean([part.margins for part in strangers], axis=0), np.mean([part.logits for part in strangers], axis=0)
        ),
        foreign_vectors=foreign.vectors,
    )
