"""The bot as staff pages see it: its tables in the messenger's database, and the pipelines of this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from bot.configure import put_settings
from bot.decision import Evidence
from bot.settings import BotSettings
from bot.turns import store
from bot.turns.preview import preview
from bot.turns.settings_store import StoredSettings, find_settings, list_versions
from bot.worker import FindDecider
from kefu.pages.staff.house import LastTurn, Preview, SettingsVersion
from messaging_core.api import Actor, AnyRow, Core, find_message_words, find_names
from messaging_core.errors import not_found


class LiveBot:
    """See BotSide."""

    def __init__(self, core: Core, find_decider: FindDecider) -> None:
        self._core = core
        self._find_decider = find_decider

    async def last_turn(self, *, enterprise_id: int, conversation_id: int) -> LastTurn | None:
        """See BotSide.last_turn."""

        def query(connection: Connection) -> LastTurn | None:
            row = store.find_last_decided(connection, enterprise_id=enterprise_id, conversation_id=conversation_id)
            return _turn(connection, row) if row is not None else None

        return await self._core.read(query)

    async def versions(self, *, enterprise_id: int) -> Sequence[SettingsVersion]:
        """See BotSide.versions."""

        def query(connection: Connection) -> list[SettingsVersion]:
            stored = list_versions(connection, enterprise_id) or [find_settings(connection, enterprise_id)]
            names = find_names(connection, [one.author_id for one in stored if one.author_id is not None])
            return [_version(one, names) for one in stored]

        return await self._core.read(query)

    async def save(self, actor: Actor, settings: BotSettings) -> None:
        """See BotSide.save."""
        assert actor.enterprise_id is not None
        enterprise_id = actor.enterprise_id
        await self._core.run(lambda unit: put_settings(unit, actor, enterprise_id=enterprise_id, settings=settings))

    async def preview(self, actor: Actor, settings: BotSettings, question: str) -> Preview:
        """See BotSide.preview; `not_found` while the enterprise has no trained bot."""
        assert actor.enterprise_id is not None
        decider = self._find_decider(actor.enterprise_id)
        if decider is None:
            raise not_found("bot")
        decided = await preview(
            self._core, actor, decider, enterprise_id=actor.enterprise_id, settings=settings, text=question
        )
        decision = decided.decision
        return Preview(
            act=decision.act,
            reason=decision.reason,
            replies=tuple((reply.kind, reply.body) for reply in decision.replies),
            intent=decision.intent,
            confidence=decision.confidence,
            evidence=decision.evidence,
        )


def _turn(connection: Connection, row: AnyRow) -> LastTurn:
    messages = [one for one in store.list_messages(connection, [row.id]).get(row.id, []) if one.origin == "person"]
    said = find_message_words(connection, row.conversation_id, [one.seq for one in messages])
    evidence = store.list_evidence(connection, [row.id]).get(row.id, [])
    return LastTurn(
        said="\n".join(said),
        act=row.act,
        reason=row.reason,
        intent=row.intent,
        confidence=row.confidence,
        handoff_reason=row.handoff_reason,
        evidence=tuple(Evidence(one.kind, one.source, one.text, one.score, _data(one.data)) for one in evidence),
    )


def _data(raw: str | None) -> dict[str, Any] | None:
    return msgspec.json.decode(raw, type=dict[str, Any]) if raw else None


def _version(stored: StoredSettings, names: dict[int, str]) -> SettingsVersion:
    author = names.get(stored.author_id, "") if stored.author_id is not None else ""
    return SettingsVersion(stored.version, stored.settings, author or "系统", stored.at_us)
