"""Pieces of HTML that all pages share: frame, table, badges, numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from importlib import resources

from eval.scorers.scorer import Figure
from eval.texts import find, say
from kefu.base.texts import LANGS, Lang


@cache
def _style() -> str:
    return resources.files(__name__.rpartition(".")[0]).joinpath("static/report.css").read_text("utf-8")


def page(title_code: str, body: Callable[[Lang], str], *, about: Callable[[Lang], str] = lambda lang: "") -> str:
    """Return a page that holds its body in both languages and switches without a script.

    `about` gives the line under the title.
    """
    switches = "".join(
        f'<input class="lang-switch" type="radio" name="lang" id="lang-{lang}"{" checked" if lang == "zh" else ""} '
        f'aria-label="{name}">'
        for lang, name in (("zh", "中文"), ("en", "English"))
    )
    labels = '<label for="lang-zh">中文</label><label for="lang-en">English</label>'
    bodies = "".join(
        f'<div data-lang="{lang}" lang="{"zh-CN" if lang == "zh" else "en"}">'
        f'<header><div><h1>{say(title_code, lang)}</h1><p class="soft">{escape(about(lang))}</p></div>'
        f'<div class="languages">{labels}</div></header>{body(lang)}'
        f"<footer>{say('report.offline', lang)}</footer></div>"
        for lang in LANGS
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{say(title_code, 'zh')} · {say(title_code, 'en')}</title><style>{_style()}</style></head>"
        f'<body>{switches}<div class="page">{bodies}</div></body></html>'
    )


Cell = tuple[str, str]
"""Markup and CSS class."""


def table(names: Sequence[str], rows: Sequence[Sequence[Cell | str]], *, stack: bool = True) -> str:
    """Return a table; on a phone each row becomes a block with the columns' names in front."""
    if not rows:
        return ""
    classes = [cell[1] if isinstance(cell, tuple) else "" for cell in rows[0]]
    head = "".join(
        f'<th class="{"num" if "num" in css else ""}">{escape(name)}</th>'
        for name, css in zip(names, classes, strict=True)
    )
    lines = []
    for row in rows:
        cells = [cell if isinstance(cell, tuple) else (cell, "") for cell in row]
        told = "".join(
            f'<td class="{css}" data-name="{escape(name)}">{f"<div>{markup}</div>" if markup else ""}</td>'
            for name, (markup, css) in zip(names, cells, strict=True)
        )
        lines.append(f"<tr>{told}</tr>")
    css = ' class="stack"' if stack else ""
    return (
        f'<div class="scroll"><table{css}><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    )


def heading(code: str, lang: Lang, note: str = "") -> str:
    """Return the heading of a part, with a line that explains it."""
    told = f'<p class="note">{escape(note)}</p>' if note else ""
    return f"<h3>{say(f'report.{code}', lang)}</h3>{told}"


def short(place: str) -> str:
    """Return the end of a path, as much as people need to find it."""
    return "/".join(place.split("/")[-2:])


def badge(result: str, lang: Lang) -> str:
    """Return a coloured word for a result: passed, failed, met, missed, unclear."""
    css = {"passed": "good", "met": "good", "failed": "bad", "missed": "bad"}.get(result, "unclear")
    return f'<span class="badge {css}">{find(f"report.{result}", lang, result)}</span>'


def bound(wanted: str) -> str:
    """Return a threshold as people write it."""
    return escape(wanted.replace(">=", "≥").replace("<=", "≤"))


def number(value: float | None, unit: str = "share") -> str:
    """Return a figure for people: percent for shares, milliseconds, three decimals otherwise."""
    if value is None:
        return "—"
    if unit == "ms":
        return f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms"
    if unit == "share":
        return f"{value * 100:.1f}%"
    return f"{value:.3f}" if unit == "score" else f"{value:.2f}"


def points(delta: float, unit: str = "share") -> str:
    """Return a difference with its sign: points of a hundred for shares, three decimals otherwise."""
    # Rounded first: a tenth of a thousandth less is no minus nought.
    shown, digits = (delta * 100, 1) if unit == "share" else (delta, 3)
    return f"{round(shown, digits) + 0:+.{digits}f}"


def span(figure: Figure) -> str:
    """Return a figure's interval as text."""
    if figure.low is None or figure.high is None:
        return "—"
    return f"{number(figure.low, figure.unit)} – {number(figure.high, figure.unit)}"


def measure_name(figure_key: str, lang: Lang) -> str:
    """Return what `scorer.measure` is called."""
    name = figure_key.rpartition(".")[2]
    return find(f"measure.{name}", lang, name)


def scorer_title(name: str, lang: Lang) -> str:
    """Return what a scorer is called."""
    return find(f"scorer.{name}", lang, name)
