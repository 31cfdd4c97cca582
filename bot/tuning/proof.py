"""Is a tuned encoder better? Heads of both judge rows that neither they nor the tuning had seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from bot.encoding.encoder import Encoder
from bot.training.example import TrainingExample
from bot.training.fit_calibration import fit_calibration
from bot.training.fit_head import fit_head
from bot.training.folds import stratified_folds
from bot.training.prepare import prepare
from bot.training.settings import TrainingSettings
from bot.understanding.hybrid import KnownText

_PARTS = 5


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to learn from, to watch while learning, and to prove the gain on; each a list of row numbers."""

    learn: tuple[int, ...]
    watch: tuple[int, ...]
    held: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """Of `rows` held-out rows `before` were right with the untuned encoder and `after` with the tuned one.

    `gained` became right and `lost` became wrong; `chance` is how likely so many gains are if both are equally good.
    """

    rows: int
    before: int
    after: int
    gained: int
    lost: int
    chance: float


def split_rows(texts: Sequence[KnownText], *, seed: int) -> Split:
    """Keep a fifth to prove and a fifth to watch, spread over the intents; an intent of two rows is all learned."""
    names = sorted({text.intent or "" for text in texts})
    number = {name: place for place, name in enumerate(names)}
    labels = np.array([number[text.intent or ""] for text in texts], dtype=np.int64)
    fold = stratified_folds(labels, folds=_PARTS, seed=seed)
    rare = np.bincount(labels, minlength=len(names))[labels] < 3
    chosen = (rare | (fold > 1), ~rare & (fold == 1), ~rare & (fold == 0))
    return Split(*[tuple(np.flatnonzero(part).tolist()) for part in chosen])


def prove(before: npt.NDArray[np.bool_], after: npt.NDArray[np.bool_]) -> Proof:
    """Compare row by row: McNemar's exact test, one-sided (McNemar 1947)."""
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    chance = float(binom.sf(gained - 1, gained + lost, 0.5)) if gained + lost else 1.0
    return Proof(len(before), int(before.sum()), int(after.sum()), gained, lost, round(chance, 6))


def judge_with(encoder: Encoder, learned: Sequence[KnownText], held: Sequence[KnownText]) -> npt.NDArray[np.bool_]:
    """Return for each held row whether a head over this encoder, fitted on `learned`, finds its intent."""
    settings = TrainingSettings()
    examples = [TrainingExample(text.text, text.intent, text.place) for text in learned]
    data = prepare(examples, encoder, settings=settings, tell=lambda stage, done, total: None)
    head = fit_head(data.rows.join(data.names), intents=len(data.intents), few=data.few, seed=0, settings=settings)
    texts = [text.text for text in held]
    # Scales of the two heads from the rows learned: both encoders get the same treatment.
    own = head.scores(data.rows.terms, data.rows.vectors)
    calibration = fit_calibration(own, data.rows.labels)
    found = calibration.probabilities(head.scores(data.terms.matrix(texts), encoder.encode(texts))).argmax(axis=1)
    return np.array(
        [data.intents[place] == text.intent for place, text in zip(found.tolist(), held, strict=True)], dtype=bool
    )
