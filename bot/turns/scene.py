"""What a turn is assembled from, read in one go: the messages that wait, the session, the memory, the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from bot.dialogue.state import DialogueState
from bot.hours import is_open
from bot.turn import CustomerMessage, Line, Origin
from bot.turns import store
from bot.turns.settings_store import SettingsCache, StoredSettings
from kefu.base.clock import parse_time
from messaging_core.api import MESSAGE_SENT, Event, ServiceSession, find_bot, find_session, list_before, list_events

_HISTORY = 20
RECALLED = "recalled"
"""The kind of a message that was taken back: it says nothing any more, and still needs its turn."""
QUEUE_TOLD = "queue_told"
"""The reason of a turn in which a waiting customer was told that an agent comes."""
_PAGE = 500
"""Events read at once: a burst that is longer goes on in the next turn."""


class _Message(msgspec.Struct):
    id: str
    origin: Origin
    kind: str
    body: dict[str, Any]
    at: str


class _Step(msgspec.Struct):
    session_id: str


_STEP = "session."
_TAKEN_BACK = "message.recalled"
_decode = msgspec.json.Decoder(_Message).decode
_decode_step = msgspec.json.Decoder(_Step).decode


@dataclass(frozen=True, slots=True)
class Scene:
    """A conversation as a turn finds it.

    `messages` wait for an outcome. `overtaken` is the step (`assigned`, `closed`, ...) that the session took after they
    were written, if it did: whoever had it then was to answer them, and `session_id` is what it was then. `head` is the
    last `seq` that was read; `whole` says that the turn has all that waits up to there.
    """

    stored: StoredSettings
    bot_id: int | None
    session: ServiceSession
    session_id: int
    messages: tuple[CustomerMessage, ...]
    overtaken: str | None
    head: int
    whole: bool
    history: tuple[Line, ...]
    state: DialogueState | None
    off_hours: bool
    told_hours: bool
    """Whether this session has been told the hours already."""
    told_queue: bool
    """Whether the customer has been told, since the session was queued, that he is waiting for an agent."""


def is_from_person(event: Event) -> bool:
    """Return whether an event is a person's message: bots, agents and the system never trigger the bot."""
    return event.kind == MESSAGE_SENT and event.message is not None and _decode(event.message).origin == "person"


def read_scene(
    connection: Connection,
    cache: SettingsCache,
    *,
    enterprise_id: int,
    conversation_id: int,
    from_seq: int,
    now_us: int,
) -> Scene | None:
    """Return what waits from `from_seq` on; None when nothing does, or when it is no service conversation."""
    events = list_events(connection, conversation_id, after_seq=from_seq - 1, to_seq=None, limit=_PAGE)
    waiting = _waiting(connection, events)
    session = find_session(connection, conversation_id)
    if not waiting or session is None:
        return None
    step = next((event for event in events if event.seq > waiting[0].seq and event.kind.startswith(_STEP)), None)
    messages = tuple(message for message in waiting if step is None or message.seq < step.seq)
    stored = cache.get(connection, enterprise_id)
    off_hours = not is_open(stored.settings.hours, at_us=now_us)
    return Scene(
        stored=stored,
        bot_id=find_bot(connection, enterprise_id),
        session=session,
        session_id=int(_decode_step(step.data or b"").session_id) if step is not None else session.id,
        messages=messages,
        overtaken=step.kind.removeprefix(_STEP) if step is not None else None,
        head=events[-1].seq,
        whole=len(messages) == len(waiting) and len(events) < _PAGE,
        history=_history(connection, conversation_id, before_seq=messages[0].seq),
        state=store.find_state(connection, session.id),
        off_hours=off_hours,
        told_hours=off_hours
        and store.has_reason(connection, conversation_id=conversation_id, session_id=session.id, reason="hours"),
        told_queue=session.state == "queued"
        and store.has_reason(
            connection,
            conversation_id=conversation_id,
            session_id=session.id,
            reason=QUEUE_TOLD,
            since_us=session.queued_at_us or 0,
        ),
    )


def _waiting(connection: Connection, events: Sequence[Event]) -> list[CustomerMessage]:
    found = []
    for event in events:
        if event.kind != MESSAGE_SENT or event.message is None:
            continue
        message = _decode(event.message)
        if message.origin == "person":
            found.append(
                CustomerMessage(
                    message_id=int(message.id),
                    seq=event.seq,
                    kind=message.kind,
                    text=message.body.get("text", ""),
                    body=message.body,
                    at_us=event.at_us,
                )
            )
    if not found:
        return []
    taken = store.list_taken(connection, [message.message_id for message in found])
    return [message for message in found if message.message_id not in taken]


def _history(connection: Connection, conversation_id: int, *, before_seq: int) -> tuple[Line, ...]:
    rows = list_before(connection, conversation_id, before_seq=before_seq, from_seq=1, limit=_HISTORY)
    messages = [_decode(row) for row in reversed(rows)]
    return tuple(Line(message.origin, words_of(message.body), parse_time(message.at)) for message in messages)


def words_of(body: Mapping[str, Any]) -> str:
    """Return what a message says in words: its text, or the title of a card."""
    return str(body.get("text") or body.get("title") or "")


def read_news(connection: Connection, conversation_id: int, *, after_seq: int) -> bool:
    """Return whether anything came after a `seq` that a decision must know.

    That is a person's message, a message that was taken back, a session's step.
    """
    events = list_events(connection, conversation_id, after_seq=after_seq, to_seq=None, limit=_PAGE)
    return any(event.kind.startswith(_STEP) or event.kind == _TAKEN_BACK or is_from_person(event) for event in events)
