"""Is the customer dissatisfied? All five folds of JDDC as one ranking, and as the early offer of a human.

The suites uss_jddc_0..4 judge a fold each, uss_mwoz and uss_sgd the published protocol of those sets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.training.interval import wilson
from eval.scorers.ranks import auc
from eval.understanding import goals
from eval.understanding.goals import Figure
from eval.understanding.satisfaction_model import LABELS, OneTurnModel, Turn, read_turns
from eval.understanding.sets import Place

_FOLDS = 5
_FALSE_ALARMS = 0.10
_WITHIN = 2


def measure_satisfaction(place: Place) -> Iterator[Figure]:
    """Judge JDDC's turns by models that had not seen their dialogues."""
    encoder = place.encoder()
    turns = read_turns(_dialogues(place.data / "uss_jddc" / "valid.jsonl"))
    fold = np.array([turn.dialogue % _FOLDS for turn in turns])
    unhappy = np.zeros(len(turns))
    for index in range(_FOLDS):
        learned = [turn for turn, where in zip(turns, fold.tolist(), strict=True) if where != index]
        held = np.flatnonzero(fold == index)
        model = OneTurnModel(encoder).fit(learned)
        unhappy[held] = model.chances([turns[row] for row in held.tolist()])[:, 0]
    value = auc(unhappy, _labels(turns) == 0) or 0.0
    yield Figure(goals.USS_JDDC, value, _auc_interval(unhappy, turns), f"{len(turns)} turns of 330 dialogues")
    caught, total = caught_early(unhappy, turns)
    yield Figure(goals.USS_OFFER, caught / total, wilson(caught, total), f"{total} dialogues with a dissatisfied turn")


def caught_early(unhappy: npt.NDArray[Any], turns: Sequence[Turn]) -> tuple[int, int]:
    """Count dialogues whose first dissatisfied turn, or the customer's next one, is above the threshold.

    The threshold lets `_FALSE_ALARMS` of the other turns through.
    """
    labels = _labels(turns)
    threshold = float(np.quantile(unhappy[labels != 0], 1 - _FALSE_ALARMS, method="higher"))
    caught = total = 0
    for dialogue in sorted({turn.dialogue for turn in turns}):
        rows = [row for row, turn in enumerate(turns) if turn.dialogue == dialogue]
        first = next((place for place, row in enumerate(rows) if labels[row] == 0), None)
        if first is not None:
            total += 1
            caught += any(unhappy[row] > threshold for row in rows[first : first + _WITHIN])
    return caught, total


def _auc_interval(unhappy: npt.NDArray[Any], turns: Sequence[Turn], draws: int = 300) -> tuple[float, float]:
    """Resample whole dialogues."""
    by_dialogue: dict[int, list[int]] = {}
    for row, turn in enumerate(turns):
        by_dialogue.setdefault(turn.dialogue, []).append(row)
    groups, positive = list(by_dialogue.values()), _labels(turns) == 0
    generator, values = np.random.default_rng(0), []
    for _ in range(draws):
        rows = np.concatenate([groups[place] for place in generator.integers(0, len(groups), len(groups))])
        values.append(auc(unhappy[rows], positive[rows]) or 0.0)
    return float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))


def _labels(turns: Sequence[Turn]) -> npt.NDArray[np.int64]:
    return np.array([LABELS.index(turn.label) for turn in turns], dtype=np.int64)


def _dialogues(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
