"""Pure rules: which message, and so which agent or bot, led a customer to an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kefu.base.clock import HOUR_US

LedBy = Literal["agent", "bot", "none"]
CARDS = ("product_card", "order_card", "coupon_card", "mini_program")


@dataclass(slots=True, frozen=True)
class Touch:
    """A message of the customer's conversation before his order."""

    message_id: int
    sender_id: int
    origin: str
    kind: str
    at_us: int


@dataclass(slots=True, frozen=True)
class Leader:
    """What led to an order."""

    led_by: LedBy = "none"
    account_id: int | None = None
    message_id: int | None = None


def choose_leader(
    touches: Sequence[Touch], *, placed_at_us: int, window_h: int, message_id: int | None = None
) -> Leader:
    """Return who led to an order, of the agents and bots who spoke in the window `(placed - window, placed]`.

    The message that the customer came from (`message_id`) decides; without one the last card does, and without a card
    the last answer. Who spoke outside the window led to nothing.
    """
    spoke = sorted(
        (
            touch
            for touch in touches
            if touch.origin in ("agent", "bot") and placed_at_us - window_h * HOUR_US < touch.at_us <= placed_at_us
        ),
        key=lambda touch: (touch.at_us, touch.message_id),
        reverse=True,
    )
    named = [touch for touch in spoke if touch.message_id == message_id]
    cards = [touch for touch in spoke if touch.kind in CARDS]
    for touch in (*named, *cards, *spoke):
        return Leader("agent" if touch.origin == "agent" else "bot", touch.sender_id, touch.message_id)
    return Leader()
