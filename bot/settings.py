"""What an enterprise sets for its bot on the settings page; one JSON document a version, unknown keys refused."""

from __future__ import annotations

from typing import Annotated

import msgspec

Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
_DAY = (("00:00", "24:00"),)


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the bot answers, per weekday (Monday first), in the enterprise's zone; an empty day means never."""

    zone: str = "Asia/Shanghai"
    days: tuple[tuple[tuple[Clock, Clock], ...], ...] = (_DAY,) * 7


class Triggers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a human is called, besides an explicit wish, which is always honoured."""

    words: tuple[str, ...] = ()
    """Further words that call a human at once."""
    complaint: bool = True
    anger: bool = True
    misses: Annotated[int, msgspec.Meta(ge=1, le=10)] = 2
    """Unanswered turns in a row until a human is called."""
    repeats: Annotated[int, msgspec.Meta(ge=2, le=10)] = 3
    """The same answer so many times is a loop."""


class BotSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bot of one enterprise."""

    auto_reply: bool = False
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] = "小月"
    greeting: Annotated[str, msgspec.Meta(max_length=500)] = ""
    """Said once at the start of a session; empty: none."""
    hours: Hours = Hours()
    off_hours_text: Annotated[str, msgspec.Meta(max_length=500)] = ""
    """Said once outside the hours; empty: silence, the customer waits for a human."""
    triggers: Triggers = Triggers()
    deadline_ms: Annotated[int, msgspec.Meta(ge=50, le=10_000)] = 1_500
    """How long a decision may take before the fallback is said."""
    stages: dict[str, str] = {}
    """Which implementation serves a stage, by name: `{"understand": "hybrid_head.v1"}`; missing: the default."""
