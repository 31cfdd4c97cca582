"""Accuracy, calibration, scope, times: each set trains on its train part, and its test part is judged once."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.encoding.encoder import Encoder
from bot.training.example import TrainingExample
from bot.training.interval import wilson
from bot.training.train import train
from bot.training.warm_start import warm_start
from bot.understanding.calibration import expected_calibration_error
from bot.understanding.hybrid import Understander
from bot.understanding.understanding import Understanding
from eval.scorers.ranks import auc, classes_f1
from eval.understanding import goals
from eval.understanding.goals import Figure, Goal
from eval.understanding.sets import BANKING, CLINC, SMP, Place, read_set

_SHOTS, _SEEDS = 10, (0, 1, 2)


def measure_smp(place: Place) -> Iterator[Figure]:
    """Train on train, judge test; then ten rows a class, drawn three times, alone and beside unlabelled messages."""
    folder, encoder = place.data / SMP, place.encoder()
    rows, test = read_set(folder, ("train",)), read_set(folder, ("test",))
    began = time.perf_counter()
    found, _ = _judge(rows, test, encoder)
    right = _right(found, test)
    yield _share(goals.SMP_FULL, right, f"{time.perf_counter() - began:.0f} s")
    names = sorted({row.intent or "" for row in test} | {one.intent for one in found})
    truth = np.array([names.index(row.intent or "") for row in test])
    said = np.array([names.index(one.intent) for one in found])
    yield Figure(goals.SMP_F1, classes_f1(truth, said, len(names))[0] or 0.0)
    yield _calibration(goals.SMP_ECE, found, right)
    for goal, messages in ((goals.SMP_FEW, ()), (goals.SMP_MESSAGES, _without(test, rows))):
        values = [float(_right(_judge(_few(rows, seed), test, encoder, messages)[0], test).mean()) for seed in _SEEDS]
        yield Figure(goal, statistics.mean(values), (min(values), max(values)), "interval: the least and the best draw")


def measure_banking(place: Place) -> Iterator[Figure]:
    """Train with an empty cache, judge test, train again after one edited line, and learn from ten rows a class."""
    folder = place.data / BANKING
    rows, test = read_set(folder, ("train",)), read_set(folder, ("test",))
    with tempfile.TemporaryDirectory() as empty:
        encoder = place.encoder(Path(empty))
        clock = _Clock()
        model = train(rows, encoder).model
        yield clock.figure(goals.TRAINING)
        found = Understander(model, encoder).understand_many([row.text for row in test])
        yield _share(goals.BANKING_FULL, _right(found, test))
        edited = [replace(rows[0], text=f"{rows[0].text} please"), *rows[1:]]
        clock = _Clock()
        warm = warm_start(model, edited, encoder)
        yield clock.figure(goals.WARM)
        if warm is not None:
            again = Understander(warm.model, encoder).understand_many([row.text for row in test])
            yield _share(goals.WARM_ACCURACY, _right(again, test))
        few, others = read_set(folder, ("fewshot_train_10",)), read_set(folder, ("fewshot_train_full",))
        yield _share(goals.BANKING_FEW, _right(_judge(few, test, encoder)[0], test))
        messages = _without(test, others)
        yield _share(goals.BANKING_MESSAGES, _right(_judge(few, test, encoder, messages)[0], test))


def measure_clinc(place: Place) -> Iterator[Figure]:
    """Train on train and the given out-of-scope rows; the threshold is the model's own, chosen without test."""
    folder, encoder = place.data / CLINC, place.encoder()
    rows = read_set(folder, ("train", "oos_train", "oos_valid"))
    inside, outside = read_set(folder, ("test",)), read_set(folder, ("oos_test",))
    found, reader = _judge(rows, [*inside, *outside], encoder)
    ours, theirs = found[: len(inside)], found[len(inside) :]
    right = _right(ours, inside)
    yield _share(goals.CLINC_INSIDE, right)
    threshold = reader.bands.decline
    yield _share(
        goals.CLINC_KEPT, right & np.array([one.in_scope >= threshold for one in ours]), f"threshold {threshold:.3f}"
    )
    yield _share(goals.CLINC_RECALL, np.array([one.in_scope < threshold for one in theirs]))
    scores = np.array([one.in_scope for one in found])
    yield Figure(goals.CLINC_AUROC, auc(scores, np.arange(len(found)) < len(ours)) or 0.0)
    yield _calibration(goals.CLINC_ECE, ours, right)


class _Clock:
    """Wall and CPU seconds since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def figure(self, goal: Goal) -> Figure:
        """Judge the CPU seconds: one thread works, so a quiet machine's clock shows the same."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return Figure(goal, cpu, None, f"CPU s; by the clock {wall:.1f} s at a load of {os.getloadavg()[0]:.1f}")


def _judge(
    rows: Sequence[TrainingExample],
    test: Sequence[TrainingExample],
    encoder: Encoder,
    messages: Sequence[str] = (),
) -> tuple[list[Understanding], Understander]:
    reader = Understander(train(rows, encoder, unlabelled=messages).model, encoder)
    return reader.understand_many([row.text for row in test]), reader


def _right(found: Sequence[Understanding], test: Sequence[TrainingExample]) -> npt.NDArray[np.bool_]:
    return np.array([one.intent == row.intent for one, row in zip(found, test, strict=True)], dtype=bool)


def _share(goal: Goal, right: npt.NDArray[np.bool_], more: str = "") -> Figure:
    told = f"{len(right)} rows{f', {more}' if more else ''}"
    return Figure(goal, float(right.mean()), wilson(int(right.sum()), len(right)), told)


def _calibration(goal: Goal, found: Sequence[Understanding], right: npt.NDArray[np.bool_]) -> Figure:
    confidence = np.array([one.confidence for one in found], dtype=np.float32)
    return Figure(goal, expected_calibration_error(confidence, right), None, f"{len(right)} rows, 15 bins")


def _without(judged: Sequence[TrainingExample], rows: Sequence[TrainingExample]) -> list[str]:
    """Return the texts of rows that are not judged: some test texts also stand in a set's training files."""
    seen = {row.text.lower() for row in judged}
    return [row.text for row in rows if row.text.lower() not in seen]


def _few(rows: Sequence[TrainingExample], seed: int) -> list[TrainingExample]:
    """Draw ten rows an intent."""
    shuffled = [rows[place] for place in np.random.default_rng(seed).permutation(len(rows)).tolist()]
    taken: dict[str | None, list[TrainingExample]] = {}
    for row in shuffled:
        taken.setdefault(row.intent, []).append(row)
    return [row for group in taken.values() for row in group[:_SHOTS]]
