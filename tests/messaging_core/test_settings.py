"""Settings: everything has a default and a meaning, and what is not known is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from kefu.base.errors import ConfigError
from messaging_core.core import Core
from messaging_core.settings import Settings, load_settings


def fields(model: type[BaseModel]) -> list[tuple[str, str | None]]:
    found = []
    for name, field in model.model_fields.items():
        found.append((name, field.description))
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found += fields(field.annotation)
    return found


def test_every_setting_says_what_it_does() -> None:
    assert [name for name, description in fields(Settings) if not description] == []


def test_a_nested_setting_is_read_from_the_environment() -> None:
    assert load_settings({"KEFU_LIMITS__TEXT_CHARS": "7"}).limits.text_chars == 7


@pytest.mark.parametrize(
    ("environ", "place"),
    [
        ({"KEFU_SQLITE_SYNCRONOUS": "FULL"}, "KEFU_SQLITE_SYNCRONOUS"),
        ({"KEFU_LIMITS__TEXT_CHAR": "7"}, "KEFU_LIMITS__TEXT_CHAR"),
        ({"KEFU_LIMITS__TEXT_CHARS": "many"}, "KEFU_LIMITS__TEXT_CHARS"),
        ({"KEFU_SQLITE_SYNCHRONOUS": "OFF"}, "KEFU_SQLITE_SYNCHRONOUS"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(environ: dict[str, str], place: str) -> None:
    with pytest.raises(ConfigError, match=place):
        load_settings(environ)


def test_the_command_line_wins_over_the_environment() -> None:
    assert load_settings({"KEFU_DATA": "/a"}, data=Path("/b")).data == Path("/b")


@pytest.mark.parametrize(
    ("settings", "cure"),
    [
        (Settings(database="mysql://x/y"), "neither sqlite nor postgresql"),
        (Settings(broker="redis://x"), "must be nats://"),
        (Settings(broker="nats://127.0.0.1:4222"), "many nodes need PostgreSQL"),
        (Settings(database="sqlite://"), "name a file"),
    ],
)
def test_what_cannot_work_stops_the_start_with_the_cure(settings: Settings, cure: str) -> None:
    with pytest.raises(ConfigError, match=cure):
        Core(settings)


async def test_a_postgresql_that_is_not_there_is_named() -> None:
    core = Core(Settings(database="postgresql://nobody@127.0.0.1:9/none"))
    with pytest.raises(ConfigError, match="KEFU_DATABASE: PostgreSQL does not answer"):
        await core.start()
