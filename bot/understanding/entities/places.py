"""Provinces, cities and regions of China, and the countries that shops are asked about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources

from bot.understanding.entities.entity import Span

_NAMES = [
    name
    for line in resources.files(__package__).joinpath("places.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for name in line.split()
]
_PLACE = re.compile("|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True)) + "|内蒙(?!古)")
_SUFFIX = re.compile("省|市|自治区|特别行政区")
_FULL = {"内蒙": "内蒙古", "澳洲": "澳大利亚"}


def find_places(text: str) -> Iterator[Span]:
    """Yield places in folded text, a 省 or 市 behind them included; the value is the name without it."""
    for match in _PLACE.finditer(text):
        suffix = _SUFFIX.match(text, match.end())
        name = match[0].removesuffix("市")
        yield Span(match.start(), suffix.end() if suffix else match.end(), "place", _FULL.get(name, name))
