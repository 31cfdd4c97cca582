"""One suite's part of the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from eval.compare.pair import Comparison, Flip
from eval.report import charts
from eval.report.html import badge, bound, measure_name, number, scorer_title, span, table
from eval.report.summary import title_of
from eval.run.log import Judged, RunLog
from eval.samples.model import Output, Sample
from eval.scorers.scorer import Figure, Verdict
from eval.texts import find, say
from kefu.base.texts import Lang

_WORST, _MORE, _FLIPS, _LEAKS = 10, 40, 40, 30
_DRAWN: dict[str, Callable[[dict[str, Any], Lang], str]] = {
    "reliability": charts.reliability,
    "risk_coverage": charts.risk_coverage,
    "histogram": charts.histogram,
    "bars": charts.bars,
}


def suite_section(log: RunLog, comparison: Comparison | None, lang: Lang, *, anchor: str) -> str:
    """Return the card of a suite: figures, charts, slices, errors, changes, leaks, circumstances."""
    about = log.suite.about
    words = (about.zh if lang == "zh" else about.en) if about else ""
    sealed = say("report.sealed_yes" if log.release else "report.sealed_no", lang)
    has_sealed = any(data.sealed for data in log.suite.data)
    parts = [
        f'<h2>{escape(title_of(log, lang))}</h2><p class="soft">{escape(words)} <code>{escape(log.suite.suite)}</code> '
        f"v{log.suite.version}{' · ' + sealed if has_sealed else ''}</p>",
        _figures(log, lang),
        _anchors(log, lang),
        _charts(log, lang),
        _slices(log, lang),
        _errors(log, lang),
        _changes(comparison, lang) if comparison else "",
        _leaks(log, lang),
        _circumstances(log, lang),
    ]
    return f'<section class="card" id="{anchor}">{"".join(parts)}</section>'


def _heading(code: str, lang: Lang, note: str = "") -> str:
    told = f'<p class="note">{escape(note)}</p>' if note else ""
    return f"<h3>{say(f'report.{code}', lang)}</h3>{told}"


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
            rows.append(
                [
                    (f"{scorer_title(figure.scorer, lang)} · {measure_name(figure.key, lang)}", ""),
                    (f"<b>{number(figure.value, figure.unit)}</b>", "num"),
                    (span(figure), "num"),
                    (charts.interval_bar(figure), "bar"),
                    (f"{figure.n}{note}", "num"),
                    (find(f"report.{figure.method}", lang, figure.method), ""),
                    (result, ""),
                ]
            )
    codes = ("figure", "value", "interval", "", "samples", "method", "threshold")
    names = [say(f"report.{code}", lang) if code else "" for code in codes]
    return _heading("figures", lang) + table(names, rows)


def _anchors(log: RunLog, lang: Lang) -> str:
    rows = []
    for anchor in log.suite.anchors:
        figure = log.figure(anchor.figure)
        if figure is None or figure.value is None:
            continue
        met = anchor.goal is None or (figure.value >= anchor.goal) == (anchor.better == "higher")
        goal = "—" if anchor.goal is None else f"{anchor.goal:g}"
        if anchor.quality_goal is not None:
            goal += f" / {anchor.quality_goal:g}"
        rows.append(
            [
                (measure_name(anchor.figure, lang), ""),
                ("<br>".join(escape(one) for one in anchor.published), "wide"),
                (goal, "num"),
                (f"<b>{figure.value:.4g}</b>", "num"),
                (span(figure), "num"),
                (badge("met" if met else "missed", lang) if anchor.goal is not None else "", ""),
            ]
        )
    if not rows:
        return ""
    names = [say(f"report.{code}", lang) for code in ("figure", "published", "goal", "ours", "interval", "result")]
    return _heading("anchors", lang) + table(names, rows)


def _charts(log: RunLog, lang: Lang) -> str:
    drawn = []
    for judged in log.judged:
        for chart in judged.charts:
            if chart.kind == "confusion":
                drawn.append(_confusion(chart.data, lang))
            elif chart.data and any(chart.data.values()):
                drawn.append(_figure(chart.kind, _DRAWN[chart.kind](chart.data, lang), lang))
    if log.curve:
        drawn.append(_figure("curve", charts.curve(log.curve, lang), lang))
    return f'{_heading("charts", lang)}<div class="charts">{"".join(drawn)}</div>' if drawn else ""


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
        for one in data["worst"]
    ]
    names = [say(f"report.{code}", lang) for code in ("wanted", "said", "count")]
    worst = (
        f"<figure><figcaption>{say('report.worst_pairs', lang)}</figcaption>{table(names, rows, stack=False)}</figure>"
    )
    css = "full" if len(data["names"]) > 16 else ""
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
    return f'{_heading("slices", lang, say("report.slices_note", lang))}<div class="charts">{"".join(drawn)}</div>'


def _errors(log: RunLog, lang: Lang) -> str:
    judged = next((one for one in log.judged if one.verdicts), None)
    if judged is None:
        return ""
    wrong = worst_errors(judged)
    if not wrong:
        return _heading("errors", lang, say("report.nothing_wrong", lang))
    samples = {sample.id: sample for sample in log.samples}
    outputs = {(output.sample_id, output.repeat): output for output in log.outputs}
    rows = []
    for verdict in wrong[: _WORST + _MORE]:
        sample = samples[verdict.sample_id]
        output = outputs.get((verdict.sample_id, verdict.repeat))
        rows.append(
            [
                (f'{_asked(sample)}<span class="sub"><code>{escape(_short(sample.place))}</code></span>', "wide"),
                (escape(verdict.wanted[:160]), "wide"),
                (escape(verdict.said[:200]) or _failed(output), "wide"),
                (escape(verdict.why[:240]), "wide"),
                (_evidence(verdict), "wide"),
            ]
        )
    names = [say(f"report.{code}", lang) for code in ("place", "wanted", "said", "why", "evidence")]
    shown = _heading("errors", lang, say("report.errors_note", lang)) + table(names, rows[:_WORST])
    if len(rows) > _WORST:
        more = len(wrong) - len(rows)
        rest = f'<p class="note">{say("report.more", lang, {"n": more})}</p>' if more else ""
        title = f"{say('report.more_errors', lang)} ({len(rows) - _WORST})"
        shown += f"<details><summary>{title}</summary>{table(names, rows[_WORST:])}{rest}</details>"
    return shown


def worst_errors(judged: Judged) -> list[Verdict]:
    """Return what was not right: answers first, the surest of them leading, then failures."""
    wrong = [verdict for verdict in judged.verdicts if not verdict.right]

    def key(verdict: Verdict) -> tuple[bool, float, str]:
        try:
            sure = float(verdict.why)
        except ValueError:
            sure = 0.0
        return verdict.failed, -sure, verdict.sample_id

    return sorted(wrong, key=key)


def _asked(sample: Sample) -> str:
    if "steps" in sample.input:
        said = [step.get("say") or step.get("press") or f"[{step.get('agent')}]" for step in sample.input["steps"]]
        told = " → ".join(" / ".join(one) if isinstance(one, list) else str(one) for one in said)
    else:
        told = " / ".join(map(str, sample.input.get("messages") or [sample.input.get("text", sample.id)]))
    return escape(told[:240])


def _short(place: str) -> str:
    return "/".join(place.split("/")[-2:])


def _failed(output: Output | None) -> str:
    return f'<span class="bad">{escape(output.error)}</span>' if output is not None and output.error else "—"


def _evidence(verdict: Verdict) -> str:
    lines = []
    for one in verdict.evidence:
        score = one.get("score")
        told = escape(str(one.get("text", ""))[:120])
        intent = f" <b>{escape(str(one['intent']))}</b>" if one.get("intent") else ""
        sure = f" {score:.2f}" if isinstance(score, int | float) else ""
        source = (
            f'<span class="sub"><code>{escape(_short(str(one["source"])))}</code>{sure}</span>'
            if one.get("source")
            else ""
        )
        lines.append(f"<div>{told}{intent}{source}</div>")
    return "".join(lines)


def _changes(found: Comparison, lang: Lang) -> str:
    tests = found.tests()
    scorer = next((one.scorer for one in found.new.judged if one.scorer in tests), None)
    flips = [flip for flip in found.flips if flip.scorer == scorer]
    test = tests.get(scorer or "")
    data: dict[str, object] = {
        "n": found.shared,
        "lost": test.lost if test else 0,
        "gained": test.gained if test else 0,
        "p": f"{test.p:.3g}" if test else "1",
    }
    parts = [_heading("changes", lang, say("report.changes_note", lang, data)), _gathers(found, scorer, lang)]
    names = [say(f"report.{code}", lang) for code in ("place", "wanted", "before", "after", "why")]
    for code, gained in (("lost", False), ("gained", True)):
        chosen = [flip for flip in flips if flip.gained == gained]
        if chosen:
            rows = [_flip(flip) for flip in chosen[:_FLIPS]]
            opened = " open" if not gained else ""
            parts.append(
                f"<details{opened}><summary>{say(f'report.{code}', lang)} ({len(chosen)})</summary>"
                f"{table(names, rows)}</details>"
            )
    return "".join(parts)


def _flip(flip: Flip) -> list[tuple[str, str]]:
    sample, old, new = flip.new.sample, flip.old.verdict, flip.new.verdict
    return [
        (f'{_asked(sample)}<span class="sub"><code>{escape(_short(sample.place))}</code></span>', "wide"),
        (escape(new.wanted[:120]), "wide"),
        (escape(old.said[:160]) or escape(old.why[:160]), "wide"),
        (escape(new.said[:160]) or escape(new.why[:160]), "wide"),
        (escape(new.why[:200] or old.why[:200]), "wide"),
    ]


def _gathers(found: Comparison, scorer: str | None, lang: Lang) -> str:
    rows = [
        [
            (escape(f"{group.slice} {group.value}"), "wide"),
            (f"{group.lost} / {group.n}", "num"),
            (str(group.gained), "num"),
            (f"{group.p:.3g}", "num"),
        ]
        for group in found.groups
        if group.scorer == scorer
    ][:12]
    if not rows:
        return ""
    names = [say(f"report.{code}", lang) for code in ("gathers", "lost", "gained")] + ["p (Holm)"]
    return table(names, rows)


def _leaks(log: RunLog, lang: Lang) -> str:
    if not log.leaks:
        return ""
    rows = [
        [
            (say(f"report.leak_{leak.kind}", lang), ""),
            (f'{escape(leak.text)}<span class="sub"><code>{escape(_short(leak.place))}</code></span>', "wide"),
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
        ("file", _short(log.suite_file)),
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


def ranking(logs: Sequence[RunLog], lang: Lang) -> str:
    """Return one table of all targets that ran the same suite, the best first; empty for a single one."""
    by_suite: dict[str, list[RunLog]] = {}
    for log in logs:
        by_suite.setdefault(log.suite.suite, []).append(log)
    parts = []
    for several in by_suite.values():
        known = [(log, figure) for log in several if (figure := log.headline()) is not None]
        if len(known) < 2:
            continue
        best_first = known[0][1].better == "higher"
        ordered = sorted(known, key=lambda pair: _value(pair[1], best_first=best_first), reverse=best_first)
        rows = [
            [
                (str(place), "num"),
                (escape(", ".join(f"{k} {v}" for k, v in log.target.items() if k != "encoder")), "wide"),
                (f"<b>{number(figure.value, figure.unit)}</b>", "num"),
                (span(figure), "num"),
                (charts.interval_bar(figure), "bar"),
                (_latency(log), "num"),
                (str(sum(log.failed.values())), "num"),
            ]
            for place, (log, figure) in enumerate(ordered, start=1)
        ]
        title = f"{escape(title_of(several[0], lang))} · {measure_name(ordered[0][1].key, lang)}"
        names = [
            "#",
            *(say(f"report.{code}", lang) for code in ("target", "value", "interval")),
            "",
            "p50",
            say("report.failed", lang),
        ]
        parts.append(f"<h3>{title}</h3>{table(names, rows)}")
    return f'<section class="card"><h2>{say("report.ranking", lang)}</h2>{"".join(parts)}</section>' if parts else ""


def _value(figure: Figure, *, best_first: bool) -> float:
    return (-1e9 if best_first else 1e9) if figure.value is None else figure.value


def _latency(log: RunLog) -> str:
    figure = log.figure("latency.p50_ms")
    return number(figure.value, "ms") if figure else "—"
