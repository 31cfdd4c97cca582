"""What is told and kept while the bench runs: a run that was cut off goes on from its log."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from eval.load import results
from eval.load.bench import Bench
from eval.load.goals import Verdict
from eval.load.measure import Measure
from eval.load.report import line


class Keeper:
    """Tells news with the seconds since the beginning, and writes the log whole after each measure."""

    def __init__(self, console: Console, *, out: Path, resume: Path | None, earlier: results.Results | None) -> None:
        self._console, self._earlier = console, earlier
        self._began = time.monotonic()
        self._started_at = datetime.now(UTC)
        self.log = resume or out / f"load-{self._started_at:%Y%m%d-%H%M%S}.json"

    def begin(self, where: results.Machine) -> None:
        """Say where it runs; before the first `keep`."""
        self._where = where

    def hear(self, bench: Bench, news: Measure | str) -> None:
        """Tell news; a measure is kept at once."""
        text = line(news) if isinstance(news, Measure) else news
        self._console.print(Text(f"{self._seconds():5.0f} s  {text}"))
        if isinstance(news, Measure):
            self.keep(bench, [])

    def keep(self, bench: Bench, verdicts: list[Verdict]) -> None:
        """Write everything that was measured so far."""
        before = self._earlier
        results.write(
            self.log,
            results.Results(
                started_at=before.started_at if before is not None else self._started_at.isoformat(),
                seconds=round(self._seconds() + (before.seconds if before is not None else 0.0), 1),
                revision=results.revision(),
                machine=self._where,
                plan=bench.plan,
                settings=bench.settings,
                notes=bench.notes,
                verdicts=verdicts,
                measures=bench.measures,
                growth=bench.growth,
            ),
        )

    def _seconds(self) -> float:
        return time.monotonic() - self._began
