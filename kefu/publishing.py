"""Publishing from the command line: through the running server when there is one, else straight into the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.pointers import find_pointer, list_current, list_pointers, publish, roll_back
from bot.retrieval.documents.index import KIND as DOCUMENTS
from kefu.base.clock import format_time
from kefu.base.errors import ConfigError
from kefu.bundle import KIND, check_publishable
from kefu.operator import call, find_server
from kefu.tables import migrate
from kefu.workspace import artefacts_folder, shop_folder
from messaging_core.api import Core, Unit
from messaging_core.app import hold_workspace
from messaging_core.errors import CoreError
from messaging_core.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One step of a bot's history, as the command line shows it."""

    number: int
    version: str
    note: str
    at: str


async def publish_version(
    settings: Settings, version: str, *, enterprise: str | None, note: str, url: str | None
) -> None:
    """Make a version live; raise ConfigError when it cannot be loaded or there is no such enterprise."""
    if find_server(settings, url=url) is not None:
        enterprise_id = enterprise or await only_enterprise(settings, url=url)
        body = {"version": version, "note": note}
        await call(settings, "POST", f"/v1/operator/bots/{enterprise_id}/publish", url=url, body=body)
        return
    check_publishable(artefacts_folder(settings), version)

    def action(unit: Unit) -> None:
        publish(unit, enterprise_id=_enterprise_id(unit, enterprise), kind=KIND, hash=version, note=note)

    await _offline(settings, action)


async def roll_back_version(settings: Settings, *, to: int | None, enterprise: str | None, url: str | None) -> str:
    """Make the version live again that was before, or step `to` of the history, and return it."""
    if find_server(settings, url=url) is not None:
        enterprise_id = enterprise or await only_enterprise(settings, url=url)
        answer = await call(settings, "POST", f"/v1/operator/bots/{enterprise_id}/rollback", url=url, body={"to": to})
        return str(answer["version"])

    def action(unit: Unit) -> str:
        return roll_back(unit, enterprise_id=_enterprise_id(unit, enterprise), kind=KIND, version=to).hash

    return await _offline(settings, action)


async def list_versions(settings: Settings, *, enterprise: str | None, url: str | None) -> list[VersionRow]:
    """Return what was live, newest first."""
    if find_server(settings, url=url) is not None:
        enterprise_id = enterprise or await only_enterprise(settings, url=url)
        answer = await call(settings, "GET", f"/v1/operator/bots/{enterprise_id}/versions", url=url)
        return [
            VersionRow(row["number"], row["version"], row["note"], format_time(row["at_us"])) for row in answer["items"]
        ]

    def action(unit: Unit) -> list[VersionRow]:
        steps = list_pointers(unit.connection, enterprise_id=_enterprise_id(unit, enterprise), kind=KIND)
        return [VersionRow(one.version, one.hash, one.note, format_time(one.at_us)) for one in steps]

    return await _offline(settings, action)


async def publish_documents(
    settings: Settings, version: str, *, enterprise: str | None, note: str, url: str | None
) -> None:
    """Make an index of documents live; a running server switches at once, without a restart."""
    if find_server(settings, url=url) is not None:
        enterprise_id = enterprise or await only_enterprise(settings, url=url)
        body = {"version": version, "note": note}
        await call(settings, "POST", f"/v1/operator/bots/{enterprise_id}/documents", url=url, body=body)
        return

    def action(unit: Unit) -> None:
        publish(unit, enterprise_id=_enterprise_id(unit, enterprise), kind=DOCUMENTS, hash=version, note=note)

    await _offline(settings, action)


async def live_documents(settings: Settings, *, enterprise: str | None, url: str | None) -> str | None:
    """Return the version of the live index of documents, None when there is none."""
    if find_server(settings, url=url) is not None:
        enterprise_id = enterprise or await only_enterprise(settings, url=url)
        answer = await call(settings, "GET", f"/v1/operator/bots/{enterprise_id}/documents", url=url)
        return str(answer["version"]) if answer["version"] else None

    def action(unit: Unit) -> str | None:
        found = find_pointer(unit.connection, enterprise_id=_enterprise_id(unit, enterprise), kind=DOCUMENTS)
        return found.hash if found is not None else None

    return await _offline(settings, action)


async def reload_shop(settings: Settings, *, url: str | None) -> None:
    """Have a running demo take its shop's files again; without a server that happens at the next start."""
    if shop_folder(settings).is_dir() and find_server(settings, url=url) is not None:
        await call(settings, "POST", "/demo/shop/reload", url=url)


async def offline_enterprise(settings: Settings, enterprise: str | None, action: Callable[[Unit, int], T]) -> T:
    """Do something for an enterprise in the database of a workspace that no server holds."""
    return await _offline(settings, lambda unit: action(unit, _enterprise_id(unit, enterprise)))


async def only_enterprise(settings: Settings, *, url: str | None) -> str:
    """Return the only enterprise with a bot; raise ConfigError when there is none, or a choice."""
    answer: Any = await call(settings, "GET", "/v1/operator/bots", url=url)
    ids = [str(row["enterprise_id"]) for row in answer["items"]]
    return _only(ids)


def _enterprise_id(unit: Unit, wanted: str | None) -> int:
    if wanted is not None:
        if not wanted.isdecimal():
            raise ConfigError(f"--enterprise：{wanted!r} 不是企业编号 · is no enterprise's id")
        return int(wanted)
    from kefu.demo.people import find_house

    house = find_house(unit)
    pointers = list_current(unit.connection, kind=KIND)
    known = {*(pointer.enterprise_id for pointer in pointers), *([house.enterprise_id] if house else [])}
    return int(_only([str(one) for one in known]))


def _only(ids: list[str]) -> str:
    if len(ids) == 1:
        return ids[0]
    if not ids:
        raise ConfigError(
            "还没有开通机器人的企业：先执行一次 kefu serve --demo，或用 --enterprise 指定"
            " · no enterprise has a bot: run kefu serve --demo once, or name one with --enterprise"
        )
    raise ConfigError(f"有多家企业：{', '.join(ids)}，请用 --enterprise 选一家 · several enterprises, choose one")


async def _offline(settings: Settings, action: Callable[[Unit], T]) -> T:
    with hold_workspace(settings, url=""):
        migrate(settings)
        core = Core(settings)
        await core.start()
        try:
            return await core.run(action)
        except CoreError as error:
            raise ConfigError(error.detail("zh")) from error
        finally:
            await core.close()
