"""Where a shadow reads what customers said: from the running server, or from the database that no server holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from bot.pointers import find_pointer
from bot.settings import BotSettings
from bot.turns.said import SaidTurn, list_said
from bot.turns.settings_store import find_settings
from kefu.base.errors import ConfigError
from kefu.bundle import KIND
from kefu.operator import call, find_server
from kefu.publishing import offline_enterprise, only_enterprise
from messaging_core.settings import Settings

PAGE = 200


class SaidPage(msgspec.Struct, frozen=True):
    """A page of turns, the live version, and the settings under which the bot decides now."""

    live: str
    settings: BotSettings
    items: tuple[SaidTurn, ...]


def read_page(connection: Connection, enterprise_id: int, *, after_id: int, limit: int = PAGE) -> SaidPage:
    """Return a page of what was said; raise ConfigError when nothing was published yet."""
    pointer = find_pointer(connection, enterprise_id=enterprise_id, kind=KIND)
    if pointer is None:
        raise ConfigError("还没有发布过 · nothing was published yet")
    items = list_said(connection, enterprise_id=enterprise_id, after_id=after_id, limit=limit)
    return SaidPage(pointer.hash, find_settings(connection, enterprise_id).settings, tuple(items))


class Source:
    """Pages of one enterprise's turns; `enterprise` None: the only one with a bot."""

    def __init__(self, settings: Settings, *, enterprise: str | None, url: str | None) -> None:
        self._settings, self._enterprise, self._url = settings, enterprise, url

    @property
    def is_served(self) -> bool:
        """Whether a server runs, so that more may come."""
        return find_server(self._settings, url=self._url) is not None

    async def page(self, after_id: int) -> SaidPage:
        """Return the turns after an id; raise ConfigError when they cannot be read."""
        if not self.is_served:
            return await offline_enterprise(
                self._settings, self._enterprise, lambda unit, id: read_page(unit.connection, id, after_id=after_id)
            )
        if self._enterprise is None:
            self._enterprise = await only_enterprise(self._settings, url=self._url)
        path = f"/v1/operator/bots/{self._enterprise}/said?after={after_id}"
        return msgspec.convert(await call(self._settings, "GET", path, url=self._url), SaidPage)

    async def customers(self) -> Mapping[int, str]:
        """Return the demo shop's customers by their account; empty when this is no demo or no server runs."""
        if not self.is_served:
            return {}
        try:
            answer: Any = await call(self._settings, "GET", "/demo/customers", url=self._url)
        except ConfigError:
            return {}
        return {int(row["id"]): str(row["key"]) for row in answer["customers"]}
