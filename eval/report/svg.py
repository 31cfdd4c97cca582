"""A few strokes of SVG: text takes the page's fonts, so that Chinese is drawn like everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps [low, high] onto pixels [start, end]."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the pixel of a value; one beyond the ends is drawn at the end."""
        width = self.high - self.low
        part = (value - self.low) / width if width else 0.5
        return round(self.start + min(1.0, max(0.0, part)) * (self.end - self.start), 2)


class Drawing:
    """Collects elements; `markup` gives the whole, with a title for those who do not see it."""

    def __init__(self, width: float, height: float, *, label: str) -> None:
        self.width, self.height, self._label = width, height, label
        self._parts: list[str] = []

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str = "axis") -> None:
        """Draw a line."""
        self._parts.append(f'<line class="{css}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>')

    def rect(
        self, x: float, y: float, width: float, height: float, css: str, *, tip: str = "", style: str = ""
    ) -> None:
        """Draw a rectangle; `tip` shows when the pointer rests on it."""
        inside = f"<title>{escape(tip)}</title>" if tip else ""
        styled = f' style="{escape(style)}"' if style else ""
        self._parts.append(
            f'<rect class="{css}"{styled} x="{x:g}" y="{y:g}" width="{max(width, 0):g}" height="{max(height, 0):g}">'
            f"{inside}</rect>"
        )

    def dot(self, x: float, y: float, radius: float, css: str = "dot", *, tip: str = "") -> None:
        """Draw a point."""
        inside = f"<title>{escape(tip)}</title>" if tip else ""
        self._parts.append(f'<circle class="{css}" cx="{x:g}" cy="{y:g}" r="{radius:g}">{inside}</circle>')

    def path(self, points: Sequence[tuple[float, float]], css: str = "curve") -> None:
        """Draw a line through points."""
        told = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._parts.append(f'<polyline class="{css}" points="{told}"/>')

    def area(self, points: Sequence[tuple[float, float]], css: str = "band") -> None:
        """Fill what some points enclose."""
        if points:
            told = " ".join(f"{x:g},{y:g}" for x, y in points)
            self._parts.append(f'<polygon class="{css}" points="{told}"/>')

    def text(self, x: float, y: float, words: str, css: str = "", *, anchor: str = "middle", turn: float = 0) -> None:
        """Write words; `anchor` is start, middle or end."""
        turned = f' transform="rotate({turn:g} {x:g} {y:g})"' if turn else ""
        self._parts.append(
            f'<text class="{css}" x="{x:g}" y="{y:g}" text-anchor="{anchor}"{turned}>{escape(words)}</text>'
        )

    def markup(self) -> str:
        """Return the SVG element."""
        return (
            f'<svg viewBox="0 0 {self.width:g} {self.height:g}" role="img" aria-label="{escape(self._label)}" '
            f'style="max-width:{self.width:g}px">{"".join(self._parts)}</svg>'
        )


def share_axis(drawing: Drawing, scale: Scale, *, at: float, across: float, vertical: bool) -> None:
    """Draw an axis of percent with light lines across."""
    length = scale.high - scale.low
    # The finest round step that gives at most five lines.
    step = next((one for one in (0.01, 0.02, 0.05, 0.1, 0.2) if length / one <= 5.01), 0.25)
    for number in range(round(length / step) + 1):
        value = scale.low + number * step
        place = scale.at(value)
        label = f"{value * 100:.0f}%"
        if vertical:
            drawing.line(at, place, across, place, "grid")
            drawing.text(at - 6, place + 4, label, "tick", anchor="end")
        else:
            drawing.line(place, at, place, across, "grid")
            drawing.text(place, at + 16, label, "tick")
