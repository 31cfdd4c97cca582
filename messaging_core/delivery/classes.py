"""Classes of messages: what a message is decides when it may be delivered and how loud it is. Pure.

The class comes from content and origin, never from what the sender says of it. A class is decided when the message is
delivered: what was queued over night is judged again in the morning.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from kefu.base.clock import HOUR_US, SECOND_US
from messaging_core.settings import Marketing

MessageClass = Literal["system", "interactive", "marketing"]
Alert = Literal["banner", "ring", "badge", "folded"]

_GOODS = frozenset({"product_card", "coupon_card", "mini_program", "mini_program_card", "video_template"})
_OFFER = re.compile(
    r"优惠|特价|折扣|打折|\d\s*折|满\s*\d+\s*减|立减|秒杀|促销|大促|抢购|领券|清仓|上新|新品上市|爆款|热卖|"
    r"限时|买[一二三四五\d]+送|赠品|福利价|团购价|欢迎选购|快来选购|"
    r"discount|\d\s*% off|on sale|buy now|coupon|special offer",
    re.IGNORECASE,
)


def offers_goods(kind: str, body: bytes) -> bool:
    """Return whether a message offers goods: a card of goods or a coupon, or a text that advertises."""
    if kind in _GOODS:
        return True
    return kind in ("text", "choices", "link") and _OFFER.search(body.decode()) is not None


def decide_class(*, origin: str, from_enterprise: bool, offers: bool, prompted: bool) -> MessageClass:
    """Return the class of a message.

    `prompted`: it comes within the reply window of the customer's last message, or answers a member of a group.
    """
    if origin == "system":
        return "system"
    return "marketing" if from_enterprise and offers and not prompted else "interactive"


def is_prompted(*, last_said_us: int | None, now_us: int, rules: Marketing) -> bool:
    """Return whether the customer has said something within the reply window."""
    return last_said_us is not None and now_us - last_said_us < rules.reply_window_h * HOUR_US


def is_quiet(at_us: int, zone: ZoneInfo, rules: Marketing) -> bool:
    """Return whether the recipient's clock stands in the quiet hours, half-open, over midnight or not."""
    hour, start, end = _local(at_us, zone).hour, rules.quiet_from_h, rules.quiet_to_h
    if start <= end:
        return start <= hour < end
    return hour >= start or hour < end


def quiet_end(at_us: int, zone: ZoneInfo, rules: Marketing) -> int:
    """Return when the recipient's clock next shows the end of the quiet hours, later than `at_us`."""
    return _next_hour(at_us, zone, rules.quiet_to_h)


def release_at(at_us: int, zone: ZoneInfo, rules: Marketing, *, key: int) -> int:
    """Return when a message that waits for the morning goes out: the end of the quiet hours, and its own jitter."""
    jitter_us = rules.jitter_s * SECOND_US
    # A large odd factor spreads ids that follow each other.
    return quiet_end(at_us, zone, rules) + (key * 2_654_435_761 % jitter_us if jitter_us else 0)


def alert_of(message_class: MessageClass, *, disturb: bool, special: bool, hushed: bool = False) -> Alert:
    """Return how a delivered message shows itself. Do-not-disturb silences it and never withholds it.

    `disturb` False: the recipient does not want to be disturbed now; `hushed`: its sender writes too fast to one
    person; `special`: a contact who still rings.
    """
    if message_class == "marketing":
        return "folded"
    if message_class == "system":
        return "banner" if disturb else "badge"
    if hushed and not special:
        return "folded"
    return "ring" if disturb or special else "badge"


def _local(at_us: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at_us / SECOND_US, zone)


def _next_hour(at_us: int, zone: ZoneInfo, hour: int) -> int:
    local = _local(at_us, zone)
    # Wall-clock arithmetic: on the days when clocks change, the next morning is 23 or 25 hours away.
    wanted = local.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0, tzinfo=None)
    if wanted <= local.replace(tzinfo=None):
        wanted += timedelta(days=1)
    return round(wanted.replace(tzinfo=zone).astimezone(UTC).timestamp() * SECOND_US)
