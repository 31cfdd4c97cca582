"""A part that is meant by its place in the list: 第二个规格, 最后一个规格."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge_graph.numerals import NUMBER, parse_number
from knowledge_graph.schema import Schema

LAST = -1


@dataclass(frozen=True, slots=True)
class Place:
    """Where the words stand and which part they mean: 1 is the first, `LAST` the last."""

    start: int
    end: int
    number: int


def find_place(plain: str, *, schema: Schema) -> Place | None:
    """Return the first place that a folded text names; only the schema's own word for parts is one (规格)."""
    labels = "|".join(re.escape(schema.kinds[kind].label) for kind in schema.part_of)
    if not labels:
        return None
    match = re.search(rf"(?:第\s*(?P<nth>{NUMBER})|(?P<last>最后一?))[个种款样]?(?:{labels})", plain)
    if match is None:
        return None
    number = LAST if match["last"] else parse_number(match["nth"])
    if number is None or (number != LAST and (number < 1 or number != int(number))):
        return None
    return Place(match.start(), match.end(), int(number))


def part_at(parts: list[str], number: int) -> list[str]:
    """Return the part at a place of the list, alone; an empty list when there are not so many."""
    if number == LAST:
        return parts[-1:]
    return parts[number - 1 : number]
