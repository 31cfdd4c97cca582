"""The sweep: now and then it looks at the database itself and heals what a lost wake-up left behind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection

from kefu.base.clock import MINUTE_US
from messaging_core.conversations import store as conversations
from messaging_core.errors import StorageUnavailable
from messaging_core.identity import store as identity
from messaging_core.safety import store as safety

if TYPE_CHECKING:
    from messaging_core.core import Core

log = structlog.get_logger("kefu.delivery")
# Clocks of nodes differ and transactions take time: look this far behind the last sweep.
_MARGIN_US = MINUTE_US
_STALL_PERIOD_S = 0.05


class Sweep:
    """Compares feeds, memberships, tokens and bans with the database every `delivery.sweep_s` seconds."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._tasks: list[asyncio.Task[None]] = []
        self._since_us = 0

    def start(self) -> None:
        """Start the sweep."""
        self._since_us = self._core.clock.now_us()
        self._tasks.append(asyncio.create_task(self._forever(), name="sweep"))

    def watch(self) -> None:
        """Start to watch over the event loop's stalls: from when it serves, for before nobody waits for it."""
        self._tasks.append(asyncio.create_task(self._watch_loop(), name="loop-watch"))

    async def stop(self) -> None:
        """Stop both."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(self._core.settings.delivery.sweep_s)
            try:
                await self.once()
            except StorageUnavailable as error:
                log.warning("sweep.storage_unavailable", why=error.why)
            except Exception as error:  # the sweep must outlive any bug, and the bug must be seen
                self._core.refusal(error, doing="sweep")

    async def once(self) -> None:
        """Heal everything once."""
        core = self._core
        since_us, self._since_us = self._since_us - _MARGIN_US, core.clock.now_us()
        accounts = list(core.hub.links)
        tokens = [link.actor.token_id for links in core.hub.links.values() for link in links]

        def look(connection: Connection) -> tuple[list[conversations.ConversationRow], ...]:
            active = conversations.list_active_since(connection, since_us=since_us) if core.hub.feeds else []
            joined: list[conversations.MemberRow] = []
            for start in range(0, len(accounts), 500):
                joined += conversations.list_joined_since(connection, accounts[start : start + 500], since_us=since_us)
            return active, joined

        active, joined = await core.read(look)
        for row in active:
            feed = core.hub.feeds.get(row.id)
            if feed is not None and feed.head < row.last_seq:
                core.metrics.healed.inc()
                core.hub.look(row.id, row.last_seq)
        for row in joined:
            core.hub.bring(row.account_id, row.conversation_id)
        await self._check_tokens(tokens)
        await self._check_bans(accounts)
        core.presence.beat()
        await core.subscribers.sweep()
        await core.rota.sweep()

    async def _check_tokens(self, tokens: list[int]) -> None:
        core = self._core
        now_us = core.clock.now_us()
        for start in range(0, len(tokens), 500):
            part = tokens[start : start + 500]
            gone = await core.read(lambda c, part=part: identity.list_revoked(c, part, now_us=now_us))  # type: ignore[misc]
            if gone:
                core.cut_tokens(gone)

    async def _check_bans(self, accounts: list[int]) -> None:
        """Close what was opened while its account was being banned, here or on a node whose word was lost."""
        for start in range(0, len(accounts), 500):
            part = accounts[start : start + 500]
            for account_id in await self._core.read(lambda c, part=part: safety.list_banned(c, part)):  # type: ignore[misc]
                self._core.cut_account(account_id)

    async def _watch_loop(self) -> None:
        loop = asyncio.get_running_loop()
        longest = 0.0
        while True:
            before = loop.time()
            await asyncio.sleep(_STALL_PERIOD_S)
            late = loop.time() - before - _STALL_PERIOD_S
            if late > longest:
                longest = late
                self._core.metrics.stall.set(longest)
