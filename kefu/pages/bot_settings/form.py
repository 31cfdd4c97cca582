"""The settings form: from the fields of the page to BotSettings, with each fault beside its field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.settings import BotSettings, Hours, Triggers
from bot.settings_check import read_settings
from messaging_core.errors import CoreError

DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_DAY_END = "24:00"
# What the page shows as one field.
_SPANS_A_DAY = 1


class FormError(Exception):
    """A field is wrong; `field` is its name in the form, `text` what to do."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(field, text)
        self.field = field
        self.text = text


def read_form(fields: Mapping[str, Any], before: BotSettings) -> BotSettings:
    """Return the settings that the fields describe; what the page does not show stays as it was.

    Raises:
        FormError: a field is wrong.
    """
    triggers = Triggers(
        words=_words(str(fields.get("words", ""))),
        complaint=bool(fields.get("complaint")),
        anger=bool(fields.get("anger")),
        misses=_number(fields, "misses"),
        repeats=_number(fields, "repeats"),
    )
    made = msgspec.structs.replace(
        before,
        auto_reply=bool(fields.get("auto_reply")),
        name=str(fields.get("name", "")).strip(),
        greeting=str(fields.get("greeting", "")).strip(),
        off_hours_text=str(fields.get("off_hours_text", "")).strip(),
        hours=Hours(zone=before.hours.zone, days=_days(fields, before.hours)),
        triggers=triggers,
    )
    try:
        return read_settings(msgspec.json.encode(made))
    except CoreError as refusal:
        raise FormError(_field(str(refusal.data.get("field", ""))), _cure(refusal)) from refusal


def _words(text: str) -> tuple[str, ...]:
    for mark in ("，", "、", "\n", ";", "；"):
        text = text.replace(mark, ",")
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _number(fields: Mapping[str, Any], name: str) -> int:
    try:
        return int(str(fields.get(name, "")).strip())
    except ValueError as error:
        raise FormError(name, "请填写一个整数。") from error


def _days(fields: Mapping[str, Any], before: Hours) -> tuple[tuple[tuple[str, str], ...], ...]:
    days: list[tuple[tuple[str, str], ...]] = []
    for day in range(len(DAYS)):
        if not fields.get(f"day{day}"):
            days.append(())
            continue
        old = before.days[day] if day < len(before.days) else ()
        start, end = str(fields.get(f"start{day}", "")), str(fields.get(f"end{day}", ""))
        end = _DAY_END if end in ("00:00", "24:00") else end
        if not start or not end:
            raise FormError(f"day{day}", "请填写开始和结束时间。")
        if start == end:
            raise FormError(f"day{day}", "开始和结束不能相同；全天请填 00:00 到 24:00。")
        # Several spans in a day can be set over HTTP; the page shows the first and keeps the others.
        days.append(((start, end), *old[_SPANS_A_DAY:]))
    return tuple(days)


def _field(place: str) -> str:
    """Return the form's name of a place like `body.hours.days[2][0]`."""
    place = place.removeprefix("body.").removeprefix("triggers.")
    if place.startswith("hours.days["):
        return f"day{place.removeprefix('hours.days[').split(']')[0]}"
    return place.split("[")[0] or "name"


def _cure(refusal: CoreError) -> str:
    reason, limit = refusal.data.get("reason"), refusal.data.get("limit")
    return {
        "too_long": f"太长了，最多 {limit} 个字。",
        "too_short": "不能为空。",
        "too_big": f"不能大于 {limit}。",
        "too_small": f"不能小于 {limit}。",
        "empty": "不能为空。",
    }.get(str(reason), "内容或写法不对，请检查。")
