"""What was seen in a text before it is understood as a question."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge_graph.asking.cues import Cue
from knowledge_graph.asking.quantities import Quantity
from knowledge_graph.model import Mention
from knowledge_graph.schema import Schema

BLANK = "\x00"
_NEARBY = re.compile("附近|周边|周围|四周|就近|旁边|边上|不远")

_YES_NO = re.compile("吗|么|嘛|没|是不是|是否|有没有|可不可以|能不能")


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was seen in a text; `masked` is the folded text in which mentions are blanked."""

    plain: str
    masked: str
    mentions: tuple[Mention, ...]
    cues: tuple[Cue, ...]
    amounts: tuple[Quantity, ...]
    schema: Schema
    nth: int | None = None
    apart: str = ""


def nearby(masked: str) -> re.Match[str] | None:
    """The first word for nearness."""
    return _NEARBY.search(masked)


def may_ask_whether(masked: str) -> bool:
    """Whether a text may ask for yes or no."""
    return _YES_NO.search(masked) is not None
