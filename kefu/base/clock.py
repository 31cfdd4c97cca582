"""Time: int64 microseconds since 1970 in UTC inside, RFC 3339 with `Z` on the wire."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


class Clock(Protocol):
    """What the house asks for the time; tests hand in a fake one."""

    def now_us(self) -> int:
        """Return the wall time in microseconds since 1970-01-01T00:00:00Z."""
        ...


class SystemClock:
    """The machine's wall clock."""

    def now_us(self) -> int:
        """Return the wall time in microseconds since 1970-01-01T00:00:00Z."""
        return time.time_ns() // 1000


_calendar: tuple[int, str] = (-1, "")
_last: tuple[int, str] = (-1, "")


def format_time(at_us: int) -> str:
    """Return `at_us` as RFC 3339 with microseconds, as in `2026-11-22T08:00:00.000000Z`."""
    global _calendar, _last
    # A batch happens at one time, which all its events and answers tell. Threads read and set the pairs whole.
    last = _last
    if last[0] == at_us:
        return last[1]
    second, rest = divmod(at_us, SECOND_US)
    # Messages come many to a second: the calendar is worked out once for each.
    known, prefix = _calendar
    if second != known:
        prefix = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        _calendar = (second, prefix)
    text = f"{prefix}.{rest:06d}Z"
    _last = (at_us, text)
    return text


def parse_time(text: str) -> int:
    """Return microseconds since 1970 of an RFC 3339 time; raise ValueError when it is none or has no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time without an offset: {text!r}")
    return round(moment.timestamp() * SECOND_US)
