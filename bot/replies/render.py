"""Values of facts as a customer reads them: money, times, dates, units. The one place that writes a number."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.shop import PolicyFact

_SUFFIX = {
    "days": "天",
    "workdays": "个工作日",
    "hours": "小时",
    "minutes": "分钟",
    "months": "个月",
    "percent": "%",
    "points": "积分",
    "times": "倍",
    "boxes": "盒",
    "chars": "字",
    "photos": "张",
    "grams": "克",
    "celsius": "℃",
    "count": "",
}


def money(fen: int) -> str:
    """Write fen as yuan without idle zeros: 9900 is 99元, 1250 is 12.5元."""
    return f"{number(fen / 100) if fen % 100 else fen // 100}元"


def number(value: float) -> str:
    """Write a number without idle zeros."""
    return str(value) if isinstance(value, int) else f"{value:.2f}".rstrip("0").rstrip(".")


def day(at_us: int, zone: str) -> str:
    """Write an instant as month and day."""
    at = _local(at_us, zone)
    return f"{at.month}月{at.day}日"


def minute(at_us: int, zone: str) -> str:
    """Write an instant as month, day and time."""
    at = _local(at_us, zone)
    return f"{at.month}月{at.day}日{at.hour}:{at.minute:02d}"


def last_day(end_us: int, zone: str) -> str:
    """Write the last day before an instant that is no longer meant."""
    return day(end_us - 1, zone)


def date_words(iso_date: str) -> str:
    """Write YYYY-MM-DD as month and day."""
    at = datetime.fromisoformat(iso_date)
    return f"{at.month}月{at.day}日"


def render(fact: PolicyFact, form: str | None) -> str:
    """Write a fact in a form of the placeholder grammar; raise ValueError for one that does not fit its value."""
    value = fact.value
    if isinstance(value, tuple):
        return "、".join(value)
    if isinstance(value, str):
        return _clock(value) if fact.unit == "clock" else value
    if form == "number":
        return number(value / 100 if fact.unit == "fen" else value)
    if form == "money" or fact.unit == "fen":
        return money(int(value))
    if fact.unit == "price_percent":
        return "不打折" if value >= 100 else f"{number(value / 10)}折"
    if fact.unit not in _SUFFIX:
        raise ValueError(f"{fact.name}: unit {fact.unit!r} has no wording")
    return f"{number(value)}{_SUFFIX[fact.unit]}"


def instant(at_us: int, form: str | None, zone: str) -> str:
    """Write a promotion's start or end in a form: date (also without one), datetime, last_date."""
    if form == "datetime":
        at = _local(at_us, zone)
        time = f"{at.hour}:{at.minute:02d}" if at.hour or at.minute else ""
        return f"{at.month}月{at.day}日{time}"
    return last_day(at_us, zone) if form == "last_date" else day(at_us, zone)


def weekday(at_us: int, zone: str) -> int:
    """Return the weekday of an instant, Monday 0."""
    return _local(at_us, zone).weekday()


def _clock(value: str) -> str:
    hours, _, minutes = value.partition(":")
    return f"{int(hours)}:{minutes}"


def _local(at_us: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at_us / 1_000_000, ZoneInfo(zone))
