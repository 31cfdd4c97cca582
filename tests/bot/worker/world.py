"""A shop whose bot is on, and how to look at what the bot has done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bot.settings import BotSettings
from bot.turns import tables
from bot.turns.settings_store import StoredSettings, find_settings, insert_settings
from bot.worker import BotWorker
from messaging_core.api import AnyRow, Core, Unit, find_session, list_events, set_bot
from messaging_core.integrations.store import consumer_cursors
from tests.bot.worker.deciders import Deciding
from tests.messaging_core.integrations.helpers import ask, message_of, say, texts_of, until
from tests.support.cast import Cast

SETTINGS = BotSettings(auto_reply=True, deadline_ms=10_000)


@dataclass(slots=True)
class Shop:
    """Moon Tea with a worker; `decider` decides for it."""

    core: Core
    cast: Cast
    decider: Deciding = field(default_factory=Deciding)
    worker: BotWorker | None = None

    async def open(self, settings: BotSettings | None = SETTINGS) -> Shop:
        """Turn the bot on, unless it is (None), and start its worker."""
        if settings is not None:
            await self.put(settings)
        self.worker = BotWorker(self.core, lambda _enterprise_id: self.decider)
        await self.core.subscribers.add(self.worker)
        return self

    async def put(self, settings: BotSettings) -> None:
        """Store further settings; the enterprise's bot is there exactly while it is on."""

        def action(unit: Unit) -> None:
            version = find_settings(unit.connection, self.cast.enterprise_id).version + 1
            stored = StoredSettings(version, settings, self.cast.id("bot"), self.cast.id("boss"), unit.now_us)
            insert_settings(unit.connection, self.cast.enterprise_id, stored)
            bot_id = self.cast.id("bot") if settings.auto_reply else None
            set_bot(unit, None, enterprise_id=self.cast.enterprise_id, bot_account_id=bot_id)

        await self.core.run(action)

    async def ask(self, who: str = "lin") -> int:
        """Open somebody's conversation with the shop."""
        return await ask(self.core, self.cast, who)

    async def say(self, conversation_id: int, text: str, who: str = "lin") -> int:
        """Say something and return its `seq`."""
        return (await say(self.core, self.cast[who], conversation_id, text)).seq

    async def heard(self, conversation_id: int) -> list[str]:
        """Return what the bot has said."""
        return await texts_of(self.core, conversation_id, sender_id=self.cast.id("bot"))

    async def hears(self, conversation_id: int, *texts: str) -> None:
        """Wait until the bot has said exactly this."""
        await until(lambda: self._has_said(conversation_id, list(texts)), what=f"the bot says {texts}")

    async def _has_said(self, conversation_id: int, texts: list[str]) -> bool:
        return await self.heard(conversation_id) == texts

    async def turns(self, conversation_id: int) -> list[AnyRow]:
        """Return the turns of a conversation, oldest first."""
        query = (
            select(tables.bot_turns)
            .where(tables.bot_turns.c.conversation_id == conversation_id)
            .order_by(tables.bot_turns.c.first_seq)
        )
        return await self.core.read(lambda connection: list(connection.execute(query)))

    async def settled(self, conversation_id: int, count: int) -> list[AnyRow]:
        """Wait until there are so many turns and return them."""

        async def enough() -> list[AnyRow] | None:
            rows = await self.turns(conversation_id)
            return rows if len(rows) >= count else None

        found: list[AnyRow] = await until(enough, what=f"{count} turns")
        assert len(found) == count
        return found

    async def messages(self, conversation_id: int) -> list[dict[str, Any]]:
        """Return everything that was said, as on the wire."""
        events = await self.core.read(
            lambda connection: list_events(connection, conversation_id, after_seq=0, to_seq=None, limit=1000)
        )
        return [message_of(event.message) for event in events if event.message is not None]

    async def digested(self, conversation_id: int, seq: int) -> bool:
        """Return whether the worker's cursor has passed an event."""
        query = select(consumer_cursors.c.seq).where(
            consumer_cursors.c.consumer == BotWorker.name, consumer_cursors.c.conversation_id == conversation_id
        )
        found = await self.core.read(lambda connection: connection.execute(query).scalar_one_or_none())
        return found is not None and found >= seq

    async def rows(self, name: str, **where: Any) -> list[AnyRow]:
        """Return the rows of one of the bot's tables."""
        table = tables.metadata.tables[name]
        query = select(table).filter_by(**where)
        return await self.core.read(lambda connection: list(connection.execute(query)))

    async def session_id(self, conversation_id: int) -> int:
        """Return the conversation's newest session."""
        session = await self.core.read(lambda connection: find_session(connection, conversation_id))
        assert session is not None
        return session.id
