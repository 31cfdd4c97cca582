"""Small parts that the enterprise's pages share, as HTML."""

from __future__ import annotations

from datetime import UTC, datetime

from kefu.pages.staff.html import esc


def section(title: str, lead: str, inside: str) -> str:
    """Return a sheet; `title`, `lead` and `inside` are HTML."""
    return f'<section class="sheet"><header><h2>{title}</h2></header><p class="faint">{lead}</p>{inside}</section>'


def field(name: str, label: str, more: str) -> str:
    """Return an input under its label; `more` are attributes."""
    return f'<label><span>{label}</span><input name="{name}" autocomplete="off" {more}></label>'


def step(csrf: str, act: str, id_: int, text: str, *, sure: str = "", strong: bool = False) -> str:
    """Return a form that is one button; `sure` is asked before."""
    asks = f' data-sure="{esc(sure)}"' if sure else ""
    look = "button" if strong else "button plain"
    return (
        f'<form method="post" class="inline"{asks}>{hidden(csrf, act)}<input type="hidden" name="id" value="{id_}">'
        f'<button class="{look}">{text}</button></form>'
    )


def hidden(csrf: str, act: str) -> str:
    """Return the fields that every form carries: the CSRF token and what it does."""
    return f'<input type="hidden" name="csrf" value="{esc(csrf)}"><input type="hidden" name="do" value="{act}">'


def time(at_us: int) -> str:
    """Return a time, which the page's script shows in the reader's own zone."""
    at = datetime.fromtimestamp(at_us / 1_000_000, UTC)
    return f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d %H:%M} UTC</time>'
