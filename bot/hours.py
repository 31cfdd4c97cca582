"""Whether the bot answers at a time: pure, by the wall clock of the enterprise's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.settings import Hours
from kefu.base.clock import SECOND_US

_DAY_MINUTES = 24 * 60


def is_open(hours: Hours, *, at_us: int) -> bool:
    """Return whether a time lies within the hours; a span holds its start and not its end.

    A span that ends before it starts (`22:00` to `06:00`) goes on into the next morning. Spans are read off the wall
    clock: an hour that summer time skips is not there, one that it repeats counts both times.
    """
    local = (datetime.fromtimestamp(at_us // SECOND_US, UTC)).astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    today = _spans(hours, local)
    yesterday = _spans(hours, local - timedelta(days=1))
    return any(start <= minute < (end if start < end else _DAY_MINUTES) for start, end in today) or any(
        end <= start and minute < end for start, end in yesterday
    )


def _spans(hours: Hours, day: datetime) -> list[tuple[int, int]]:
    if day.weekday() >= len(hours.days):
        return []
    return [(_minutes(start), _minutes(end)) for start, end in hours.days[day.weekday()]]


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
