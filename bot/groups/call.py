"""What calls a bot in a community: a message that names it, or a question that nobody has answered in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from bot.hours import is_open
from bot.turn import CustomerMessage
from bot.turns import store
from bot.turns.settings_store import SettingsCache, StoredSettings
from messaging_core.api import MESSAGE_SENT, Event, find_bot, find_names, is_member, list_events

QUESTION_UNANSWERED = "question.unanswered"


class _Message(msgspec.Struct):
    id: str
    origin: str
    kind: str
    body: dict[str, Any]
    mentions: list[str] = []


class _Unanswered(msgspec.Struct):
    message_seq: int


_decode = msgspec.json.Decoder(_Message).decode
_decode_unanswered = msgspec.json.Decoder(_Unanswered).decode


@dataclass(frozen=True, slots=True)
class Call:
    """A question for the bot; `named`: it was called by name, so it owes a word."""

    enterprise_id: int
    conversation_id: int
    bot_id: int
    stored: StoredSettings
    message: CustomerMessage
    named: bool


def may_be_call(event: Event) -> bool:
    """Return at a glance whether an event may call a bot; nearly all that a group says does not."""
    if event.kind == QUESTION_UNANSWERED:
        return True
    return event.kind == MESSAGE_SENT and event.message is not None and b'"mentions":' in event.message


def read_call(connection: Connection, cache: SettingsCache, event: Event, *, now_us: int) -> Call | None:
    """Return the question that an event brings to the enterprise's bot.

    None when it brings none: another one was called, the message was recalled meanwhile or is answered already, the
    bot is off, is no member, or it is outside its hours.
    """
    enterprise_id, conversation_id = event.enterprise_id or 0, event.conversation_id
    named = event.kind == MESSAGE_SENT
    seq = event.seq if named else _decode_unanswered(event.data or b"").message_seq
    message = _find(connection, conversation_id, seq)
    bot_id = find_bot(connection, enterprise_id)
    if message is None or bot_id is None or message.origin != "person" or message.kind != "text":
        return None
    if named != (str(bot_id) in message.mentions):  # who is called by name has been asked then, and not later
        return None
    stored = cache.get(connection, enterprise_id)
    if not stored.settings.auto_reply or not is_open(stored.settings.hours, at_us=now_us):
        return None
    message_id = int(message.id)
    if not is_member(connection, conversation_id, bot_id) or store.list_taken(connection, [message_id]):
        return None
    name = find_names(connection, [bot_id]).get(bot_id, "")
    text = str(message.body["text"])
    asked = text.replace(f"@{name}", " ").strip() or text
    question = CustomerMessage(message_id, seq, "text", asked, {"text": asked}, now_us)
    return Call(enterprise_id, conversation_id, bot_id, stored, question, named)


def _find(connection: Connection, conversation_id: int, seq: int) -> _Message | None:
    """Return a message as it is now."""
    events = list_events(connection, conversation_id, after_seq=seq - 1, to_seq=seq, limit=1)
    found = events[0].message if events else None
    return _decode(found) if found is not None else None
