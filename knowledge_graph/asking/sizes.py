"""Which size of a product the words of a question mean: 30泡的礼罐, 六只一套, 试饮的那个."""

from __future__ import annotations

import re
from collections.abc import Mapping

from knowledge_graph.fold import fold
from knowledge_graph.numerals import NUMBER, parse_number

_CLASSIFIERS = "泡包袋只片颗粒枚饼盒罐件套支瓶条块杯个"
_COUNTED = re.compile(rf"({NUMBER})\s*([{_CLASSIFIERS}])")
_HAN = re.compile("[\u3400-\u9fff]+")
_ONE = re.compile(rf"^[一1]\s*[{_CLASSIFIERS}]$")
_DULL = frozenset("装的规格包")


def counted(plain: str) -> set[str]:
    """Amounts with a classifier in one spelling: 六只 is `6只`; a single one (一罐) says nothing."""
    found: set[str] = set()
    for match in _COUNTED.finditer(plain):
        number = parse_number(match[1])
        if number is not None and not _ONE.match(match[0]):
            found.add(f"{number:g}{match[2]}")
    return found


def meant(plain: str, labels: Mapping[str, str]) -> list[str] | None:
    """The parts whose label says what the question says; all the same: None; an amount that no label has: [].

    `plain` is the folded question without its mentions, `labels` are the parts' labels by id.
    """
    folded = {part: fold(label) for part, label in labels.items()}
    amounts = counted(plain)
    if amounts:
        having = [part for part, label in folded.items() if amounts & counted(label)]
        if not having and any(counted(label) for label in folded.values()):
            return []
        folded = {part: folded[part] for part in having} or folded
    scores = {part: _shared(plain, label) for part, label in folded.items()}
    best = max(scores.values(), default=0)
    chosen = [part for part, score in scores.items() if score == best]
    return chosen if len(chosen) < len(labels) else None


def _shared(plain: str, label: str) -> int:
    """How many characters of the label's words stand in the text, in runs of two or more."""
    total = 0
    for run in _HAN.findall(label):
        start = 0
        while start < len(run) - 1:
            end = start + 1
            while end < len(run) and run[start : end + 1] in plain:
                end += 1
            if end - start >= 2 and not set(run[start:end]) <= _DULL:
                total += end - start
            start = max(end, start + 1)
    return total
