"""What a training found, for people and for the next training to compare with: every figure from unseen rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bot.artefact import Json
from bot.training.interval import wilson
from bot.training.risk import least_rows
from bot.training.train import Trained

_WORST, _CONFUSED = 8, 10
# A change of an intent's accuracy below this is noise of the folds.
_NOTABLE = 0.05


@dataclass(frozen=True, slots=True)
class IntentScore:
    """How one intent did: right of total, the 95 % interval, and what it was most often taken for."""

    intent: str
    right: int
    total: int
    low: float
    high: float
    rival: str | None

    @property
    def accuracy(self) -> float:
        """Share of right rows."""
        return self.right / self.total


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows of `intent` that were taken for `rival`, with the surest of them as an example and its place."""

    intent: str
    rival: str
    count: int
    text: str
    place: str | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What the budget of wrong answers came to; `short` says how many rows are missing when too few to prove it."""

    budget: float
    delta: float
    proven: bool
    bound: float
    answered: float
    answered_inside: float
    wrong: float
    short: int


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """`intents` are all of them, worst first; `foreign_declined` is the share of out-of-scope rows not answered."""

    version: str
    rows: int
    accuracy: float
    low: float
    high: float
    calibration_error: float
    intents: tuple[IntentScore, ...]
    confusions: tuple[Confusion, ...]
    foreign_rows: int
    foreign_declined: float
    promise: Promise

    @property
    def worst(self) -> tuple[IntentScore, ...]:
        """The intents that need a trainer most."""
        return tuple(one for one in self.intents[:_WORST] if one.right < one.total)

    def as_json(self) -> dict[str, Json]:
        """All of it; `report_of_json` reads it back."""
        return dict(asdict(self))


@dataclass(frozen=True, slots=True)
class ReportChange:
    """What is different from an earlier report: shares as new minus old."""

    accuracy: float
    answered: float
    added: tuple[str, ...]
    removed: tuple[str, ...]
    better: tuple[tuple[str, float], ...]
    worse: tuple[tuple[str, float], ...]


def training_report(trained: Trained) -> TrainingReport:
    """Sum a training up."""
    held, risk = trained.out_of_fold, trained.risk
    inside = held.inside
    right = held.right[:inside]
    low, high = wilson(int(right.sum()), inside)
    foreign = held.sureness[inside:]
    return TrainingReport(
        version=trained.artefact.hash,
        rows=inside,
        accuracy=held.accuracy,
        low=low,
        high=high,
        calibration_error=held.calibration_error,
        intents=_intents(trained),
        confusions=_confusions(trained),
        foreign_rows=len(foreign),
        foreign_declined=float((foreign < risk.threshold).mean()) if len(foreign) else 0.0,
        promise=Promise(
            budget=risk.budget,
            delta=risk.delta,
            proven=risk.proven,
            bound=risk.bound,
            answered=risk.coverage,
            answered_inside=risk.inside_coverage,
            wrong=risk.rate,
            short=0 if risk.proven else max(0, least_rows(risk.budget, risk.delta) - risk.rows),
        ),
    )


def compare_reports(old: TrainingReport, new: TrainingReport) -> ReportChange:
    """Return what changed; an intent's accuracy counts when it moved by five points or more."""
    before = {one.intent: one.accuracy for one in old.intents}
    after = {one.intent: one.accuracy for one in new.intents}
    moved = [(intent, after[intent] - before[intent]) for intent in sorted(before.keys() & after.keys())]
    return ReportChange(
        accuracy=new.accuracy - old.accuracy,
        answered=new.promise.answered - old.promise.answered,
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        better=tuple(sorted((one for one in moved if one[1] >= _NOTABLE), key=lambda one: -one[1])),
        worse=tuple(sorted((one for one in moved if one[1] <= -_NOTABLE), key=lambda one: one[1])),
    )


def report_of_json(raw: Mapping[str, Any]) -> TrainingReport:
    """Rebuild a report; KeyError or TypeError when it is of another program's version."""
    return TrainingReport(
        **{
            **raw,
            "intents": tuple(IntentScore(**one) for one in raw["intents"]),
            "confusions": tuple(Confusion(**one) for one in raw["confusions"]),
            "promise": Promise(**raw["promise"]),
        }
    )


def _intents(trained: Trained) -> tuple[IntentScore, ...]:
    held = trained.out_of_fold
    totals: Counter[str] = Counter()
    rights: Counter[str] = Counter()
    rivals: dict[str, Counter[str]] = {}
    for known, predicted, right in zip(held.texts[: held.inside], held.predicted, held.right.tolist(), strict=False):
        intent = known.intent or ""
        totals[intent] += 1
        rights[intent] += right
        if not right:
            rivals.setdefault(intent, Counter())[predicted] += 1
    scores = []
    for intent, total in totals.items():
        low, high = wilson(rights[intent], total)
        rival = rivals[intent].most_common(1)[0][0] if intent in rivals else None
        scores.append(IntentScore(intent, rights[intent], total, low, high, rival))
    return tuple(sorted(scores, key=lambda one: (one.accuracy, -one.total, one.intent)))


def _confusions(trained: Trained) -> tuple[Confusion, ...]:
    held = trained.out_of_fold
    pairs: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(~held.right[: held.inside]).tolist():
        pairs.setdefault((held.texts[row].intent or "", held.predicted[row]), []).append(row)
    found = []
    for (intent, rival), rows in sorted(pairs.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:_CONFUSED]:
        surest = max(rows, key=lambda row: float(held.confidence[row]))
        found.append(Confusion(intent, rival, len(rows), held.texts[surest].text, held.texts[surest].place))
    return tuple(found)
