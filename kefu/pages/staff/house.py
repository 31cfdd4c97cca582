"""What staff pages are built on: the messenger, and what the shop and the bot hand in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.decision import Evidence
from bot.settings import BotSettings
from bot.shop import Shop
from kefu.catalogues import Catalogues
from messaging_core.api import Actor, Core, DeskWatch


@dataclass(slots=True, frozen=True)
class LastTurn:
    """The bot's last decision in a conversation, as the desk shows it."""

    said: str
    act: str
    reason: str
    intent: str | None
    confidence: float | None
    handoff_reason: str | None
    evidence: tuple[Evidence, ...]


@dataclass(slots=True, frozen=True)
class SettingsVersion:
    """One version of the bot's settings; version 0: nothing was ever set."""

    version: int
    settings: BotSettings
    author: str
    at_us: int


@dataclass(slots=True, frozen=True)
class Preview:
    """What the bot would say; nothing is sent. `replies` are (kind, body)."""

    act: str
    reason: str
    replies: tuple[tuple[str, Mapping[str, Any]], ...]
    intent: str | None
    confidence: float | None
    evidence: tuple[Evidence, ...]


class BotSide(Protocol):
    """What the pages ask of the bot."""

    async def last_turn(self, *, enterprise_id: int, conversation_id: int) -> LastTurn | None:
        """Return the bot's last decision in a conversation."""
        ...

    async def versions(self, *, enterprise_id: int) -> Sequence[SettingsVersion]:
        """Return the versions of the settings, newest first; at least one."""
        ...

    async def save(self, actor: Actor, settings: BotSettings) -> None:
        """Make the next version of the settings; it is in force for the next turn."""
        ...

    async def preview(self, actor: Actor, settings: BotSettings, question: str) -> Preview:
        """Decide a question under settings that are not in force."""
        ...


@dataclass(slots=True, frozen=True)
class DemoPerson:
    """Somebody whom anybody may play."""

    key: str
    name: str
    about: str


class DemoDoor(Protocol):
    """The demo's log-in for staff."""

    async def people(self) -> Sequence[DemoPerson]:
        """Return who may be played."""
        ...

    async def enter(self, key: str) -> str | None:
        """Return a fresh token for one of them, None for somebody else."""
        ...


ShopOf = Callable[[int], Shop | None]
"""Returns the shop of an enterprise, by its id."""


def _no_shop(_enterprise_id: int) -> Shop | None:
    return None


@dataclass(slots=True, frozen=True)
class StaffHouse:
    """Handed to every staff page."""

    core: Core
    watch: DeskWatch
    bot: BotSide | None = None
    shop_of: ShopOf = field(default=_no_shop)
    demo: DemoDoor | None = None
    catalogues: Catalogues | None = None
