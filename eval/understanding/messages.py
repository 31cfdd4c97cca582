"""What unlabelled messages add to ten rows a class; without them the suites smp2017_10.. and banking77_10 judge."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.encoding.encoder import Encoder
from bot.training.example import TrainingExample
from bot.training.interval import wilson
from bot.training.train import train
from bot.understanding.hybrid import Understander
from eval.public.registry import read_public
from eval.understanding import goals
from eval.understanding.goals import Figure
from eval.understanding.sets import BANKING, SMP, Place, read_set

_SHOTS, _SEEDS = 10, (0, 1, 2)


def measure_messages(place: Place) -> Iterator[Figure]:
    """Train beside the set's other rows as messages: smp2017 in the suites' three draws, banking77 on its own few."""
    encoder = place.encoder()
    rows, test = read_set(place.data / SMP, ("train",)), read_set(place.data / SMP, ("test",))
    messages = _without(test, rows)
    values = [float(_right(_few(place, seed), test, encoder, messages).mean()) for seed in _SEEDS]
    yield Figure(
        goals.SMP_MESSAGES,
        statistics.mean(values),
        (min(values), max(values)),
        f"{len(test)} rows; interval: the least and the best draw",
    )
    folder = place.data / BANKING
    few, others = read_set(folder, ("fewshot_train_10",)), read_set(folder, ("fewshot_train_full",))
    test = read_set(folder, ("test",))
    right = _right(few, test, encoder, _without(test, others))
    yield Figure(
        goals.BANKING_MESSAGES, float(right.mean()), wilson(int(right.sum()), len(right)), f"{len(right)} rows"
    )


def _few(place: Place, seed: int) -> list[TrainingExample]:
    options: dict[str, Any] = {"files": [f"{SMP}/train.jsonl"], "per_class": _SHOTS, "seed": seed}
    return [
        TrainingExample(row["text"], row["intent"], where)
        for row, where in read_public("labelled", place.data, options, place=SMP)
    ]


def _right(
    rows: Sequence[TrainingExample], test: Sequence[TrainingExample], encoder: Encoder, messages: Sequence[str]
) -> npt.NDArray[np.bool_]:
    reader = Understander(train(rows, encoder, unlabelled=messages).model, encoder)
    found = reader.understand_many([row.text for row in test])
    return np.array([one.intent == row.intent for one, row in zip(found, test, strict=True)], dtype=bool)


def _without(judged: Sequence[TrainingExample], rows: Sequence[TrainingExample]) -> list[str]:
    """Return the texts of rows that are not judged: some test texts also stand in a set's training files."""
    seen = {row.text.lower() for row in judged}
    return [row.text for row in rows if row.text.lower() not in seen]
