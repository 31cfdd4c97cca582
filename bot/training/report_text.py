"""A training report in words."""

from __future__ import annotations

from collections.abc import Iterator

from bot.training.report import ReportChange, TrainingReport
from bot.training.texts import say
from kefu.base.texts import Lang


def report_lines(report: TrainingReport, change: ReportChange | None = None, *, lang: Lang = "zh") -> list[str]:
    """Return the report a line each, what matters most first."""
    return [*_figures(report, lang), *_weak(report, lang), *(_change(change, lang) if change else ())]


def _figures(report: TrainingReport, lang: Lang) -> Iterator[str]:
    yield say(
        "accuracy",
        lang,
        accuracy=_share(report.accuracy),
        low=_share(report.low),
        high=_share(report.high),
        rows=report.rows,
        calibration=_share(report.calibration_error),
    )
    promise = report.promise
    shares = {
        "budget": _share(promise.budget),
        "answered": _share(promise.answered),
        "inside": _share(promise.answered_inside),
        "wrong": _share(promise.wrong),
        "bound": _share(promise.bound),
        "sure": f"{1 - promise.delta:.0%}",
    }
    if promise.proven:
        yield say("promise", lang, **shares)
    else:
        reason = say("too_few", lang, short=promise.short) if promise.short else say("too_wrong", lang)
        yield say("unproven", lang, **shares, reason=reason)
    if report.foreign_rows:
        yield say("foreign", lang, rows=report.foreign_rows, declined=_share(report.foreign_declined))
    else:
        yield say("no_foreign", lang)


def _weak(report: TrainingReport, lang: Lang) -> Iterator[str]:
    if report.worst:
        yield say("worst", lang)
    for one in report.worst:
        yield say(
            "worst_line",
            lang,
            intent=one.intent,
            right=one.right,
            total=one.total,
            low=_share(one.low),
            high=_share(one.high),
            rival=one.rival,
        )
    if report.confusions:
        yield say("confused", lang)
    for pair in report.confusions:
        yield say(
            "confused_line",
            lang,
            intent=pair.intent,
            rival=pair.rival,
            count=pair.count,
            text=pair.text,
            place=pair.place or "-",
        )


def _change(change: ReportChange, lang: Lang) -> Iterator[str]:
    yield say("change", lang, accuracy=_step(change.accuracy), answered=_step(change.answered))
    for key, names in (("added", change.added), ("removed", change.removed)):
        if names:
            yield say(key, lang, names=", ".join(names))
    for key, moved in (("better", change.better), ("worse", change.worse)):
        if moved:
            yield say(key, lang, names=", ".join(f"{intent} {_step(step)}" for intent, step in moved))


def _share(value: float) -> str:
    return f"{value:.1%}"


def _step(value: float) -> str:
    return f"{value:+.1%}"
