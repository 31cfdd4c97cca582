"""Days that shops speak of by name: fixed, by weekday, and by the lunar calendar."""

from __future__ import annotations

from datetime import date, timedelta

_FIXED = {
    "元旦": (1, 1), "情人节": (2, 14), "女神节": (3, 8), "妇女节": (3, 8), "三八": (3, 8),
    "劳动节": (5, 1), "五一": (5, 1), "青年节": (5, 4), "520": (5, 20), "儿童节": (6, 1),
    "六一": (6, 1), "618": (6, 18), "教师节": (9, 10), "国庆节": (10, 1), "国庆": (10, 1),
    "十一假期": (10, 1), "万圣节": (10, 31), "双11": (11, 11), "双十一": (11, 11), "双12": (12, 12),
    "双十二": (12, 12), "平安夜": (12, 24), "圣诞节": (12, 25), "圣诞": (12, 25), "跨年": (12, 31),
}  # fmt: skip
# Month and day in the years 2024 to 2030: the lunar calendar has no short formula.
_FIRST_YEAR = 2024
# What a customer bought on 双11 he asks about in December.
_RECENT = timedelta(60)
_LUNAR = {
    "春节": ((2, 10), (1, 29), (2, 17), (2, 6), (1, 26), (2, 13), (2, 3)),
    "清明": ((4, 4), (4, 4), (4, 5), (4, 5), (4, 4), (4, 4), (4, 5)),
    "端午": ((6, 10), (5, 31), (6, 19), (6, 9), (5, 28), (6, 16), (6, 5)),
    "七夕": ((8, 10), (8, 29), (8, 19), (8, 8), (8, 26), (8, 16), (8, 5)),
    "中秋": ((9, 17), (10, 6), (9, 25), (9, 15), (10, 3), (9, 22), (9, 12)),
    "重阳": ((10, 11), (10, 29), (10, 18), (10, 8), (10, 26), (10, 16), (10, 5)),
}
_AFTER_SPRING = {"除夕": -1, "大年三十": -1, "年三十": -1, "过年": 0, "大年初一": 0, "初一": 0, "元宵": 14}
_BY_WEEKDAY = {"母亲节": (5, 6, 2), "父亲节": (6, 6, 3), "感恩节": (11, 3, 4)}
_SAME = {
    "端午节": "端午",
    "中秋节": "中秋",
    "重阳节": "重阳",
    "清明节": "清明",
    "七夕节": "七夕",
    "元宵节": "元宵",
    "新年": "元旦",
}

FESTIVALS = tuple(sorted({*_FIXED, *_LUNAR, *_AFTER_SPRING, *_BY_WEEKDAY, *_SAME}, key=lambda name: (-len(name), name)))


def nearest_festival(name: str, today: date) -> date | None:
    """Return its next day, or the last one when that is at most 60 days back; None beyond the lunar table's years."""
    name = _SAME.get(name, name)
    days = [day for year in (-1, 0, 1) if (day := _festival(name, today.year + year)) is not None]
    recent = [day for day in days if today - _RECENT <= day]
    return min(recent) if recent else None


def _festival(name: str, year: int) -> date | None:
    if name in _FIXED:
        return date(year, *_FIXED[name])
    if name in _BY_WEEKDAY:
        month, weekday, nth = _BY_WEEKDAY[name]
        first = date(year, month, 1)
        return first + timedelta((weekday - first.weekday()) % 7 + 7 * (nth - 1))
    days = _LUNAR["春节" if name in _AFTER_SPRING else name]
    if not 0 <= year - _FIRST_YEAR < len(days):
        return None
    return date(year, *days[year - _FIRST_YEAR]) + timedelta(_AFTER_SPRING.get(name, 0))
