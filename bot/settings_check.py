"""Settings as they come in: read strictly, and refused with the place and what would be right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from unicodedata import category
from zoneinfo import ZoneInfo

import msgspec

from bot.settings import BotSettings, Hours
from kefu.base.errors import ConfigError
from messaging_core.errors import CoreError, invalid

_DAYS = 7
_PLACE = re.compile(r" - at `(?:key in )?\$\.?(.*)`$")
# What msgspec says of a value that breaks a bound, and the catalogue's word for it.
_BOUNDS = (
    (re.compile(r"of length <= (\d+)"), "too_long"),
    (re.compile(r"of length >= (\d+)"), "too_short"),
    (re.compile(r"<= (\d+)"), "too_big"),
    (re.compile(r">= (\d+)"), "too_small"),
)


def read_settings(raw: bytes) -> BotSettings:
    """Return the settings of a request's body; raise CoreError `invalid_request` naming the field and the bound."""
    try:
        settings = msgspec.json.decode(raw, type=BotSettings)
    except msgspec.ValidationError as error:
        raise _explain(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise invalid("not_json", "body", hint=str(error)[:300]) from error
    check_settings(settings)
    return settings


def check_settings(settings: BotSettings) -> None:
    """Refuse what the types cannot: unknown zones and stages, empty spans, control characters."""
    _check_words("body.name", settings.name, lines=False)
    if not settings.name.strip():
        raise invalid("empty", "body.name")
    _check_words("body.greeting", settings.greeting)
    _check_words("body.off_hours_text", settings.off_hours_text)
    for place, word in enumerate(settings.triggers.words):
        if not word.strip():
            raise invalid("empty", f"body.triggers.words[{place}]")
    _check_hours(settings.hours)
    _check_stages(settings.stages)


def _explain(told: str) -> CoreError:
    found = _PLACE.search(told)
    field = f"body.{found[1]}" if found is not None and found[1] else "body"
    for pattern, word in _BOUNDS:
        bound = pattern.search(told)
        if bound is not None:
            return invalid(word, field, limit=int(bound[1]), hint=told)
    return invalid("wrong_form", field, hint=told)


def _check_words(field: str, words: str, *, lines: bool = True) -> None:
    allowed = "\n\t" if lines else ""
    if any(category(char) in ("Cc", "Cs") and char not in allowed for char in words):
        raise invalid("wrong_form", field, hint="must not hold control characters")


def _check_hours(hours: Hours) -> None:
    try:
        ZoneInfo(hours.zone)
    except (KeyError, ValueError, OSError) as error:
        raise invalid("wrong_form", "body.hours.zone", hint="a name like Asia/Shanghai") from error
    if len(hours.days) != _DAYS:
        raise invalid("wrong_form", "body.hours.days", limit=_DAYS, hint="one list of spans a weekday, Monday first")
    for day, spans in enumerate(hours.days):
        for place, (start, end) in enumerate(spans):
            if start == end or start == "24:00":
                raise invalid("empty", f"body.hours.days[{day}][{place}]")


def _check_stages(stages: Mapping[str, str]) -> None:
    if not stages:
        return
    from bot.stages import name_stages  # here, because it brings the models' libraries with it

    try:
        name_stages(stages)
    except ConfigError as error:
        raise invalid("wrong_choice", "body.stages", hint=str(error)) from error
