"""Pure rules: who may message a person, and when his devices stay silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from kefu.base.clock import MINUTE_US, SECOND_US
from messaging_core.errors import ruled_out

Who = Literal["everyone", "mutual", "followers", "groups"]
DAY_MIN = 24 * 60
_WEEK = 7


class Relation(msgspec.Struct, frozen=True):
    """How a recipient stands to a sender, and whom he lets write to him."""

    who: Who = "everyone"
    blacklisted: bool = False
    whitelisted: bool = False
    follows: bool = False
    """The recipient follows the sender."""
    followed: bool = False
    """The sender follows the recipient."""
    grouped: bool = False
    """The sender is in one of the contact groups that may write."""


def check_may_message(relation: Relation) -> None:
    """Refuse a direct message that its recipient does not want: blacklist before whitelist before scope."""
    if relation.blacklisted:
        raise ruled_out("blacklist")
    if relation.whitelisted:
        return
    allowed = {
        "everyone": True,
        "mutual": relation.follows and relation.followed,
        "followers": relation.followed,
        "groups": relation.grouped,
    }[relation.who]
    if not allowed:
        raise ruled_out("who_may_message", who=relation.who)


@dataclass(slots=True, frozen=True)
class Silence:
    """A do-not-disturb interval `[start, end)`, minutes of the day; `end_min` beyond 1440 lies on the next day."""

    weekday: int
    """0 is Monday."""
    start_min: int
    end_min: int


class Quiet(msgspec.Struct):
    """Somebody's do-not-disturb hours by his own clock, and whom he hears all the same (special follows)."""

    zone: str
    silences: list[Silence]
    special: frozenset[int]
    minute: int = -1
    """The minute since 1970 for which `silent` was found: intervals begin and end with minutes."""
    silent: bool = False

    def is_silent(self, now_us: int) -> bool:
        """Return whether a moment lies in the hours; looked up once a minute, for it is asked at every push."""
        if not self.silences:
            return False
        minute = now_us // MINUTE_US
        if minute != self.minute:
            self.minute, self.silent = minute, is_silent(self.silences, zone=self.zone, now_us=now_us)
        return self.silent


def is_silent(silences: Sequence[Silence], *, zone: str, now_us: int) -> bool:
    """Return whether a moment lies in one of the intervals, by the clock on the wall there."""
    return _holding(silences, _local(zone, now_us)) is not None


def silent_until(silences: Sequence[Silence], *, zone: str, now_us: int) -> int | None:
    """Return when the silence of this moment ends (adjoining intervals are one), None when there is none.

    Silence around the clock ends a week from now, when it is looked at again.
    """
    local = _local(zone, now_us)
    if _holding(silences, local) is None:
        return None
    last = local + timedelta(days=_WEEK)
    while local < last:
        holding = _holding(silences, local)
        if holding is None:
            break
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        local = midnight + timedelta(minutes=holding)
    # Back through the wall clock: a day with 23 or 25 hours ends when the wall says so.
    return round(min(local, last).timestamp()) * SECOND_US


def _local(zone: str, now_us: int) -> datetime:
    return datetime.fromtimestamp(now_us / SECOND_US, ZoneInfo(zone))


def _holding(silences: Sequence[Silence], local: datetime) -> int | None:
    """Return the last minute, counted from this day's midnight, up to which an interval holds now; None: none does."""
    minute = local.hour * 60 + local.minute
    ends = [
        silence.end_min for silence in silences if silence.weekday == local.weekday() and silence.start_min <= minute
    ]
    before = (local.weekday() - 1) % _WEEK
    ends += [silence.end_min - DAY_MIN for silence in silences if silence.weekday == before]
    holding = [end for end in ends if minute < end]
    return max(holding, default=None)
