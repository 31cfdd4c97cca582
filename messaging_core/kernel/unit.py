"""One unit of work: a transaction, the time it happens at, and the events that are told after the commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from kefu.base.clock import Clock
from kefu.base.ids import IdFactory
from messaging_core.kernel.event_log import Event, insert_events
from messaging_core.settings import Settings


@dataclass(slots=True, frozen=True)
class Tools:
    """What actions need besides a connection."""

    clock: Clock
    ids: IdFactory
    settings: Settings
    catalogue_of: Callable[[int], Mapping[str, frozenset[int]] | None] | None = None
    """An enterprise's products with their prices in fen, as the application knows them (`commerce.goods_guard`)."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What rooms keep between units on this node, by the room's name; it can always be read anew."""


@dataclass(slots=True)
class Unit:
    """Handed to every action; actions write through `connection` and say what happened through `happen`."""

    connection: Connection
    tools: Tools
    now_us: int
    events: list[Event] = field(default_factory=list)
    revoked_tokens: list[int] = field(default_factory=list)
    banned_accounts: list[int] = field(default_factory=list)
    """Whose links end after the commit, on all nodes."""
    account_frames: list[tuple[int, bytes]] = field(default_factory=list)
    """(account, frame without `seq`): told to the links of one account, on all nodes, after the events."""
    quiet: dict[int, bytes] = field(default_factory=dict)
    """Whose do-not-disturb hours have changed, encoded (`delivery.quiet`): told to his links, on all nodes."""
    on_commit: list[Callable[[], None]] = field(default_factory=list)
    """Called on the event loop after the commit, before its events are told; must not raise."""

    @property
    def dialect(self) -> str:
        """Return `sqlite` or `postgresql`."""
        return self.connection.dialect.name

    def new_id(self) -> int:
        """Return a fresh id."""
        return self.tools.ids.new()

    def tell_account(self, account_id: int, frame: bytes) -> None:
        """Have a frame told to an account's links after the commit; it may be lost, a refetch heals that."""
        self.account_frames.append((account_id, frame))

    def happen(self, events: list[Event]) -> None:
        """Write events into the log, in this transaction, and have them told after the commit."""
        insert_events(self.connection, events)
        self.events.extend(events)
