"""Phone numbers and order numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.understanding.entities.entity import Span

_PHONE = re.compile(
    r"(?<![\da-z])(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}-\d{7,8}|400-?\d{3}-?\d{4})(?!\d)"
)
_NAMED_ORDER = re.compile(
    r"(?:订单(?:编号|号)?|单号|order(?:\s*(?:no|number|id))?)[是为:号#.\s]*([a-z]{0,6}-?\d{6,24})(?!\d)"
)
_BARE_ORDER = re.compile(r"(?<![\da-z])([a-z]{1,6}-?\d{8,22}|\d{12,24})(?![\da-z])")


def find_phones(text: str) -> Iterator[Span]:
    """Yield mobile, landline and 400 numbers; the value has digits only."""
    for match in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        yield Span(match.start(), match.end(), "phone", digits[2:] if len(digits) == 13 else digits)


def find_orders(text: str) -> Iterator[Span]:
    """Yield numbers that are called an order's, and those that are long enough to be one."""
    for pattern in (_NAMED_ORDER, _BARE_ORDER):
        for match in pattern.finditer(text):
            yield Span(match.start(1), match.end(1), "order_number", match[1].upper())
