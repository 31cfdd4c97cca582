"""The report's figures, drawn from the numbers in the log."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from eval.report.svg import Drawing, Scale, share_axis
from eval.run.log import CurvePoint, SliceFigure
from eval.scorers.scorer import Figure
from eval.texts import say
from kefu.base.texts import Lang


def reliability(data: dict[str, Any], lang: Lang) -> str:
    """Confidence against the share of right answers, ten bins with their intervals."""
    drawing = Drawing(420, 330, label=say("report.reliability", lang))
    across, up = Scale(0, 1, 56, 400), Scale(0, 1, 280, 16)
    share_axis(drawing, across, at=280, across=16, vertical=False)
    share_axis(drawing, up, at=56, across=400, vertical=True)
    drawing.line(across.at(0), up.at(0), across.at(1), up.at(1), "ideal")
    most = max((one["n"] for one in data["bins"]), default=1)
    for one in data["bins"]:
        x = across.at(one["sure"])
        if one["interval"]:
            drawing.line(x, up.at(one["interval"][0]), x, up.at(one["interval"][1]), "range")
        tip = f"{one['sure']:.2f} → {one['right']:.2f} (n = {one['n']})"
        drawing.dot(x, up.at(one["right"]), 3 + 7 * math.sqrt(one["n"] / most), tip=tip)
    drawing.text(228, 322, say("report.confidence", lang), "name")
    drawing.text(14, 148, say("report.right_share", lang), "name", turn=-90)
    return drawing.markup()


def risk_coverage(data: dict[str, Any], lang: Lang) -> str:
    """The share of wrong answers among the surest part, for every part."""
    drawing = Drawing(420, 330, label=say("report.risk_coverage", lang))
    top = max(0.05, math.ceil(max((p["risk"] for p in data["points"]), default=0) * 22) / 20)
    across, up = Scale(0, 1, 56, 400), Scale(0, min(1.0, top), 280, 16)
    share_axis(drawing, across, at=280, across=16, vertical=False)
    share_axis(drawing, up, at=56, across=400, vertical=True)
    drawing.path([(across.at(point["coverage"]), up.at(point["risk"])) for point in data["points"]])
    drawing.text(228, 322, say("report.coverage", lang), "name")
    drawing.text(14, 148, say("report.risk", lang), "name", turn=-90)
    return drawing.markup()


def histogram(data: dict[str, Any], lang: Lang) -> str:
    """How many answers took how long."""
    drawing = Drawing(420, 330, label=say("report.histogram", lang))
    edges, counts = data["edges_ms"], data["counts"]
    across = Scale(math.log10(edges[0]), math.log10(edges[-1]), 56, 400)
    most = max(counts) or 1
    up = Scale(0, most, 280, 16)
    for step in range(5):
        value = most * step / 4
        drawing.line(56, up.at(value), 400, up.at(value), "grid")
        drawing.text(50, up.at(value) + 4, f"{value:g}" if most < 8 else f"{value:.0f}", "tick", anchor="end")
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        left, right = across.at(math.log10(low)), across.at(math.log10(high))
        tip = f"{low:.3g}-{high:.3g} ms: {count}"
        drawing.rect(left + 0.5, up.at(count), right - left - 1, up.at(0) - up.at(count), "bar", tip=tip)
    for value in _ticks(edges[0], edges[-1]):
        drawing.text(across.at(math.log10(value)), 296, f"{value:g}", "tick")
    drawing.text(228, 322, say("report.milliseconds", lang), "name")
    drawing.text(14, 148, say("report.count", lang), "name", turn=-90)
    return drawing.markup()


def confusion(data: dict[str, Any], lang: Lang) -> str:
    """Who is taken for whom, the intents with the most errors."""
    names, cells = data["names"], data["cells"]
    size = 22 if len(names) <= 16 else 15
    left = 8 + max((_width(name) for name in names), default=0) * 6.2
    top = left * 0.72 + 10
    drawing = Drawing(left + size * len(names) + 16, top + size * len(names) + 10, label=say("report.confusion", lang))
    for row, name in enumerate(names):
        drawing.text(left - 6, top + row * size + size * 0.7, name, "small", anchor="end")
        drawing.text(left + row * size + size * 0.7, top - 6, name, "small", anchor="start", turn=-45)
        total = sum(cells[row]) or 1
        for col, count in enumerate(cells[row]):
            css = "cell" if not count else "hit" if row == col else "miss"
            shade = f"fill-opacity:{0.18 + 0.82 * count / total:.2f}" if count else ""
            tip = f"{name} → {names[col]}: {count}"
            drawing.rect(left + col * size, top + row * size, size - 1, size - 1, css, tip=tip, style=shade)
            if count and size > 16:
                drawing.text(left + col * size + size / 2 - 0.5, top + row * size + size * 0.68, str(count), "number")
    return drawing.markup()


def bars(data: dict[str, Any], lang: Lang) -> str:
    """Counts by name, the right ones dark."""
    rows = data["bars"]
    drawing = Drawing(420, 40 + 38 * len(rows), label=say("report.bars", lang))
    across = Scale(0, max((row["n"] for row in rows), default=1), 92, 360)
    for place, row in enumerate(rows):
        y = 14 + place * 38
        drawing.text(84, y + 18, row["name"], "tick", anchor="end")
        drawing.rect(92, y, across.at(row["n"]) - 92, 26, "bar light", tip=f"{row['n']}")
        drawing.rect(92, y, across.at(row["right"]) - 92, 26, "bar", tip=f"{row['right']}")
        drawing.text(across.at(row["n"]) + 6, y + 18, f"{row['right']}/{row['n']}", "tick", anchor="start")
    return drawing.markup()


def curve(points: Sequence[CurvePoint], lang: Lang) -> str:
    """A figure against the number of training examples."""
    drawing = Drawing(420, 330, label=say("report.curve", lang))
    known = [point for point in points if point.figure.value is not None]
    low = min((point.figure.low or 0.0 for point in known), default=0.0)
    up = Scale(max(0.0, math.floor(low * 10) / 10), 1, 280, 16)
    across = Scale(0, max((point.examples for point in known), default=1), 56, 392)
    share_axis(drawing, up, at=56, across=400, vertical=True)
    drawing.path([(across.at(point.examples), up.at(point.figure.value or 0)) for point in known])
    for point in known:
        x = across.at(point.examples)
        if point.figure.low is not None and point.figure.high is not None:
            drawing.line(x, up.at(point.figure.low), x, up.at(point.figure.high), "range")
        drawing.dot(x, up.at(point.figure.value or 0), 4.5, tip=f"{point.percent:g}%: {point.figure.value:.3f}")
        drawing.text(x, 296, str(point.examples), "tick")
    drawing.text(228, 322, say("report.examples", lang), "name")
    return drawing.markup()


def slices(rows: Sequence[SliceFigure], whole: float, lang: Lang) -> str:
    """Each slice's share with its interval, and the whole as a line."""
    left = 24 + max(_width(f"{row.name} {row.value}") for row in rows) * 6.6
    drawing = Drawing(left + 420, 46 + 24 * len(rows), label=say("report.slices", lang))
    across = Scale(0, 1, left, left + 230)
    share_axis(drawing, across, at=14 + 24 * len(rows), across=6, vertical=False)
    drawing.line(across.at(whole), 6, across.at(whole), 14 + 24 * len(rows), "whole")
    for place, row in enumerate(rows):
        y = 20 + place * 24
        css = " faint" if row.few else " star" if row.p < 0.05 else ""
        drawing.text(left - 8, y + 4, f"{row.name} {row.value}", "tick", anchor="end")
        drawing.line(across.at(row.low), y, across.at(row.high), y, "range" + css)
        tip = f"{row.right}/{row.n} = {row.share:.3f} ({row.low:.3f}-{row.high:.3f}), p = {row.p:.3g}"
        drawing.dot(across.at(row.share), y, 4.5, "dot" + css, tip=tip)
        note = say("report.few", lang) if row.few else ("★" if row.p < 0.05 else "")
        drawing.text(left + 238, y + 4, f"{row.share * 100:.0f}%  n={row.n} {note}", "tick", anchor="start")
    return drawing.markup()


def interval_bar(figure: Figure) -> str:
    """A figure's interval on a short line from 0 to 1; empty for figures that are no share."""
    if figure.value is None or figure.low is None or figure.high is None or figure.unit == "ms":
        return ""
    if not 0 <= figure.value <= 1:
        return ""
    drawing = Drawing(120, 16, label=f"{figure.value:.3f}")
    across = Scale(0, 1, 4, 116)
    drawing.line(4, 8, 116, 8, "grid")
    low, high = across.at(figure.low), across.at(figure.high)
    drawing.rect(low, 3, max(3.0, high - low), 10, "bar light")
    drawing.rect(across.at(figure.value) - 1.5, 1, 3, 14, "bar")
    return drawing.markup()


def trend(figures: Sequence[Figure]) -> str:
    """A figure over the runs, oldest first, with intervals."""
    known = [figure for figure in figures if figure.value is not None]
    drawing = Drawing(320, 84, label="trend")
    if not known:
        return drawing.markup()
    lows = [figure.value if figure.low is None else figure.low for figure in known]
    highs = [figure.value if figure.high is None else figure.high for figure in known]
    low, high = min(one for one in lows if one is not None), max(one for one in highs if one is not None)
    across, up = Scale(0, max(len(known) - 1, 1), 60, 308), Scale(low, high, 72, 10)
    for value in (low, high):
        drawing.line(50, up.at(value), 314, up.at(value), "grid")
        drawing.text(44, up.at(value) + 4, f"{value:.3g}", "tick", anchor="end")
    drawing.path([(across.at(place), up.at(figure.value or 0)) for place, figure in enumerate(known)])
    for place, figure in enumerate(known):
        if figure.low is not None and figure.high is not None:
            drawing.line(across.at(place), up.at(figure.low), across.at(place), up.at(figure.high), "range")
        drawing.dot(across.at(place), up.at(figure.value or 0), 3.5, tip=f"{figure.value:.4g}")
    return drawing.markup()


def _ticks(low: float, high: float) -> list[float]:
    """Return three to six round values between two."""
    for marks in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)):
        found = [
            mark * 10.0**power
            for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            for mark in marks
            if low <= mark * 10.0**power <= high
        ]
        if len(found) >= 3:
            break
    if len(found) > 6:
        found = found[:: math.ceil(len(found) / 6)]
    return found


def _width(text: str) -> float:
    """Return a text's width in Latin letters; Chinese counts double."""
    return sum(2.0 if ord(letter) > 0x2E7F else 1.0 for letter in text)
