"""From samples and outputs to figures; the same for a fresh run and for a log that is scored again."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from eval.run.log import Judged, RunLog, SliceFigure, ThresholdResult
from eval.samples.model import Output, Sample
from eval.scorers.registry import make_scorer
from eval.scorers.scorer import FEW, Case, Figure, Scorer
from eval.spec.kinds import KINDS
from eval.spec.model import Suite, Threshold
from eval.stats.intervals import wilson
from eval.stats.paired import fisher, holm


def suite_scorers(suite: Suite) -> list[Scorer]:
    """Return the scorers of a suite, fresh."""
    return [make_scorer(entry) for entry in suite.scorers or KINDS[suite.kind].scorers]


def make_cases(scorer: Scorer, samples: Sequence[Sample], outputs: Sequence[Output]) -> list[Case]:
    """Judge every output, in the order of the samples; a sample without any output stands as failed."""
    said: dict[str, list[Output]] = {}
    for output in outputs:
        said.setdefault(output.sample_id, []).append(output)
    cases = []
    for sample in samples:
        for output in sorted(said.get(sample.id, ()), key=lambda one: one.repeat) or [
            Output(sample.id, error="missing: it was never asked")
        ]:
            cases.append(Case(sample, output, scorer.verdict(sample, output)))
    return cases


def judge(suite: Suite, samples: Sequence[Sample], outputs: Sequence[Output]) -> tuple[Judged, ...]:
    """Return verdicts, figures, charts and slices of every scorer."""
    found = []
    for scorer in suite_scorers(suite):
        cases = make_cases(scorer, samples, outputs)
        found.append(
            Judged(
                scorer=scorer.name,
                version=scorer.version,
                verdicts=tuple(case.verdict for case in cases),
                figures=tuple(scorer.figures(cases, seed=suite.seed)),
                charts=tuple(scorer.charts(cases)),
                slices=tuple(_slices(scorer, suite, cases)),
            )
        )
    return tuple(found)


def figure_of(suite: Suite, key: str, samples: Sequence[Sample], outputs: Sequence[Output]) -> Figure:
    """Return the one figure `scorer.measure`; the other scorers are not asked."""
    scorer = next(one for one in suite_scorers(suite) if one.name == key.partition(".")[0])
    return next(one for one in scorer.figures(make_cases(scorer, samples, outputs), seed=suite.seed) if one.key == key)


def _slices(scorer: Scorer, suite: Suite, cases: Sequence[Case]) -> list[SliceFigure]:
    """Return each slice's share of right answers; Holm corrects over all slices of the scorer."""
    if not scorer.sliced:
        return []
    rows: list[tuple[str, str, int, int]] = []
    for name in suite.slices:
        values = sorted({case.sample.slices[name] for case in cases if name in case.sample.slices})
        for value in values:
            inside = [case.verdict.right for case in cases if case.sample.slices.get(name) == value]
            rows.append((name, value, sum(inside), len(inside)))
    right, n = sum(case.verdict.right for case in cases), len(cases)
    ps = holm([fisher(hits, size, right - hits, n - size) for _, _, hits, size in rows])
    found = []
    for (name, value, hits, size), p in zip(rows, ps, strict=True):
        interval = wilson(hits, size)
        assert interval is not None
        found.append(
            SliceFigure(scorer.name, name, value, hits, size, hits / size, interval.low, interval.high, p, size < FEW)
        )
    return found


def check_thresholds(suite: Suite, judged: Sequence[Judged]) -> tuple[ThresholdResult, ...]:
    """Return how every threshold fared; one is missed only when the whole interval is on the wrong side."""
    figures = {figure.key: figure for one in judged for figure in one.figures}
    return tuple(
        _threshold(key, wanted, figures.get(key), whole=suite.census) for key, wanted in suite.thresholds.items()
    )


def _threshold(key: str, wanted: Threshold, figure: Figure | None, *, whole: bool) -> ThresholdResult:
    parts = [f">= {wanted.min:g}"] if wanted.min is not None else []
    parts += [f"<= {wanted.max:g}"] if wanted.max is not None else []
    if figure is None or figure.value is None:
        return ThresholdResult(key, " ".join(parts), None, "missed")
    low = figure.value if whole or figure.low is None else figure.low
    high = figure.value if whole or figure.high is None else figure.high
    below = wanted.min is not None and high < wanted.min
    above = wanted.max is not None and low > wanted.max
    met = (wanted.min is None or figure.value >= wanted.min) and (wanted.max is None or figure.value <= wanted.max)
    return ThresholdResult(
        key, " ".join(parts), figure.value, "missed" if below or above else "met" if met else "unclear"
    )


def score_again(log: RunLog) -> RunLog:
    """Return the log with verdicts and figures of the scorers as they are now; nothing is asked again."""
    judged = judge(log.suite, log.samples, log.outputs)
    return msgspec.structs.replace(log, judged=judged, thresholds=check_thresholds(log.suite, judged))
