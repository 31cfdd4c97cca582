"""The gate: a run against the stored baseline. It fails only when an interval excludes the baseline."""

from __future__ import annotations

from dataclasses import dataclass

from eval.compare.pair import Comparison, FigureChange, compare
from eval.run.log import RunLog
from eval.texts import say
from kefu.base.texts import Lang

_TOLD_GROUPS = 12


@dataclass(frozen=True, slots=True)
class GateResult:
    """What the gate says of one suite; `reasons` are sentences with the explanation, worst first."""

    comparison: Comparison
    worse: tuple[FigureChange, ...]
    more_failures: bool

    @property
    def passed(self) -> bool:
        """Whether nothing is really worse."""
        return not self.worse and not self.more_failures

    def reasons(self, lang: Lang) -> list[str]:
        """Return why the gate fails: figures, then who lost, then what is taken for what."""
        told = [tell_change(change, lang) for change in self.worse]
        if self.more_failures:
            data = {"old": self.comparison.failed_old, "new": self.comparison.failed_new}
            told.append(say("gate.failures", lang, data))
        if self.passed:
            return told
        for group in self.comparison.groups[:_TOLD_GROUPS]:
            verdict = group.example.new.verdict
            example = f"{group.example.new.sample.place} {verdict.said[:80]} ({verdict.why[:120]})"
            gathered: dict[str, object] = {
                "slice": group.slice,
                "value": group.value,
                "lost": group.lost,
                "n": group.n,
                "p": f"{group.p:.3g}",
                "example": example,
            }
            told.append(say("gate.group", lang, gathered))
        for confusion in self.comparison.confusions[:_TOLD_GROUPS]:
            taken: dict[str, object] = {"wanted": confusion.wanted, "said": confusion.said, "count": confusion.count}
            told.append(say("gate.confusion", lang, taken))
        return told


def gate(new: RunLog, old: RunLog) -> GateResult:
    """Hold a run against a baseline."""
    found = compare(old, new)
    worse = tuple(change for change in found.figures if change.outcome == "worse")
    return GateResult(found, worse, found.failed_new > found.failed_old and _failures_matter(found))


def _failures_matter(found: Comparison) -> bool:
    # One more timeout is chance; the paired figures already count failures as wrong, so only many speak for themselves.
    return found.failed_new - found.failed_old > max(2, found.shared // 50)


def tell_change(change: FigureChange, lang: Lang) -> str:
    """Return a sentence about a figure."""
    data: dict[str, object] = {
        "figure": change.new.key,
        "old": shown(change.old.value),
        "new": shown(change.new.value),
        "delta": shown(change.delta, sign=True),
        "low": shown(change.interval.low if change.interval else None, sign=change.paired),
        "high": shown(change.interval.high if change.interval else None, sign=change.paired),
    }
    code: str = change.outcome
    if code == "worse" and change.census:
        code = "worse_census"
    elif change.new.value is None:
        code = "gone"
    elif code == "worse" and not change.paired:
        code = "worse_unpaired"
    return say(f"gate.{code}", lang, data)


def shown(value: float | None, *, sign: bool = False) -> str:
    """Return a figure as people read it."""
    if value is None:
        return "-"
    return f"{value:{'+' if sign else ''}.3f}" if abs(value) < 10 else f"{value:{'+' if sign else ''}.1f}"
