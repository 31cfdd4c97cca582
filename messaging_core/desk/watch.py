"""What staff pages in this process hear: every event of their enterprise, and typing and cursors of its conversations.

A page that watches counts as an open connection: its agent is online, and a revoked token ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from messaging_core.core import Core
from messaging_core.delivery.link import Block, Link
from messaging_core.identity.policy import Actor
from messaging_core.kernel.event_log import Event

_LAG = 1_000_000_000


class Watcher(Protocol):
    """A page; all calls come on the event loop and must return at once."""

    def on_event(self, event: Event) -> None:
        """Hear of a committed event of one's enterprise."""

    def on_frame(self, conversation_id: int, frame: bytes) -> None:
        """Hear of typing or a read cursor, in any conversation."""

    def on_cut(self, code: str) -> None:
        """Hear that this watch has ended: `token_revoked` or `server_stopping`."""


class _Nowhere:
    """The carrier of a link whose page hears in another way."""

    def write(self, block: Block) -> int:
        """See Carrier.write."""
        return 0

    async def drained(self) -> None:
        """See Carrier.drained."""

    def close(self, code: int) -> None:
        """See Carrier.close."""


class DeskWatch:
    """All watching pages of this process."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._watchers: dict[int, list[Watcher]] = {}
        self._seen: dict[int, int] = {}
        """Newest `seq` that was told, of the conversations heard of: what another node wrote is read from there."""
        core.hub.listen(self._heard)
        core.hub.tap(self._tapped)
        core.hub.listen_to_nodes(self._woken)

    def open(self, actor: Actor, watcher: Watcher) -> Callable[[], None]:
        """Let a page watch its actor's enterprise; return what ends it."""
        enterprise_id = actor.enterprise_id
        assert enterprise_id is not None
        watchers = self._watchers.setdefault(enterprise_id, [])
        watchers.append(watcher)
        link = Link(
            actor=actor,
            carrier=_Nowhere(),
            session_id=self._core.tools.ids.new(),
            lang="zh",
            lag_limit=_LAG,
            on_cut=watcher.on_cut,
        )
        link.held = None  # it never has a welcome
        self._core.hub.add_link(link)

        def close() -> None:
            if watcher in watchers:
                watchers.remove(watcher)
            self._core.hub.remove_link(link)

        return close

    def _heard(self, events: list[Event]) -> None:
        if not any(self._watchers.values()):
            return
        for event in events:
            if event.enterprise_id is not None and event.only_for is None:
                self._tell(event)

    def _tell(self, event: Event) -> None:
        assert event.enterprise_id is not None
        self._seen[event.conversation_id] = max(event.seq, self._seen.get(event.conversation_id, 0))
        for watcher in tuple(self._watchers.get(event.enterprise_id, ())):
            watcher.on_event(event)

    def _tapped(self, conversation_id: int, frame: bytes) -> None:
        for watchers in self._watchers.values():
            for watcher in tuple(watchers):
                watcher.on_frame(conversation_id, frame)

    def _woken(self, conversation_id: int, seq: int) -> None:
        if any(self._watchers.values()):
            self._core.spawn(self._read(conversation_id, seq), name="desk-watch")

    async def _read(self, conversation_id: int, seq: int) -> None:
        after = min(self._seen.get(conversation_id, seq - 1), seq - 1)
        for event in await self._core.catch_up.read_events(conversation_id, after):
            if event.enterprise_id is None or event.only_for is not None:
                continue
            if event.seq > self._seen.get(conversation_id, 0):
                self._tell(event)
