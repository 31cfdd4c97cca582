"""Every colour of text stands out from what it is written on, in the light and in the dark scheme (WCAG 2.1 AA)."""

from __future__ import annotations

import re
from importlib import resources

import pytest

PAIRS = [
    ("ink", "bg"),
    ("ink", "other"),
    ("soft", "bg"),
    ("soft", "chosen"),
    ("faint", "bg"),
    ("faint", "side"),
    ("faint", "hover"),
    ("faint", "chosen"),
    ("accent", "bg"),
    ("accent", "surface"),
    ("accent", "own-soft"),
    ("on-accent", "accent"),
    ("own-ink", "own"),
    ("warm", "raised"),
    ("alert-ink", "alert-bg"),
    ("warn-ink", "warn-bg"),
]
CSS = (resources.files("kefu") / "pages" / "static" / "css" / "base.css").read_text("utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", CSS, re.S)
)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_is_legible(scheme: dict[str, str], text: str, ground: str) -> None:
    darker, lighter = sorted((_luminance(scheme[text]), _luminance(scheme[ground])))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
