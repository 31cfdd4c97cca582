"""Dates and times as ISO 8601: 明天下午三点 is 2026-11-23T15:00, 下周二到周四 is 2026-12-01/2026-12-03."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.understanding.entities.days import Day, find_days
from bot.understanding.entities.entity import Span
from bot.understanding.entities.numerals import parse_number

_PARTS = {
    "凌晨": (0, 6), "清晨": (5, 8), "早上": (6, 10), "早晨": (6, 10), "上午": (8, 12),
    "中午": (11, 13), "午后": (12, 17), "下午": (12, 18), "傍晚": (17, 19), "晚上": (18, 24),
    "夜里": (21, 24), "半夜": (0, 4), "晚": (18, 24), "早": (6, 10), "夜": (21, 24),
}  # fmt: skip
_PART = "|".join(sorted((name for name in _PARTS if len(name) > 1), key=len, reverse=True))
_HOUR = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3}|零)"
_MINUTE = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_NO_NUMBER = "(?<![零一二两三四五六七八九十百千万第.])"
_TIME = re.compile(
    rf"(?:(?P<part>{_PART}|(?<=[今明昨])[晚早夜])的?\s*)?{_NO_NUMBER}(?:(?P<clock>(?<!\d)\d{{1,2}}[:：]\d{{2}})(?!\d)"
    rf"|(?P<hour>{_HOUR})(?P<word>点钟?|时(?![候间尚常]))(?P<rest>半|一刻|三刻|{_MINUTE}分?|零{_MINUTE}分?|整)?)"
    rf"|(?P<alone>{_PART}|(?<=[今明昨])[晚早夜])"
)
_JOIN = re.compile(r"\s*(?:到|至|-|~|—|和|跟)\s*")
# 一点 alone means 'a little': as a time it needs company.
_LITTLE = re.compile(r"^[一两]点$")
_TIME_FOLLOWS = re.compile(r"^(?:前|后|之前|之后|以前|以后|钟|到|左右|开|关|上班|下班|发|送|寄|截)")
_SPEECH = re.compile("有$|快$|早$|便宜$|贵$|大$|小$|多$|少$|慢$|好$|差$|高$|低$|淡$|浓$|甜$|苦$|长$|短$")


@dataclass(frozen=True, slots=True)
class _Time:
    start: int
    end: int
    minute: int | None
    part: tuple[int, int] | None
    """Hours of the part of day that is named without an hour."""


def find_moments(text: str, now: datetime) -> Iterator[Span]:
    """Yield `date`, `time` and `datetime` spans of folded text, an interval as `begin/end` (both ends meant)."""
    days = find_days(text, now.date())
    times = _find_times(text, days)
    yield from _join_ranges(text, list(_combine(text, days, times)), now.date())


def _find_times(text: str, days: list[Day]) -> list[_Time]:
    found = []
    for match in _TIME.finditer(text):
        if match["alone"]:
            found.append(_Time(match.start(), match.end(), None, _PARTS[match["alone"]]))
            continue
        hour, minute = _read_clock(match)
        if hour is None or not 0 <= minute < 60:
            continue
        part = _PARTS[match["part"]] if match["part"] else None
        bare = part is None and match["clock"] is None and not match["rest"] and match["word"] == "点"
        if bare and _LITTLE.match(match[0]) and not _in_company(text, match, days):
            continue
        if part and part[0] >= 12 and hour < 12 and hour != 0:
            hour += 12
        if part == _PARTS["中午"] and hour <= 2:
            hour += 12
        if hour <= 24:
            found.append(_Time(match.start(), match.end(), hour * 60 + minute, None))
    return found


def _in_company(text: str, match: re.Match[str], days: list[Day]) -> bool:
    before, after = text[: match.start()], text[match.end() :]
    if _SPEECH.search(before):
        return False
    return any(day.end == match.start() for day in days) or _TIME_FOLLOWS.match(after) is not None


def _read_clock(match: re.Match[str]) -> tuple[int | None, int]:
    minute: float | None
    if match["clock"]:
        hour, minutes = map(int, re.split("[:：]", match["clock"]))
        return (hour if hour <= 24 else None), minutes
    number, rest = parse_number(match["hour"]), match["rest"] or ""
    if rest in ("", "整"):
        minute = 0.0
    elif rest in ("半", "一刻", "三刻"):
        minute = {"半": 30, "一刻": 15, "三刻": 45}[rest]
    else:
        minute = parse_number(rest.removesuffix("分").lstrip("零"))
    return (None if number is None or number > 24 or minute is None else int(number)), int(minute or 0)


@dataclass(frozen=True, slots=True)
class _Moment:
    start: int
    end: int
    day: Day | None
    time: _Time | None


def _combine(text: str, days: list[Day], times: list[_Time]) -> Iterator[_Moment]:
    """Put a time behind the day that it directly follows."""
    used: set[int] = set()
    for day in days:
        follower = next(
            (time for time in times if time.start >= day.end and text[day.end : time.start].strip(" 的") == ""), None
        )
        if follower is not None and id(follower) not in used:
            used.add(id(follower))
            yield _Moment(day.start, follower.end, day, follower)
        else:
            yield _Moment(day.start, day.end, day, None)
    for time in times:
        if id(time) not in used:
            yield _Moment(time.start, time.end, None, time)


def _join_ranges(text: str, moments: list[_Moment], today: date) -> Iterator[Span]:
    """Make one interval of two moments with 到 or a dash between them."""
    ordered = sorted(moments, key=lambda one: one.start)
    place = 0
    while place < len(ordered):
        first = ordered[place]
        second = ordered[place + 1] if place + 1 < len(ordered) else None
        join = _JOIN.fullmatch(text[first.end : second.start]) if second else None
        if second and join and text[first.end : second.start].strip() not in ("和", "跟") and _alike(first, second):
            yield _interval(first, second)
            place += 2
        else:
            yield _span(first)
            place += 1


def _alike(first: _Moment, second: _Moment) -> bool:
    return (first.time is None) == (second.time is None) and (first.day is not None or second.day is None)


def _span(moment: _Moment) -> Span:
    name = "datetime" if moment.day and moment.time else "date" if moment.day else "time"
    begin, end = _ends(moment, moment.day)
    return Span(moment.start, moment.end, name, begin if begin == end else f"{begin}/{end}")


def _interval(first: _Moment, second: _Moment) -> Span:
    day = second.day or first.day
    if first.day and day and second.day and second.day.last < first.day.first:
        # 下周二到周四: the second day is in the first one's week.
        weeks = -(-(first.day.first - second.day.last).days // 7)
        day = Day(day.start, day.end, day.first + timedelta(7 * weeks), day.last + timedelta(7 * weeks))
    name = "datetime" if first.day and first.time else "date" if first.day else "time"
    return Span(first.start, second.end, name, f"{_ends(first, first.day)[0]}/{_ends(second, day)[1]}")


def _ends(moment: _Moment, day: Day | None) -> tuple[str, str]:
    time = moment.time
    if time is None:
        return (day.first.isoformat(), day.last.isoformat()) if day else ("", "")
    begin, end = (time.minute, time.minute) if time.minute is not None else (0, 0)
    if time.part:
        begin, end = time.part[0] * 60, time.part[1] * 60
    if day is None:
        return _clock(begin or 0), _clock(end or 0)
    return _at(day.first, begin or 0), _at(day.last, end or 0)


def _at(day: date, minute: int) -> str:
    return f"{(day + timedelta(minute // 1440)).isoformat()}T{_clock(minute % 1440)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
