"""Words that end the names of several products: 银针 ends 君山银针 and 茉莉银针, whoever has it as an alias."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

# What stands before a mark or a number is a name too: 正山小种 in 正山小种·松烟香, 荒野老白茶 in 荒野老白茶2015.
_STEM = re.compile("[\u3400-\u9fff]{2,}")
_SHORTEST = 2
# One character before a word makes another word of it (老茶头, 小白茶), two name a kind of it (君山银针).
_QUALIFIER = 2


def heads_of(names: Mapping[str, int], aliases: Mapping[str, int]) -> dict[int, list[int]]:
    """Return for aliases, by their pattern, the patterns of the longer names that they are the head of.

    In Chinese the kind stands last and what tells it apart before it, so a name's head is its end: 龙井茶酥 is no 龙井.
    """
    found: dict[int, list[int]] = {}
    for name, pattern in names.items() if aliases else ():
        for head in _heads(name):
            known = aliases.get(head)
            if known is not None and known != pattern:
                found.setdefault(known, []).append(pattern)
    return found


def is_head(alias: str) -> bool:
    """Whether an alias can be the head of other names: two Chinese characters or more."""
    return len(alias) >= _SHORTEST and _STEM.fullmatch(alias) is not None


def _heads(name: str) -> Iterator[str]:
    stem = _STEM.match(name)
    if stem is None:
        return
    said = stem[0]
    if len(said) < len(name):
        yield said
    for start in range(_QUALIFIER, len(said) - _SHORTEST + 1):
        yield said[start:]
