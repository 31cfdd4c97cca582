"""The built-in slots, in the order that decides between equal spans."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.understanding.entities.body import find_body
from bot.understanding.entities.colours import find_colours
from bot.understanding.entities.contact import find_orders, find_phones
from bot.understanding.entities.entity import Span
from bot.understanding.entities.moments import find_moments
from bot.understanding.entities.money import find_money
from bot.understanding.entities.places import find_places
from bot.understanding.entities.quantity import find_quantities

SLOTS = (
    "phone",
    "order_number",
    "height",
    "weight",
    "datetime",
    "date",
    "time",
    "money",
    "quantity",
    "colour",
    "place",
)


def find_builtin(text: str, now: datetime) -> Iterable[Span]:
    """Yield every built-in slot of folded text, overlapping ones too."""
    yield from find_phones(text)
    yield from find_orders(text)
    yield from find_body(text)
    yield from find_moments(text, now)
    yield from find_money(text)
    yield from find_quantities(text)
    yield from find_colours(text)
    yield from find_places(text)
