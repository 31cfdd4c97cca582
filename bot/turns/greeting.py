"""The greeting: once at the start of each session, in the transaction that moves the cursor past its beginning."""

from __future__ import annotations

from typing import Any

import msgspec

from bot.hours import is_open
from bot.turns.settings_store import SettingsCache
from messaging_core.api import Actor, Delivery, SendRequest, Sent, Unit, find_bot, find_session, send_batch


def greet(unit: Unit, delivery: Delivery, cache: SettingsCache) -> None:
    """Say the greeting in a session that has just opened, unless the bot is off, off duty, or no longer has it."""
    event = delivery.event
    opened = msgspec.json.decode(event.data or b"{}", type=dict[str, Any])
    stored = cache.get(unit.connection, event.enterprise_id or 0)
    settings, to_seq = stored.settings, event.seq
    if settings.auto_reply and settings.greeting.strip() and is_open(settings.hours, at_us=unit.now_us):
        session = find_session(unit.connection, event.conversation_id)
        bot_id = find_bot(unit.connection, event.enterprise_id or 0)
        if session is not None and bot_id is not None and str(session.id) == opened.get("session_id"):
            greeting = SendRequest(
                actor=Actor(bot_id, "bot", settings.name, enterprise_id=session.enterprise_id),
                conversation_id=event.conversation_id,
                # The session's own key: however often its beginning is told, it is greeted once.
                client_msg_id=f"greeting:{session.id}",
                kind="text",
                v=1,
                body=msgspec.json.encode({"text": settings.greeting}),
                settle=lambda _request, _outcome: None,
                # As it was opened: after any step since, a greeting comes too late.
                assignment_version=opened.get("assignment_version"),
            )
            outcome = send_batch(unit, [greeting])[0]
            if isinstance(outcome, Sent) and outcome.seq == event.seq + 1:
                to_seq = outcome.seq
    delivery.advance(unit, to_seq=to_seq)
