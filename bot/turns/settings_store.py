"""The versions of each enterprise's settings, and the cache that a turn reads them from."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select

from bot.settings import BotSettings
from bot.turns.tables import bot_settings
from messaging_core.api import AnyRow


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """One version; version 0 stands for an enterprise that has never set anything.

    `bot_account_id` is the account that this bot speaks as, also while it is off.
    """

    version: int = 0
    settings: BotSettings = field(default_factory=BotSettings)
    bot_account_id: int | None = None
    author_id: int | None = None
    at_us: int = 0


_VERSION = select(func.max(bot_settings.c.version)).where(bot_settings.c.enterprise_id == bindparam("enterprise_id"))
_NEWEST = (
    select(bot_settings)
    .where(bot_settings.c.enterprise_id == bindparam("enterprise_id"))
    .order_by(bot_settings.c.version.desc())
    .limit(1)
)


def find_settings(connection: Connection, enterprise_id: int) -> StoredSettings:
    """Return the version in force."""
    row = connection.execute(_NEWEST, {"enterprise_id": enterprise_id}).one_or_none()
    return _to_stored(row) if row is not None else StoredSettings()


def list_versions(connection: Connection, enterprise_id: int) -> list[StoredSettings]:
    """Return all versions, newest first."""
    rows = connection.execute(_NEWEST.limit(None), {"enterprise_id": enterprise_id})
    return [_to_stored(row) for row in rows]


def _to_stored(row: AnyRow) -> StoredSettings:
    settings = msgspec.json.decode(row.body, type=BotSettings)
    return StoredSettings(row.version, settings, row.bot_account_id, row.author_id, row.at)


def insert_settings(connection: Connection, enterprise_id: int, stored: StoredSettings) -> None:
    """Add a version; two writers at once break on its number, and the second tries again."""
    connection.execute(
        insert(bot_settings).values(
            enterprise_id=enterprise_id,
            version=stored.version,
            body=msgspec.json.encode(stored.settings).decode(),
            bot_account_id=stored.bot_account_id,
            author_id=stored.author_id,
            at=stored.at_us,
        )
    )


class SettingsCache:
    """Settings by enterprise: each look asks for the newest version's number alone, and reads it when it is new.

    Used from several threads: an entry is replaced as a whole, never changed.
    """

    def __init__(self) -> None:
        self._known: dict[int, StoredSettings] = {}

    def get(self, connection: Connection, enterprise_id: int) -> StoredSettings:
        """Return the version in force."""
        version = connection.execute(_VERSION, {"enterprise_id": enterprise_id}).scalar_one() or 0
        known = self._known.get(enterprise_id)
        if known is None or known.version != version:
            known = self._known[enterprise_id] = find_settings(connection, enterprise_id)
        return known
