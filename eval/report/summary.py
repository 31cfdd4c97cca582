"""What a manager reads in a minute: does it pass, what is best, what is weakest, what changed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from eval.compare.pair import Comparison
from eval.report.charts import interval_bar
from eval.report.html import badge, bound, measure_name, number, points, span, table
from eval.report.names import name_among
from eval.run.log import RunLog
from eval.scorers.scorer import Figure
from eval.texts import say
from kefu.base.texts import Lang


def summary(
    logs: Sequence[RunLog], comparisons: Sequence[Comparison | None], lang: Lang, absent: Sequence[str] = ()
) -> str:
    """Return the first card; `absent` are the lines for targets that were not there."""
    passed = [log for log in logs if log.passed]
    good = len(passed) == len(logs)
    lines = [say("report.suites_passed", lang, {"n": len(logs), "passed": len(passed)})]
    lines += _extremes(logs, lang) + _thresholds(logs, lang) + _weak_slices(logs, lang)
    lines += [*_goals(logs, lang), *absent, *_trouble(logs, lang), *_changes(logs, comparisons, lang)]
    told = "".join(f"<li>{escape(line)}</li>" for line in lines)
    css, word = ("good", "passed") if good else ("bad", "failed")
    return (
        f'<section class="card summary{"" if good else " failed"}"><h2>{say("report.one_minute", lang)}</h2>'
        f'<p class="verdict {css}">{say(f"report.{word}", lang)}</p><ul>{told}</ul></section>'
    )


def overview(logs: Sequence[RunLog], comparisons: Sequence[Comparison | None], lang: Lang) -> str:
    """Return the table of all suites with their main figure."""
    rows = []
    for number_, (log, found) in enumerate(zip(logs, comparisons, strict=True)):
        name = name_among(log, logs, lang)
        figure = log.headline()
        if figure is None:
            continue
        unclear = any(one.result == "unclear" for one in log.thresholds)
        result = "failed" if not log.passed else "unclear" if unclear else "passed"
        wanted = next((one.wanted for one in log.thresholds if one.figure == figure.key), "—")
        rows.append(
            [
                (f'<a href="#{lang}-{number_}">{escape(name)}</a>', ""),
                (measure_name(figure.key, lang), ""),
                (f"<b>{number(figure.value, figure.unit)}</b>", "num"),
                (span(figure), "num"),
                (interval_bar(figure), "bar"),
                (str(figure.n), "num"),
                (bound(wanted), "num"),
                (_delta(figure, found), "num"),
                (badge(result, lang), ""),
            ]
        )
    codes = ("suite", "headline", "value", "interval", "", "samples", "threshold", "change", "result")
    names = [say(f"report.{code}", lang) if code else "" for code in codes]
    return f'<section class="card"><h2>{say("report.all_suites", lang)}</h2>{table(names, rows)}</section>'


def _extremes(logs: Sequence[RunLog], lang: Lang) -> list[str]:
    known = [(log, figure) for log in logs if (figure := log.headline()) and figure.value is not None]
    shares = [(log, figure) for log, figure in known if figure.unit != "ms" and figure.better == "higher"]
    if not shares:
        return []
    ordered = sorted(shares, key=lambda pair: pair[1].value or 0)
    lines = []
    codes = (("best", ordered[-1]), ("weakest", ordered[0])) if len(ordered) > 1 else (("only", ordered[0]),)
    for code, (log, figure) in codes:
        data: dict[str, object] = {
            "title": name_among(log, logs, lang),
            "figure": measure_name(figure.key, lang),
            "value": number(figure.value, figure.unit),
            "low": number(figure.low, figure.unit),
            "high": number(figure.high, figure.unit),
            "n": figure.n,
        }
        lines.append(say(f"report.{code}", lang, data))
    return lines


def _thresholds(logs: Sequence[RunLog], lang: Lang) -> list[str]:
    """Return what was missed and what cannot be told, or that all was met."""
    lines = []
    for log in logs:
        for one in log.thresholds:
            if one.result != "met":
                figure = log.figure(one.figure)
                value = number(one.value, figure.unit if figure else "score")
                name = measure_name(one.figure, lang)
                data: dict[str, object] = {
                    "title": name_among(log, logs, lang),
                    "figure": name,
                    "wanted": one.wanted.replace(">=", "≥").replace("<=", "≤"),
                    "value": value,
                }
                lines.append(say(f"report.{one.result}_line", lang, data))
    wanted = sum(len(log.thresholds) for log in logs)
    return lines or ([say("report.met_line", lang, {"n": wanted})] if wanted else [])


def _goals(logs: Sequence[RunLog], lang: Lang) -> list[str]:
    """Return how many goals of public sets are met, and which are not; a missed goal fails no run."""
    met, missed = 0, []
    for log in logs:
        tier = log.target.get("tier", "")
        for anchor in log.suite.anchors:
            figure = log.figure(anchor.figure)
            if figure is None or figure.value is None or (reached := anchor.met(figure.value, tier)) is None:
                continue
            met += reached
            if not reached:
                data: dict[str, object] = {
                    "title": name_among(log, logs, lang),
                    "figure": measure_name(anchor.figure, lang),
                    "value": number(figure.value, figure.unit),
                    "goal": f"{'≤' if anchor.better == 'lower' else '≥'} {number(anchor.aim(tier), figure.unit)}",
                }
                missed.append(say("report.goal_missed", lang, data))
    if not met and not missed:
        return []
    return [say("report.goals_met", lang, {"met": met, "n": met + len(missed)}), *missed]


def _weak_slices(logs: Sequence[RunLog], lang: Lang) -> list[str]:
    """Return the kinds of questions that are surely answered worse than the rest, the worst first, three at most."""
    weak = []
    for log in logs:
        for judged in log.judged:
            whole = sum(verdict.right for verdict in judged.verdicts) / max(len(judged.verdicts), 1)
            rows = [row for row in judged.slices if row.p < 0.05 and not row.few and row.share < whole]
            weak += [(row.share - whole, log, row, whole) for row in rows]
    lines = []
    for _, log, row, whole in sorted(weak, key=lambda one: one[0])[:3]:
        data: dict[str, object] = {
            "title": name_among(log, logs, lang),
            "slice": f"{row.name} {row.value}",
            "value": number(row.share),
            "n": row.n,
            "whole": number(whole),
        }
        lines.append(say("report.weak_slice", lang, data))
    return lines


def _trouble(logs: Sequence[RunLog], lang: Lang) -> list[str]:
    lines = []
    failed = sum(sum(log.failed.values()) for log in logs)
    if failed:
        lines.append(say("report.failed_samples", lang, {"n": failed}))
    for log in logs:
        if log.leaks:
            code = "leak_line" if log.leakage_fails else "leak_warn"
            lines.append(say(f"report.{code}", lang, {"title": name_among(log, logs, lang), "n": len(log.leaks)}))
        if not log.complete:
            lines.append(say("report.incomplete_line", lang, {"title": name_among(log, logs, lang)}))
    return lines


def _changes(logs: Sequence[RunLog], comparisons: Sequence[Comparison | None], lang: Lang) -> list[str]:
    """Return what really changed: quality before times, what is worse before what is better.

    P95 speaks for a suite's times: three percentiles of the same answers would say the same three times.
    """
    if not any(comparisons):
        return [say("report.no_baseline", lang)]
    told: list[tuple[bool, bool, str]] = []
    for log, found in zip(logs, comparisons, strict=True):
        for change in found.figures if found else ():
            timed = change.new.unit == "ms"
            if change.outcome == "same" or (timed and change.new.name != "p95_ms"):
                continue
            data: dict[str, object] = {
                "title": name_among(log, logs, lang),
                "figure": measure_name(change.new.key, lang),
                "old": number(change.old.value, change.old.unit),
                "new": number(change.new.value, change.new.unit),
            }
            told.append((timed, change.outcome != "worse", say(f"report.changed_{change.outcome}", lang, data)))
    return [line for *_, line in sorted(told, key=lambda one: one[:2])][:12] or [say("report.changed_none", lang)]


def _delta(figure: Figure, comparison: Comparison | None) -> str:
    change = next((one for one in comparison.figures if one.new.key == figure.key), None) if comparison else None
    if change is None or change.delta is None:
        return "—"
    css = {"better": "good", "worse": "bad"}.get(change.outcome, "")
    return f'<span class="{css}">{points(change.delta, figure.unit)}</span>'
