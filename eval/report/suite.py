"""One suite's part of the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from eval.compare.pair import Comparison
from eval.report import charts
from eval.report.html import badge, bound, heading, measure_name, number, scorer_title, short, span, table
from eval.report.names import name_of
from eval.report.turn_by_turn import changes, errors
from eval.run.log import RunLog
from eval.texts import find, say
from kefu.base.texts import Lang

_LEAKS, _PAIRS = 30, 9
_DRAWN: dict[str, Callable[[dict[str, Any], Lang], str]] = {
    "reliability": charts.reliability,
    "risk_coverage": charts.risk_coverage,
    "histogram": charts.histogram,
    "bars": charts.bars,
}


def suite_section(log: RunLog, comparison: Comparison | None, lang: Lang, *, anchor: str, several: bool) -> str:
    """Return the card of a suite: figures, charts, slices, errors, changes, leaks, circumstances.

    `several`: other runs of the same suite stand beside it, so that the target belongs to its name.
    """
    about = log.suite.about
    words = (about.zh if lang == "zh" else about.en) if about else ""
    sealed = say("report.sealed_yes" if log.release else "report.sealed_no", lang)
    has_sealed = any(data.sealed for data in log.suite.data)
    name = escape(name_of(log, lang, several=several))
    told = f"{escape(words)} <code>{escape(log.suite.suite)}</code> v{log.suite.version}"
    parts = [
        f'<h2>{name}</h2><p class="soft">{told}{" · " + sealed if has_sealed else ""}</p>',
        _figures(log, lang),
        _anchors(log, lang),
        _charts(log, lang),
        _slices(log, lang),
        errors(log, lang),
        changes(comparison, lang) if comparison else "",
        _leaks(log, lang),
        _circumstances(log, lang),
    ]
    return f'<section class="card" id="{anchor}">{"".join(parts)}</section>'


def _figures(log: RunLog, lang: Lang) -> str:
    wanted = {one.figure: one for one in log.thresholds}
    rows = []
    for judged in log.judged:
        for figure in judged.figures:
            if figure.n == 0:
                continue
            threshold = wanted.get(figure.key)
            result = f"{bound(threshold.wanted)} {badge(threshold.result, lang)}" if threshold else ""
            note = f'<span class="sub">{say("report.few", lang)}</span>' if figure.few else ""
            method = find(f"report.{figure.method}", lang, figure.method) if figure.low is not None else ""
            rows.append(
                [
                    (f"{scorer_title(figure.scorer, lang)} · {measure_name(figure.key, lang)}", ""),
                    (f"<b>{number(figure.value, figure.unit)}</b>", "num"),
                    (f'{span(figure)}<span class="sub">{method}</span>', "num"),
                    (charts.interval_bar(figure), "bar"),
                    (f"{figure.n}{note}", "num"),
                    (result, ""),
                ]
            )
    codes = ("figure", "value", "interval", "", "samples", "threshold")
    names = [say(f"report.{code}", lang) if code else "" for code in codes]
    return heading("figures", lang) + table(names, rows)


def _anchors(log: RunLog, lang: Lang) -> str:
    rows = []
    for anchor in log.suite.anchors:
        figure = log.figure(anchor.figure)
        if figure is None or figure.value is None:
            continue
        met = anchor.met(figure.value, log.target.get("tier", ""))
        goal = "—" if anchor.goal is None else f"{'≤ ' if anchor.better == 'lower' else ''}{anchor.goal:g}"
        if anchor.quality_goal is not None:
            goal += f" / {anchor.quality_goal:g}"
        rows.append(
            [
                (measure_name(anchor.figure, lang), ""),
                ("<br>".join(escape(one) for one in anchor.published) or "—", "wide"),
                (goal, "num"),
                (f"<b>{figure.value:.4g}</b>", "num"),
                (span(figure), "num"),
                ("" if met is None else badge("met" if met else "missed", lang), ""),
            ]
        )
    if not rows:
        return ""
    names = [say(f"report.{code}", lang) for code in ("figure", "published", "goal", "ours", "interval", "result")]
    return heading("anchors", lang) + table(names, rows)


def _charts(log: RunLog, lang: Lang) -> str:
    drawn = []
    for judged in log.judged:
        for chart in judged.charts:
            if chart.kind == "confusion":
                drawn.append(_confusion(chart.data, lang))
            elif chart.data and any(chart.data.values()):
                drawn.append(_figure(chart.kind, _DRAWN[chart.kind](chart.data, lang), lang))
    if log.curve:
        drawn.append(_figure("curve", charts.curve([(log.target.get("kind", ""), log.curve)], lang), lang))
    return f'{heading("charts", lang)}<div class="charts">{"".join(drawn)}</div>' if drawn else ""


def _figure(code: str, svg: str, lang: Lang, *, css: str = "", note: str | None = None) -> str:
    told = say(f"report.{code}_note", lang) if note is None else note
    caption = f"<figcaption>{say(f'report.{code}', lang)}<span>{escape(told)}</span></figcaption>"
    return f'<figure class="{css}">{caption}<div class="scroll">{svg}</div></figure>'


def _confusion(data: dict[str, Any], lang: Lang) -> str:
    if not data["names"]:
        return _figure("confusion", "", lang, note=say("report.confusion_perfect", lang))
    note = say("report.confusion_note", lang, {"shown": data["shown"], "classes": data["classes"]})
    rows = [
        [
            (f"<code>{escape(one['wanted'])}</code>", ""),
            (f"<code>{escape(one['said'])}</code>", ""),
            (f"{one['count']} / {one['of']}", "num"),
        ]
        for one in data["worst"][:_PAIRS]
    ]
    names = [say(f"report.{code}", lang) for code in ("wanted", "said", "count")]
    worst = (
        f"<figure><figcaption>{say('report.worst_pairs', lang)}</figcaption>{table(names, rows, stack=False)}</figure>"
    )
    css = "broad full" if len(data["names"]) > 16 else "broad"
    return _figure("confusion", charts.confusion(data, lang), lang, css=css, note=note) + worst


def _slices(log: RunLog, lang: Lang) -> str:
    drawn = []
    for judged in log.judged:
        if judged.slices:
            whole = [verdict.right for verdict in judged.verdicts]
            svg = charts.slices(judged.slices, sum(whole) / len(whole), lang)
            caption = f"<figcaption>{scorer_title(judged.scorer, lang)}</figcaption>"
            drawn.append(f'<figure>{caption}<div class="scroll">{svg}</div></figure>')
    if not drawn:
        return ""
    return f'{heading("slices", lang, say("report.slices_note", lang))}<div class="charts">{"".join(drawn)}</div>'


def _leaks(log: RunLog, lang: Lang) -> str:
    if not log.leaks:
        return ""
    rows = [
        [
            (say(f"report.leak_{leak.kind}", lang), ""),
            (f'{escape(leak.text)}<span class="sub"><code>{escape(short(leak.place))}</code></span>', "wide"),
            (f'{escape(leak.known)}<span class="sub"><code>{escape(leak.known_place)}</code></span>', "wide"),
            (f"{leak.score:.2f}", "num"),
        ]
        for leak in log.leaks[:_LEAKS]
    ]
    names = [say(f"report.{code}", lang) for code in ("result", "place", "known", "value")]
    more = len(log.leaks) - _LEAKS
    rest = f'<p class="note">{say("report.more", lang, {"n": more})}</p>' if more > 0 else ""
    title = f"{say('report.leaks', lang)} ({len(log.leaks)})"
    return f"<details><summary>{title}</summary>{table(names, rows)}{rest}</details>"


def _circumstances(log: RunLog, lang: Lang) -> str:
    hashes = f"{log.hashes.data} / {log.hashes.settings} / {log.hashes.model or '—'}"
    machine = f"{log.machine.processor}, {log.machine.cores} cores, {log.machine.memory_mb} MB, {log.machine.system}"
    failed = ", ".join(f"{word} {count}" for word, count in sorted(log.failed.items())) or "0"
    pairs: Sequence[tuple[str, str]] = (
        ("file", short(log.suite_file)),
        ("run_id", log.run_id),
        ("target", ", ".join(f"{key} {value}" for key, value in log.target.items())),
        ("revision", log.revision or "—"),
        ("hashes", hashes),
        ("machine", machine),
        ("seed", str(log.seeds)),
        *((("rate", f"{log.suite.rate_per_s:g} / s"),) if log.suite.rate_per_s else ()),
        ("started", log.started_at),
        ("seconds", f"{log.seconds:g}"),
        ("failed", failed),
        ("versions", ", ".join(f"{name} {version}" for name, version in log.versions.items())),
    )
    rows = [[(say(f"report.{code}", lang), ""), (f"<code>{escape(told)}</code>", "wide")] for code, told in pairs]
    names = ["", ""]
    return f"<details><summary>{say('report.circumstances', lang)}</summary>{table(names, rows, stack=False)}</details>"
