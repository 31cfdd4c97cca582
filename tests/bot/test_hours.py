"""When the bot answers: by the wall clock of the shop's zone, over midnight and over the change of the clocks."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.hours import is_open
from bot.settings import Hours

EVERY_DAY = 7


def hours(*spans: tuple[str, str], zone: str = "Asia/Shanghai", days: int = EVERY_DAY) -> Hours:
    return Hours(zone=zone, days=tuple(spans if day < days else () for day in range(7)))


def at(text: str, zone: str = "Asia/Shanghai", fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1_000_000)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [("08:59:59", False), ("09:00:00", True), ("11:59:59", True), ("12:00:00", False), ("13:30:00", True),
     ("18:00:00", False)],
)  # fmt: skip
def test_a_span_holds_its_start_and_not_its_end(moment: str, open_: bool) -> None:
    assert is_open(hours(("09:00", "12:00"), ("13:30", "18:00")), at_us=at(f"2026-11-23T{moment}")) == open_


@pytest.mark.parametrize("moment", ["00:00:00", "12:00:00", "23:59:59"])
def test_the_default_is_always(moment: str) -> None:
    assert is_open(Hours(), at_us=at(f"2026-11-22T{moment}"))


def test_an_empty_day_is_never_and_days_are_those_of_the_zone() -> None:
    weekdays = hours(("00:00", "24:00"), days=5)
    sunday_in_shanghai = at("2026-11-22T23:30:00")
    assert not is_open(weekdays, at_us=sunday_in_shanghai)
    assert is_open(weekdays, at_us=sunday_in_shanghai + 3_600_000_000), "it is Monday there, though Sunday in UTC"


@pytest.mark.parametrize(
    ("moment", "open_"),
    [("2026-11-23T21:59:59", False), ("2026-11-23T22:00:00", True), ("2026-11-24T05:59:59", True),
     ("2026-11-24T06:00:00", False)],
)  # fmt: skip
def test_a_span_over_midnight_goes_on_into_the_next_morning(moment: str, open_: bool) -> None:
    assert is_open(hours(("22:00", "06:00")), at_us=at(moment)) == open_


def test_a_nights_span_belongs_to_the_day_on_which_it_begins() -> None:
    only_fridays = Hours(days=((),) * 4 + ((("22:00", "06:00"),),) + ((),) * 2)
    assert is_open(only_fridays, at_us=at("2026-11-28T05:00:00")), "Saturday morning is Friday's night"
    assert not is_open(only_fridays, at_us=at("2026-11-27T05:00:00")), "Friday morning is Thursday's night"
    assert not is_open(only_fridays, at_us=at("2026-11-28T22:30:00"))


def test_sundays_night_goes_on_into_monday() -> None:
    only_sundays = Hours(days=((),) * 6 + ((("20:00", "02:00"),),))
    assert is_open(only_sundays, at_us=at("2026-11-23T01:59:00"))


def test_an_hour_that_the_clocks_skip_is_not_there() -> None:
    zone = "Europe/Berlin"
    night = hours(("02:00", "03:00"), zone=zone)
    before = at("2026-03-29T01:59:59", zone)
    assert not is_open(night, at_us=before)
    assert not is_open(night, at_us=before + 1_000_000), "one second later it is three o'clock"


def test_an_hour_that_the_clocks_repeat_counts_both_times() -> None:
    zone = "Europe/Berlin"
    night = hours(("02:00", "03:00"), zone=zone)
    first, second = at("2026-10-25T02:30:00", zone), at("2026-10-25T02:30:00", zone, fold=1)
    assert second - first == 3_600_000_000
    assert is_open(night, at_us=first) and is_open(night, at_us=second)
