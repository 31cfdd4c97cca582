"""One table of all targets that ran the same suite, and their learning curves in one drawing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from eval.compare.pair import compare
from eval.report import charts
from eval.report.html import measure_name, number, points, span, table
from eval.report.names import target_of, title_of
from eval.run.log import RunLog
from eval.scorers.scorer import Figure
from eval.texts import say
from kefu.base.texts import Lang


def ranking(logs: Sequence[RunLog], lang: Lang) -> str:
    """Return each suite's table, the best first, and the curves side by side; empty when nobody shares a suite."""
    by_suite: dict[str, list[RunLog]] = {}
    for log in logs:
        by_suite.setdefault(log.suite.suite, []).append(log)
    parts = [_suite(several, lang) for several in by_suite.values() if len(several) > 1]
    told = "".join(parts)
    return f'<section class="card"><h2>{say("report.ranking", lang)}</h2>{told}</section>' if told else ""


def _suite(several: Sequence[RunLog], lang: Lang) -> str:
    known = [(log, figure) for log in several if (figure := log.headline()) is not None]
    if len(known) < 2:
        return ""
    best_first = known[0][1].better == "higher"
    ordered = sorted(known, key=lambda pair: _value(pair[1], best_first=best_first), reverse=best_first)
    first = ordered[0][0]
    rows = [
        [
            (str(place), "num"),
            (escape(target_of(log)), "wide"),
            (f"<b>{number(figure.value, figure.unit)}</b>", "num"),
            (span(figure), "num"),
            (charts.interval_bar(figure), "bar"),
            ("" if log is first else _behind(first, log, figure.key, lang), ""),
            (_latency(log), "num"),
            (str(sum(log.failed.values())), "num"),
        ]
        for place, (log, figure) in enumerate(ordered, start=1)
    ]
    title = f"{escape(title_of(several[0], lang))} · {measure_name(ordered[0][1].key, lang)}"
    words = [say(f"report.{code}", lang) for code in ("target", "value", "interval")]
    names = ["#", *words, "", say("report.behind", lang), "p50", say("report.failed_count", lang)]
    return f"<h3>{title}</h3>{table(names, rows)}{_curves(several, lang)}"


def _behind(first: RunLog, log: RunLog, key: str, lang: Lang) -> str:
    """Return how far a run is behind the best, sample by sample, and whether that may be chance."""
    change = next((one for one in compare(first, log).figures if one.new.key == key), None)
    if change is None or change.delta is None:
        return "—"
    by_chance = change.outcome == "same"
    code = "report.may_be_chance" if by_chance else "report.no_chance"
    p = f"p = {change.p:.2g}" if change.p is not None and not change.census else ""
    return escape(" · ".join(part for part in (points(change.delta, change.new.unit), say(code, lang), p) if part))


def _curves(several: Sequence[RunLog], lang: Lang) -> str:
    drawn = [(target_of(log), log.curve) for log in several if log.curve]
    if len(drawn) < 2:
        return ""
    figure = measure_name(drawn[0][1][0].figure.key, lang)
    caption = f"{say('report.curve', lang)} · {figure}<span>{say('report.curve_note', lang)}</span>"
    return f"<figure><figcaption>{caption}</figcaption>{charts.curve(drawn, lang)}</figure>"


def _value(figure: Figure, *, best_first: bool) -> float:
    return (-1e9 if best_first else 1e9) if figure.value is None else figure.value


def _latency(log: RunLog) -> str:
    figure = log.figure("latency.p50_ms")
    return number(figure.value, "ms") if figure else "—"
