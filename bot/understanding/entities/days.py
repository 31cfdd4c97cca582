"""Days in customers' words: 明天, 下周三, 12月3号, 三天后, 月底, 双11."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.understanding.entities.calendar import FESTIVALS, nearest_festival
from bot.understanding.entities.numerals import NUMBER, parse_number

_RELATIVE = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "昨": -1, "今天": 0, "今日": 0, "今": 0, "当天": 0,
    "明天": 1, "明日": 1, "次日": 1, "明": 1, "大后天": 3, "后天": 2,
}  # fmt: skip
_WEEKDAYS = {char: index for index, char in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_WEEK = "(?:周|星期|礼拜)"
_WHICH = {"上上": -2, "上": -1, "": 0, "这": 0, "本": 0, "下": 1, "下下": 2}
_YEAR = r"(?:\d{4}|\d{2}|[零〇一二三四五六七八九]{4})"
_SMALL = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"


@dataclass(frozen=True, slots=True)
class Day:
    """One day, or the days `first` to `last`, found at `start` to `end`."""

    start: int
    end: int
    first: date
    last: date


def _relative(match: re.Match[str], today: date) -> tuple[date, date] | None:
    day = today + timedelta(_RELATIVE[match[0]])
    return day, day


def _weekday(match: re.Match[str], today: date) -> tuple[date, date] | None:
    which, name = match["which"] or "", match["weekday"]
    monday = today - timedelta(today.weekday()) + timedelta(7 * _WHICH[which])
    day = monday + timedelta(_WEEKDAYS[name])
    # 周三 said on Thursday is the one to come; 这周三 is this week's.
    if not which and day < today:
        day += timedelta(7)
    return day, day + timedelta(1 if name == "末" else 0)


def _week(match: re.Match[str], today: date) -> tuple[date, date] | None:
    monday = today - timedelta(today.weekday()) + timedelta(7 * _WHICH[match["week"]])
    return monday, monday + timedelta(6)


def _full(match: re.Match[str], today: date) -> tuple[date, date] | None:
    return _same(_date(int(match["year"]), int(match["month"]), int(match["day"])))


def _month_day(match: re.Match[str], today: date) -> tuple[date, date] | None:
    month, day = parse_number(match["m"]), parse_number(match["d"])
    if month is None or day is None:
        return None
    if match["y"]:
        year = int(parse_number(match["y"]) or 0)
        return _same(_date(year + 2000 if year < 100 else year, int(month), int(day)))
    found = _date(today.year, int(month), int(day))
    # Half a year back is next year's: 1月3号 said in November.
    if found is not None and (today - found).days > 180:
        found = _date(today.year + 1, int(month), int(day))
    return _same(found)


def _day_of_month(match: re.Match[str], today: date) -> tuple[date, date] | None:
    number = parse_number(match["dom"])
    if number is None or not 1 <= number <= 31:
        return None
    which = match["mwhich"] or ""
    for ahead in range(_WHICH[which[:1]] if which else 0, 4):
        year, month = _month(today, ahead)
        found = _date(year, month, int(number))
        if found is not None and (which or found >= today):
            return found, found
    return None


def _count(match: re.Match[str], today: date) -> tuple[date, date] | None:
    number = parse_number(match["count"])
    if number is None or number > 10_000:
        return None
    back = match["side"].endswith("前")
    unit = match["unit"]
    if unit == "月":
        year, month = _month(today, round(-number if back else number))
        day = date(year, month, min(today.day, calendar.monthrange(year, month)[1]))
    else:
        days = round(number * (1 if unit == "天" else 7))
        day = today + timedelta(-days if back else days)
    if match["side"].endswith("内"):
        return today, day
    return day, day


def _month_part(match: re.Match[str], today: date) -> tuple[date, date] | None:
    year, month = _month(today, _WHICH.get(match[0][:1], 0))
    last = calendar.monthrange(year, month)[1]
    begin, end = {"初": (1, 10), "中": (11, 20), "中旬": (11, 20), "底": (last - 4, last), "末": (last - 4, last)}.get(
        match["part"] or "", (1, last)
    )
    return date(year, month, begin), date(year, month, end)


def _festival(match: re.Match[str], today: date) -> tuple[date, date] | None:
    return _same(nearest_festival(match[0], today))


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], tuple[date, date] | None]], ...] = (
    (re.compile(r"(?P<year>20\d{2})(?:-|/|\.|年)(?P<month>\d{1,2})(?:-|/|\.|月)(?P<day>\d{1,2})(?!\d)[日号]?"), _full),
    (
        re.compile(rf"(?:(?P<y>{_YEAR})年)?(?P<m>{_SMALL})月(?:份)?(?P<d>{_SMALL})(?:日|号)?(?!\d)"),
        _month_day,
    ),
    (re.compile(rf"(?P<which>上上|上|下下|下|这|本)?个?{_WEEK}(?P<weekday>[一二三四五六日天末])"), _weekday),
    (re.compile(rf"(?P<week>上上|上|下下|下|这|本)个?{_WEEK}(?![一二三四五六日天末])"), _week),
    (re.compile("|".join(sorted((name for name in _RELATIVE if len(name) > 1), key=len, reverse=True))), _relative),
    (re.compile("[今明昨](?=晚|早|夜)"), _relative),
    (re.compile(rf"(?P<count>{NUMBER})个?(?P<unit>天|周|星期|礼拜|月)(?P<side>[之以]?(?:后|前|内))"), _count),
    (re.compile(r"(?:(?:上|这|本|下)个?月|(?<!个)月)(?P<part>初|中旬|中|底|末)|(?:上|这|本|下)个月"), _month_part),
    (
        re.compile(rf"(?P<mwhich>(?:上|这|本|下)个?月)?(?<![\da-z第])(?P<dom>{_SMALL})[号日](?![楼线店码链色机库铺院])"),
        _day_of_month,
    ),
    (re.compile("|".join(map(re.escape, FESTIVALS))), _festival),
)  # fmt: skip


def find_days(text: str, today: date) -> list[Day]:
    """Return the days of folded text in their order; of overlapping ones the longest, then the first rule's."""
    found: list[Day] = []
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            days = read(match, today) if _stands_alone(text, match) else None
            if days is not None:
                found.append(Day(match.start(), match.end(), *days))
    kept: list[Day] = []
    for day in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(day.end <= other.start or day.start >= other.end for other in kept):
            kept.append(day)
    return sorted(kept, key=lambda one: one.start)


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """Figures like 618 and 520 must not be part of a longer number or a sum of money."""
    if not match[0].isdigit():
        return True
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    return not (before.isdigit() or before in "¥$." or after.isdigit() or after in "元块克g斤.")


def _month(today: date, ahead: int) -> tuple[int, int]:
    count = today.year * 12 + today.month - 1 + ahead
    return count // 12, count % 12 + 1


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _same(day: date | None) -> tuple[date, date] | None:
    return None if day is None else (day, day)
