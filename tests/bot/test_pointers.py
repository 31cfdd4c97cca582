"""Pointers: publish and roll back in one step, with their history."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.pointers import find_pointer, list_pointers, publish, roll_back
from messaging_core.api import Core
from messaging_core.errors import CoreError
from messaging_core.settings import Settings
from tests.support.tables import migrate_all

SHOP, RIVAL = 11, 12


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    made = Settings(data=tmp_path / "data", database=database_url)
    migrate_all(made)
    return made


async def put(core: Core, hash: str, *, enterprise_id: int = SHOP, kind: str = "bot") -> int:
    return (await core.run(lambda unit: publish(unit, enterprise_id=enterprise_id, kind=kind, hash=hash))).version


async def current(core: Core, *, enterprise_id: int = SHOP, kind: str = "bot") -> str | None:
    found = await core.read(lambda connection: find_pointer(connection, enterprise_id=enterprise_id, kind=kind))
    return found.hash if found is not None else None


async def test_the_newest_published_is_in_force_for_its_enterprise_and_kind_alone(core: Core) -> None:
    assert await current(core) is None
    assert [await put(core, "aaa"), await put(core, "bbb")] == [1, 2]
    await put(core, "ccc", kind="graph")
    await put(core, "ddd", enterprise_id=RIVAL)
    assert await current(core) == "bbb"
    assert await current(core, kind="graph") == "ccc"
    assert await current(core, enterprise_id=RIVAL) == "ddd"


async def test_publishing_what_is_in_force_changes_nothing(core: Core) -> None:
    assert [await put(core, "aaa"), await put(core, "aaa")] == [1, 1]


async def test_roll_back_goes_to_the_one_before_and_back_again_and_keeps_the_history(core: Core) -> None:
    for hash in ("aaa", "bbb"):
        await put(core, hash)
    for expected in ("aaa", "bbb"):
        await core.run(lambda unit: roll_back(unit, enterprise_id=SHOP, kind="bot"))
        assert await current(core) == expected
    history = await core.read(lambda connection: list_pointers(connection, enterprise_id=SHOP, kind="bot"))
    assert [(one.version, one.hash) for one in history] == [(4, "bbb"), (3, "aaa"), (2, "bbb"), (1, "aaa")]


async def test_roll_back_to_a_named_version(core: Core) -> None:
    for hash in ("aaa", "bbb", "ccc"):
        await put(core, hash)
    await core.run(lambda unit: roll_back(unit, enterprise_id=SHOP, kind="bot", version=1))
    assert await current(core) == "aaa"


@pytest.mark.parametrize("version", [None, 7])
async def test_roll_back_to_what_never_was_is_refused(core: Core, version: int | None) -> None:
    await put(core, "aaa")
    with pytest.raises(CoreError) as refused:
        await core.run(lambda unit: roll_back(unit, enterprise_id=SHOP, kind="bot", version=version))
    assert refused.value.code == "not_found"
    assert await current(core) == "aaa"
