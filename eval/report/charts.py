"""The report's figures, drawn from the numbers in the log."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from eval.report.html import number
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
    # Logs of earlier versions have no interval here.
    ranged = [point for point in data["points"] if "interval" in point]
    high = [(across.at(point["coverage"]), up.at(point["interval"][1])) for point in ranged]
    low = [(across.at(point["coverage"]), up.at(point["interval"][0])) for point in reversed(ranged)]
    drawing.area([*high, *low])
    drawing.path([(across.at(point["coverage"]), up.at(point["risk"])) for point in data["points"]])
    drawing.text(228, 322, say("report.coverage", lang), "name")
    drawing.text(14, 148, say("report.risk", lang), "name", turn=-90)
    return drawing.markup()


def histogram(data: dict[str, Any], lang: Lang) -> str:
    """How many answers took how long."""
    drawing = Drawing(420, 330, label=say("report.histogram", lang))
    edges, counts = data["edges_ms"], data["counts"]
    across = Scale(math.log10(edges[0]), math.log10(edges[-1]), 56, 400)
    step = _round_step(max(counts))
    lines = math.ceil(max(counts) / step) or 1
    up = Scale(0, lines * step, 280, 16)
    for level in range(0, (lines + 1) * step, step):
        drawing.line(56, up.at(level), 400, up.at(level), "grid")
        drawing.text(50, up.at(level) + 4, str(level), "tick", anchor="end")
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        left, right = across.at(math.log10(low)), across.at(math.log10(high))
        tip = f"{low:.3g}-{high:.3g} ms: {count}"
        drawing.rect(left + 0.5, up.at(count), right - left - 1, up.at(0) - up.at(count), "bar", tip=tip)
    for value in _ticks(edges[0], edges[-1]):
        drawing.text(across.at(math.log10(value)), 296, f"{value:g}", "tick")
    for name, value in data.get("marks", {}).items():
        x = across.at(math.log10(value))
        drawing.line(x, 16, x, 280, "mark")
        y, told = (28 if name == "P50" else 46), f"{name} {value:.3g} ms"
        # At the right edge the words stand to the left of their line.
        edge = x > 330
        drawing.text(x + (-5 if edge else 5), y, told, "tick", anchor="end" if edge else "start")
    drawing.text(228, 322, say("report.milliseconds", lang), "name")
    drawing.text(14, 148, say("report.count", lang), "name", turn=-90)
    return drawing.markup()


def confusion(data: dict[str, Any], lang: Lang) -> str:
    """Who is taken for whom, the intents with the most errors."""
    names, cells = data["names"], data["cells"]
    size = 22 if len(names) <= 16 else 15
    left = 8 + max((_width(name) for name in names), default=0) * 6.2
    top = left * 0.72 + 10
    # The slanted names of the last columns reach beyond them.
    reach = max((size * (row + 1) + _width(name) * 4.6 for row, name in enumerate(names)), default=0.0)
    drawing = Drawing(left + reach, top + size * len(names) + 10, label=say("report.confusion", lang))
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


def curve(series: Sequence[tuple[str, Sequence[CurvePoint]]], lang: Lang) -> str:
    """A figure against the number of training examples, a line for each name; a single one needs no legend."""
    known = [(name, [point for point in points if point.figure.value is not None]) for name, points in series]
    every = [point for _, points in known for point in points]
    legend = 20 * len(known) if len(known) > 1 else 0
    drawing = Drawing(420, 330 + legend, label=say("report.curve", lang))
    low = min((point.figure.low or 0.0 for point in every), default=0.0)
    up = Scale(max(0.0, math.floor(low * 10) / 10), 1, 280, 16)
    across = Scale(0, max((point.examples for point in every), default=1), 56, 392)
    share_axis(drawing, up, at=56, across=400, vertical=True)
    for place, (name, points) in enumerate(known):
        css = f" s{place % 4}"
        drawing.path([(across.at(point.examples), up.at(point.figure.value or 0)) for point in points], "curve" + css)
        for point in points:
            # Side by side, so that the intervals of two bots do not cover each other.
            x = across.at(point.examples) + 4 * (place - (len(known) - 1) / 2)
            if point.figure.low is not None and point.figure.high is not None:
                drawing.line(x, up.at(point.figure.low), x, up.at(point.figure.high), "range" + css)
            tip = f"{name} {point.percent:g}%: {point.figure.value:.3f}"
            drawing.dot(x, up.at(point.figure.value or 0), 4.5, "dot" + css, tip=tip)
        if legend:
            drawing.rect(56, 337 + 20 * place, 14, 4, "line" + css)
            drawing.text(78, 344 + 20 * place, name, "tick", anchor="start")
    for examples in sorted({point.examples for point in every}):
        drawing.text(across.at(examples), 296, str(examples), "tick")
    drawing.text(228, 322, say("report.examples", lang), "name")
    return drawing.markup()


def slices(rows: Sequence[SliceFigure], whole: float, lang: Lang) -> str:
    """Each slice's share with its interval under the slice's name, and the whole as a line."""
    names = list(dict.fromkeys(row.name for row in rows))
    left = 20 + max(_width(row.value) for row in rows) * 6.8
    height = 26 * len(names) + 24 * len(rows)
    drawing = Drawing(left + 360, 34 + height, label=say("report.slices", lang))
    across = Scale(0, 1, left, left + 190)
    share_axis(drawing, across, at=6 + height, across=6, vertical=False)
    drawing.line(across.at(whole), 6, across.at(whole), 6 + height, "whole")
    y = 0.0
    for name in names:
        y += 20
        drawing.text(0, y, name, "group", anchor="start")
        y += 6
        for row in (row for row in rows if row.name == name):
            y += 24
            _slice(drawing, row, across, y - 10, left, lang)
    return drawing.markup()


def _slice(drawing: Drawing, row: SliceFigure, across: Scale, y: float, left: float, lang: Lang) -> None:
    css = " faint" if row.few else " star" if row.p < 0.05 else ""
    drawing.text(left - 8, y + 4, row.value, "tick", anchor="end")
    drawing.line(across.at(row.low), y, across.at(row.high), y, "range" + css)
    tip = f"{row.right}/{row.n} = {row.share:.3f} ({row.low:.3f}-{row.high:.3f}), p = {row.p:.3g}"
    drawing.dot(across.at(row.share), y, 4.5, "dot" + css, tip=tip)
    note = say("report.few", lang) if row.few else ("★" if row.p < 0.05 else "")
    drawing.text(left + 198, y + 4, f"{row.share * 100:.0f}%  n={row.n} {note}", "tick", anchor="start")


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
        drawing.text(44, up.at(value) + 4, number(value, known[-1].unit), "tick", anchor="end")
    drawing.path([(across.at(place), up.at(figure.value or 0)) for place, figure in enumerate(known)])
    for place, figure in enumerate(known):
        if figure.low is not None and figure.high is not None:
            drawing.line(across.at(place), up.at(figure.low), across.at(place), up.at(figure.high), "range")
        drawing.dot(across.at(place), up.at(figure.value or 0), 3.5, tip=f"{figure.value:.4g}")
    return drawing.markup()


def _round_step(most: int) -> int:
    """Return the finest of 1, 2, 5, 10, .. with which at most five steps reach `most`."""
    return next(mark * int(10**power) for power in range(12) for mark in (1, 2, 5) if 5 * mark * 10**power >= most)


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
