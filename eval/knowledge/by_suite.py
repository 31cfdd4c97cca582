"""A part of the bench that is a public suite: run it, and tell its figures beside the goals of its anchors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import eval as package
from eval.errors import TargetError
from eval.knowledge.figures import Figure
from eval.report.html import measure_name
from eval.run.log import RunLog
from eval.run.run import RunOptions, run_suite
from eval.spec.read import read_suite


def measure_suite(name: str, data: Path, state: Path) -> Iterator[Figure]:
    """Run `public/<name>` anew and yield every figure but the times; the log stays under `state`, as of any run."""
    loaded = read_suite(Path(package.__file__).parent / "suites" / "public" / f"{name}.yaml")
    batch = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    options = RunOptions(folder=state / "suites" / batch / f"public__{name}", shared=state / "shared", bench_data=data)
    yield from figures_of(run_suite(loaded, options, tell=lambda what, done, total: None))


def figures_of(log: RunLog) -> Iterator[Figure]:
    """Yield the figures of a run, a goal where the suite has an anchor; raise TargetError when nothing was answered."""
    if log.unanswered:
        raise TargetError("unanswered", first=next((one.error for one in log.outputs if one.error), ""))
    failed = f"; {sum(log.failed.values())} failed" if log.failed else ""
    goals = {anchor.figure: anchor.goal for anchor in log.suite.anchors}
    for judged in log.judged:
        for one in judged.figures:
            if one.unit == "ms" or one.value is None:
                continue
            between = "" if one.low is None or one.high is None else f"; {one.low:.3f} to {one.high:.3f}"
            better: Literal["more", "less"] = "more" if one.better == "higher" else "less"
            yield Figure(
                log.suite.suite,
                measure_name(one.key, "en"),
                one.value,
                "",
                goals.get(one.key),
                better,
                f"n = {one.n}{between}{failed}",
            )
