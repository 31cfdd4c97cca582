"""The report of some runs as one HTML file, and the page with the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from eval.compare.pair import compare
from eval.report.charts import trend
from eval.report.html import badge, measure_name, number, page, span, table
from eval.report.names import kind_of, shared_suites, title_of
from eval.report.ranking import ranking
from eval.report.suite import suite_section
from eval.report.summary import overview, summary
from eval.run.log import RunLog
from eval.scorers.scorer import Figure
from eval.texts import say
from kefu.base.texts import Lang


def report(logs: Sequence[RunLog], baselines: Sequence[RunLog] = (), absent: Sequence[Mapping[Lang, str]] = ()) -> str:
    """Return the report; each run is compared with the baseline of its suite when there is one.

    `absent` are the words, by language, for targets that were to be asked and were not there.
    """
    known = {baseline.suite.suite: baseline for baseline in baselines}
    olds = [known.get(log.suite.suite) for log in logs]
    comparisons = [compare(old, log) if old is not None else None for old, log in zip(olds, logs, strict=True)]
    shared = shared_suites(logs)

    def body(lang: Lang) -> str:
        sections = [
            summary(logs, comparisons, lang, [one[lang] for one in absent]),
            overview(logs, comparisons, lang),
            ranking(logs, lang),
        ]
        sections += [
            suite_section(log, found, lang, anchor=f"{lang}-{place}", several=log.suite.suite in shared)
            for place, (log, found) in enumerate(zip(logs, comparisons, strict=True))
        ]
        return "".join(sections)

    return page("report.title", body, about=lambda lang: _about(logs, lang))


def _about(logs: Sequence[RunLog], lang: Lang) -> str:
    """Return when it was measured, on what, and over how many samples."""
    if not logs:
        return ""
    first, last = min(log.started_at for log in logs), max(log.started_at for log in logs)
    days = " – ".join(dict.fromkeys((first[:10], last[:10])))
    programs = ", ".join(dict.fromkeys(log.revision[:10] for log in logs if log.revision))
    asked = sum(len(log.samples) for log in logs)
    data: dict[str, object] = {"when": days, "n": asked, "revision": programs or "—"}
    return say("report.about", lang, data)


def history(logs: Sequence[RunLog]) -> str:
    """Return the page with every suite's main figure over its runs."""
    by_suite: dict[str, list[RunLog]] = {}
    for log in sorted(logs, key=lambda one: one.started_at):
        by_suite.setdefault(log.suite.suite, []).append(log)

    def body(lang: Lang) -> str:
        return "".join(_suite_history(several, lang) for several in by_suite.values())

    return page("report.history_title", body)


def _suite_history(logs: Sequence[RunLog], lang: Lang) -> str:
    known = [(log, figure) for log in logs if (figure := log.headline()) is not None]
    if not known:
        return ""
    rows = [
        [
            (escape(log.started_at.replace("T", " ")[:16]), ""),
            (f"<b>{number(figure.value, figure.unit)}</b>", "num"),
            (span(figure), "num"),
            (str(figure.n), "num"),
            (escape(kind_of(log)), "wide"),
            (f"<code>{escape(log.revision[:10])}</code>", ""),
            (f"<code>{escape(log.hashes.model[:10])}</code>", ""),
            (badge("passed" if log.passed else "failed", lang), ""),
        ]
        for log, figure in reversed(known)
    ]
    names = [
        *(say(f"report.{code}", lang) for code in ("date", "value", "interval", "samples", "target", "revision")),
        say("report.hashes", lang).rpartition("/")[2].strip(),
        say("report.result", lang),
    ]
    runs = say("report.runs", lang, {"n": len(known)})
    return (
        f'<section class="card"><h2>{escape(title_of(logs[-1], lang))}</h2><p class="soft">'
        f"{measure_name(known[-1][1].key, lang)} · {runs}</p>{_trends(known)}{table(names, rows)}</section>"
    )


def _trends(known: Sequence[tuple[RunLog, Figure]]) -> str:
    """Draw a line for each target that ran more than once: another bot's figure is no step of ours."""
    by_target: dict[str, list[Figure]] = {}
    for log, figure in known:
        by_target.setdefault(kind_of(log), []).append(figure)
    drawn = [
        f"<figure><figcaption>{escape(name)}</figcaption>{trend(figures)}</figure>"
        for name, figures in by_target.items()
        if len(figures) > 1
    ]
    return f'<div class="charts">{"".join(drawn)}</div>' if drawn else ""


def write_page(markup: str, path: Path) -> None:
    """Write a page, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(markup, "utf-8")
    part.replace(path)
