"""What a manager reads in a minute: does it pass, what is best, what is weakest, what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from eval.compare.pair import Comparison
from eval.report.charts import interval_bar
from eval.report.html import badge, bound, measure_name, number, span, table
from eval.run.log import RunLog
from eval.scorers.scorer import Figure
from eval.texts import say
from kefu.base.texts import Lang


def title_of(log: RunLog, lang: Lang) -> str:
    """Return a suite's title."""
    return log.suite.title.zh if lang == "zh" else log.suite.title.en


def summary(logs: Sequence[RunLog], comparisons: Mapping[str, Comparison], lang: Lang) -> str:
    """Return the first card."""
    passed = [log for log in logs if log.passed]
    good = len(passed) == len(logs)
    lines = [say("report.suites_passed", lang, {"n": len(logs), "passed": len(passed)})]
    lines += _extremes(logs, lang) + _missed(logs, lang) + _trouble(logs, lang) + _changes(logs, comparisons, lang)
    told = "".join(f"<li>{escape(line)}</li>" for line in lines)
    css, word = ("good", "passed") if good else ("bad", "failed")
    return (
        f'<section class="card summary{"" if good else " failed"}"><h2>{say("report.one_minute", lang)}</h2>'
        f'<p class="verdict {css}">{say(f"report.{word}", lang)}</p><ul>{told}</ul></section>'
    )


def overview(logs: Sequence[RunLog], comparisons: Mapping[str, Comparison], lang: Lang) -> str:
    """Return the table of all suites with their main figure."""
    rows = []
    for number_, log in enumerate(logs):
        figure = log.headline()
        if figure is None:
            continue
        unclear = any(one.result == "unclear" for one in log.thresholds)
        result = "failed" if not log.passed else "unclear" if unclear else "passed"
        wanted = next((one.wanted for one in log.thresholds if one.figure == figure.key), "—")
        rows.append(
            [
                (f'<a href="#{lang}-{number_}">{escape(title_of(log, lang))}</a>', ""),
                (measure_name(figure.key, lang), ""),
                (f"<b>{number(figure.value, figure.unit)}</b>", "num"),
                (span(figure), "num"),
                (interval_bar(figure), "bar"),
                (str(figure.n), "num"),
                (bound(wanted), "num"),
                (_delta(figure, comparisons.get(log.run_id)), "num"),
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
    for code, (log, figure) in (("best", ordered[-1]), ("weakest", ordered[0]))[: 1 + (len(ordered) > 1)]:
        data: dict[str, object] = {
            "title": title_of(log, lang),
            "figure": measure_name(figure.key, lang),
            "value": number(figure.value, figure.unit),
            "low": number(figure.low, figure.unit),
            "high": number(figure.high, figure.unit),
        }
        lines.append(say(f"report.{code}", lang, data))
    return lines


def _missed(logs: Sequence[RunLog], lang: Lang) -> list[str]:
    lines = []
    for log in logs:
        for one in log.thresholds:
            if one.result == "missed":
                figure = log.figure(one.figure)
                value = number(one.value, figure.unit if figure else "score")
                name = measure_name(one.figure, lang)
                data: dict[str, object] = {
                    "title": title_of(log, lang),
                    "figure": name,
                    "wanted": one.wanted.replace(">=", "≥").replace("<=", "≤"),
                    "value": value,
                }
                lines.append(say("report.missed_line", lang, data))
    return lines


def _trouble(logs: Sequence[RunLog], lang: Lang) -> list[str]:
    lines = []
    failed = sum(sum(log.failed.values()) for log in logs)
    if failed:
        lines.append(say("report.failed_samples", lang, {"n": failed}))
    for log in logs:
        if log.leaks:
            code = "leak_line" if log.leakage_fails else "leak_warn"
            lines.append(say(f"report.{code}", lang, {"title": title_of(log, lang), "n": len(log.leaks)}))
        if not log.complete:
            lines.append(say("report.incomplete_line", lang, {"title": title_of(log, lang)}))
    return lines


def _changes(logs: Sequence[RunLog], comparisons: Mapping[str, Comparison], lang: Lang) -> list[str]:
    if not comparisons:
        return [say("report.no_baseline", lang)]
    lines = []
    for log in logs:
        found = comparisons.get(log.run_id)
        for change in found.figures if found else ():
            if change.outcome != "same":
                data: dict[str, object] = {
                    "title": title_of(log, lang),
                    "figure": measure_name(change.new.key, lang),
                    "old": number(change.old.value, change.old.unit),
                    "new": number(change.new.value, change.new.unit),
                }
                lines.append(say(f"report.changed_{change.outcome}", lang, data))
    return lines[:12] or [say("report.changed_none", lang)]


def _delta(figure: Figure, comparison: Comparison | None) -> str:
    change = next((one for one in comparison.figures if one.new.key == figure.key), None) if comparison else None
    if change is None or change.delta is None:
        return "—"
    css = {"better": "good", "worse": "bad"}.get(change.outcome, "")
    points = f"{change.delta * 100:+.1f}" if figure.unit == "share" else f"{change.delta:+.3f}"
    return f'<span class="{css}">{points}</span>'
