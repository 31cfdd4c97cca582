"""How long training takes, from nothing and after one edited line; how right it makes, the suite banking77 tells."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.training.interval import wilson
from bot.training.train import train
from bot.training.warm_start import warm_start
from bot.understanding.hybrid import Understander
from eval.understanding import goals
from eval.understanding.goals import Figure, Goal
from eval.understanding.sets import BANKING, Place, read_set


def measure_training(place: Place) -> Iterator[Figure]:
    """Train banking77 with an empty cache, then again after one edited line, and judge the model of the edit."""
    rows, test = (read_set(place.data / BANKING, (name,)) for name in ("train", "test"))
    with tempfile.TemporaryDirectory() as empty:
        encoder = place.encoder(Path(empty))
        clock = _Clock()
        model = train(rows, encoder).model
        yield clock.figure(goals.TRAINING)
        edited = [replace(rows[0], text=f"{rows[0].text} please"), *rows[1:]]
        clock = _Clock()
        warm = warm_start(model, edited, encoder)
        yield clock.figure(goals.WARM)
        if warm is not None:
            found = Understander(warm.model, encoder).understand_many([row.text for row in test])
            right = sum(one.intent == row.intent for one, row in zip(found, test, strict=True))
            told = f"{len(test)} rows"
            yield Figure(goals.WARM_ACCURACY, right / len(test), wilson(right, len(test)), told)


class _Clock:
    """Wall and CPU seconds since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def figure(self, goal: Goal) -> Figure:
        """Judge the CPU seconds: one thread works, so a quiet machine's clock shows the same."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return Figure(goal, cpu, None, f"CPU s; by the clock {wall:.1f} s at a load of {os.getloadavg()[0]:.1f}")
